/* SPDX-License-Identifier: MIT */
/*
 * A place for each request that is being served: its private copy, what it
 * means, and a buffer that holds the largest one. A slot is got before a
 * request is taken and put back once it has been answered.
 */
#ifndef XN_BLK_SLOT_H
#define XN_BLK_SLOT_H

#include <sys/queue.h>

#include "request.h"

#define SLOTS 32 /* as many as a one-page ring can have outstanding */

struct err;

struct slot {
	SLIST_ENTRY(slot) link;
	uint32_t number; /* its place in the pool */
	union blk_wire wire;
	struct blk_io io;
	int16_t status;	 /* the answer, as far as it is known */
	uint8_t retries; /* after EAGAIN or EINTR */
	uint64_t moved;	 /* bytes between the buffer and the image so far */
	uint8_t *buffer; /* SLOT_BYTES, page-aligned; the pool's */
};

struct slot_pool {
	struct slot slots[SLOTS];
	SLIST_HEAD(, slot) unused;
	unsigned int busy;
	uint8_t *memory; /* owned */
};

#define SLOT_BYTES	(BLK_DIRECT_SEGMENTS * XC_PAGE_SIZE)
#define SLOT_POOL_BYTES (SLOTS * SLOT_BYTES)

/* 0 or -errno with *e set. */
int slot_pool_open(struct slot_pool *pool, struct err *e);
void slot_pool_close(struct slot_pool *pool);

/* NULL when all are busy. wire is the caller's to fill, the rest is zero. */
struct slot *slot_get(struct slot_pool *pool);
void slot_put(struct slot_pool *pool, struct slot *slot);

#endif
