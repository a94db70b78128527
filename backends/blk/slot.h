/* SPDX-License-Identifier: MIT */
/*
 * A place for each request that is being served: its private copy, what it
 * means, and where its data is. A slot is got before a request is taken and
 * put back once it has been answered. There is one for each entry of the
 * ring, so what a guest may have outstanding is all that is ever held.
 */
#ifndef XN_BLK_SLOT_H
#define XN_BLK_SLOT_H

#include <sys/queue.h>

#include "arena.h"
#include "request.h"

STAILQ_HEAD(slot_list, slot);

/*
 * Small: a turn walks through the slots of all its requests several times,
 * and what only an indirect one needs must not lie in between.
 */
struct slot {
	STAILQ_ENTRY(slot) link; /* of the one list that it is in */
	uint32_t number;	 /* its place in the pool */
	union blk_wire wire;
	struct blk_io io;
	union blk_frame *frame;	  /* borrowed, for when io.indirect */
	struct arena_piece piece; /* of a read or write that has begun */
	int16_t status;		  /* the answer, as far as it is known */
	uint8_t retries;	  /* after EAGAIN or EINTR */
	bool refused;		  /* it is no work for the image */
	uint64_t moved;		  /* bytes to or from the image so far */
	struct slot_list joined;  /* those that go to the image with it, */
	uint64_t joined_bytes;	  /* and how much that adds */
	uint64_t taken_at;	  /* by ticks_now */
};

struct slot_pool {
	struct slot *slots;	 /* owned; NULL: not open */
	union blk_frame *frames; /* owned: one each, untouched until needed */
	uint32_t n_slots;
	uint32_t n_touched; /* those behind have never been used */
	struct slot_list unused;
	uint32_t busy;
};

/* 0 or -ENOMEM. */
int slot_pool_open(struct slot_pool *pool, uint32_t n_slots);

/* Fine when not open. */
void slot_pool_close(struct slot_pool *pool);

/* NULL when all are busy. wire and io are the caller's to fill. */
struct slot *slot_get(struct slot_pool *pool);

/*
 * The one of this number, which is not busy: for a request that had it in
 * another life. Slow.
 */
struct slot *slot_claim(struct slot_pool *pool, uint32_t number);
void slot_put(struct slot_pool *pool, struct slot *slot);

#endif
