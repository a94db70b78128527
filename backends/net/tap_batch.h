/* SPDX-License-Identifier: MIT */
/*
 * Many frames to a tap with one system call, through an io_uring: they are
 * written one after the other while it lasts, and in that order, so that
 * nothing is under way when it returns: what cannot be brought to an end ends
 * the process. The ring does nothing but write, and keeps no file open.
 */
#ifndef XN_NET_TAP_BATCH_H
#define XN_NET_TAP_BATCH_H

#include <stdint.h>

#define TAP_BATCH_MAX 64u

struct frame_marks;
struct tap_batch;

/* A frame as tap_write takes it, and what came of it: 0 or -errno. */
struct tap_frame {
	uint8_t *data;
	uint32_t size;
	const struct frame_marks *marks;
	int rc;
};

/*
 * To be called before confinement; to be used by one thread at a time. NULL
 * when the kernel has no io_uring for us: frames are then written singly.
 */
struct tap_batch *tap_batch_open(void);
/* NULL is fine. */
void tap_batch_close(struct tap_batch *b);

/*
 * Writes n frames, at most TAP_BATCH_MAX, in their order, as tap_write would.
 * b: NULL to write them singly.
 */
void tap_batch_write(struct tap_batch *b, int fd, struct tap_frame *frames,
		     unsigned int n);

#endif
