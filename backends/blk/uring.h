/* SPDX-License-Identifier: MIT */
/*
 * A store that is one file or block device, read and written through an
 * io_uring. What is prepared goes to the kernel with one system call; the
 * memory lies in buffers that the kernel has pinned beforehand where it
 * would.
 */
#ifndef XN_BLK_URING_H
#define XN_BLK_URING_H

struct err;
struct store;
struct uring;

/* To be called before confinement. NULL with *e set. */
struct uring *uring_open(struct err *e);

/*
 * From here on this thread alone uses it, until uring_close. Comes before
 * everything below. May be repeated. 0 or -errno.
 */
int uring_enable(struct uring *u);

/* Cancels what is outstanding and waits for it. NULL is fine. */
void uring_close(struct uring *u);

/* The image to work on, borrowed until it is dropped. 0 or -errno. */
int uring_set_image(struct uring *u, int fd);

/* Nothing may be outstanding. Fine without an image. */
void uring_drop_image(struct uring *u);

/*
 * Itself, for use. A discard gives a file a hole, and a device is told of it,
 * at once, in the call that prepares it. Buffers that are not pinned work and
 * are slower.
 */
struct store *uring_store(struct uring *u);

#endif
