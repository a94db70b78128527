/* SPDX-License-Identifier: MIT */
/*
 * Reading, writing and flushing one image through an io_uring. Operations are
 * prepared one by one and handed to the kernel together by uring_submit; at
 * most URING_DEPTH may be outstanding. Their memory lies in buffers that the
 * kernel has pinned beforehand where it would.
 */
#ifndef XN_BLK_URING_H
#define XN_BLK_URING_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define URING_DEPTH   512 /* a request each, of the largest ring */
#define URING_BUFFERS 4
#define URING_BATCH   64 /* reaped at a time */

struct err;
struct uring;

/* tag: as given when the operation was prepared. result: bytes, or -errno. */
struct uring_done {
	uint64_t tag;
	int result;
};

/* To be called before confinement. NULL with *e set. */
struct uring *uring_open(struct err *e);

/*
 * From here on this thread alone uses it, until uring_close. Comes before
 * everything below. May be repeated. 0 or -errno.
 */
int uring_enable(struct uring *u);

/* Cancels what is outstanding and waits for it. NULL is fine. */
void uring_close(struct uring *u);

/* Readable when something is done. */
int uring_fd(const struct uring *u);

/* The image to work on; the kernel keeps a reference. 0 or -errno. */
int uring_set_image(struct uring *u, int fd);

/* Nothing may be outstanding. Fine without an image. */
void uring_drop_image(struct uring *u);

/*
 * Has the kernel pin memory (borrowed until uring_unpin) as the buffer of
 * this number, which is less than URING_BUFFERS; without it I/O works and is
 * slower. Nothing may be outstanding in a buffer that is unpinned.
 */
void uring_pin(struct uring *u, unsigned int buffer, void *memory,
	       size_t bytes);
void uring_unpin(struct uring *u, unsigned int buffer);

/* offset is into the image; at lies in the buffer of this number. */
void uring_read(struct uring *u, uint64_t tag, unsigned int buffer, void *at,
		uint32_t bytes, uint64_t offset);

/* durable: on the disk itself, and not in a cache, once this is done. */
void uring_write(struct uring *u, uint64_t tag, unsigned int buffer,
		 const void *at, uint32_t bytes, uint64_t offset, bool durable);

/* What has been done so far is on the disk once this is done. */
void uring_flush(struct uring *u, uint64_t tag);

/*
 * Nobody needs these bytes any more: a file gets a hole there, a device is
 * told. plain: by a call that every kernel has, with zeroes where the device
 * can write them at no cost; else in a way that some answer -EOPNOTSUPP.
 */
void uring_discard(struct uring *u, uint64_t tag, uint64_t offset,
		   uint64_t bytes, bool plain);

/*
 * Hands over what was prepared; no system call when that is nothing. 0, or
 * -errno: -EAGAIN when the kernel is short of memory now (call it again),
 * anything else for good.
 */
int uring_submit(struct uring *u);

/* Fills done with at most max, which is up to URING_BATCH. How many. */
unsigned int uring_reap(struct uring *u, struct uring_done *done,
			unsigned int max);

#endif
