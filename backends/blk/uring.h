/* SPDX-License-Identifier: MIT */
/*
 * Reading, writing and flushing one image through an io_uring. Operations are
 * prepared one by one and handed to the kernel together by uring_submit; at
 * most URING_DEPTH may be outstanding. Their buffers lie in one piece of
 * memory that the kernel has pinned beforehand.
 */
#ifndef XN_BLK_URING_H
#define XN_BLK_URING_H

#include <stdint.h>
#include <sys/types.h>

#define URING_DEPTH 32

struct err;
struct uring;

/* tag: as given when the operation was prepared. result: bytes, or -errno. */
struct uring_done {
	uint64_t tag;
	int result;
};

/* memory is borrowed. To be called before confinement. NULL with *e set. */
struct uring *uring_open(void *memory, size_t bytes, struct err *e);

/* Cancels what is outstanding and waits for it. NULL is fine. */
void uring_close(struct uring *u);

/* Readable when something is done. */
int uring_fd(const struct uring *u);

/* The image to work on; the kernel keeps a reference. 0 or -errno. */
int uring_set_image(struct uring *u, int fd);

/* Nothing may be outstanding. Fine without an image. */
void uring_drop_image(struct uring *u);

/* offset is into the image; buffer lies in the memory given to uring_open. */
void uring_read(struct uring *u, uint64_t tag, void *buffer, uint32_t bytes,
		uint64_t offset);
void uring_write(struct uring *u, uint64_t tag, const void *buffer,
		 uint32_t bytes, uint64_t offset);

/* What has been done so far is on the disk once this is done. */
void uring_flush(struct uring *u, uint64_t tag);

/*
 * Hands over what was prepared; no system call when that is nothing. 0, or
 * -errno: -EAGAIN when the kernel is short of memory now (call it again),
 * anything else for good.
 */
int uring_submit(struct uring *u);

/* Fills done with at most max. Returns how many. */
unsigned int uring_reap(struct uring *u, struct uring_done *done,
			unsigned int max);

#endif
