/* SPDX-License-Identifier: MIT */
/*
 * Frames that other queues of a vif have read from their taps and that the
 * guest wants on this one. Bounded: what finds no room is dropped by whoever
 * brings it. Two buffers: one is filled, under a lock, while the other is
 * emptied without.
 */
#ifndef XN_NET_INBOX_H
#define XN_NET_INBOX_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "frame.h"
#include "hash.h"

#define INBOX_BYTES (256u * 1024) /* of each buffer; backed when it is used */

struct inbox {
	pthread_mutex_t lock; /* for filling, and its buffer */
	uint8_t *buffers[2];  /* owned */
	size_t used[2];
	unsigned int filling; /* this one; the other belongs to the taker */
	size_t taken;	      /* bytes of the other */
	int ready;	      /* owned: an eventfd, readable when some came */
};

/* What comes with a frame. */
struct inbox_label {
	uint32_t size;
	struct frame_marks marks;
	struct hash hash;
};

/* 0 or -errno. On failure too, inbox_close may be called. */
int inbox_open(struct inbox *b);

/* When nobody puts or takes any more. Fine when all zero. */
void inbox_close(struct inbox *b);

/* From any thread: copies a frame. False when there is no room for it. */
bool inbox_put(struct inbox *b, const struct inbox_label *label,
	       const uint8_t *frame);

/* ---- in the thread of its queue ---- */

/*
 * The oldest frame, of at most ARENA_FRAME_MAX bytes, is copied to frame. False
 * when there is none.
 */
bool inbox_take(struct inbox *b, struct inbox_label *label, uint8_t *frame);

bool inbox_is_empty(struct inbox *b);

#endif
