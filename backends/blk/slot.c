/* SPDX-License-Identifier: MIT */
/* The pool of slots. Those used last are used next: they are in the cache. */
#include "slot.h"

#include <errno.h>
#include <stdlib.h>

int slot_pool_open(struct slot_pool *pool, uint32_t n_slots)
{
	pool->slots = calloc(n_slots, sizeof(*pool->slots));
	pool->frames = calloc(n_slots, sizeof(*pool->frames));
	if (!pool->slots || !pool->frames) {
		slot_pool_close(pool);
		return -ENOMEM;
	}
	pool->n_slots = n_slots;
	pool->n_touched = 0;
	pool->busy = 0;
	STAILQ_INIT(&pool->unused);
	return 0;
}

void slot_pool_close(struct slot_pool *pool)
{
	free(pool->slots);
	free(pool->frames);
	pool->slots = NULL;
	pool->frames = NULL;
}

static struct slot *slot_touch(struct slot_pool *pool)
{
	struct slot *slot = &pool->slots[pool->n_touched];

	slot->frame = &pool->frames[pool->n_touched];
	slot->number = pool->n_touched++;
	return slot;
}

static struct slot *slot_begin(struct slot_pool *pool, struct slot *slot)
{
	pool->busy++;
	slot->piece.n_pages = 0;
	slot->status = BLKIF_RSP_OKAY;
	slot->retries = 0;
	slot->refused = false;
	slot->moved = 0;
	STAILQ_INIT(&slot->joined);
	slot->joined_bytes = 0;
	return slot;
}

struct slot *slot_get(struct slot_pool *pool)
{
	struct slot *slot = STAILQ_FIRST(&pool->unused);

	if (slot)
		STAILQ_REMOVE_HEAD(&pool->unused, link);
	else if (pool->n_touched < pool->n_slots)
		slot = slot_touch(pool);
	else
		return NULL;
	return slot_begin(pool, slot);
}

struct slot *slot_claim(struct slot_pool *pool, uint32_t number)
{
	struct slot *slot;

	while (pool->n_touched <= number) {
		slot = slot_touch(pool);
		STAILQ_INSERT_TAIL(&pool->unused, slot, link);
	}
	slot = &pool->slots[number];
	STAILQ_REMOVE(&pool->unused, slot, slot, link);
	return slot_begin(pool, slot);
}

void slot_put(struct slot_pool *pool, struct slot *slot)
{
	STAILQ_INSERT_HEAD(&pool->unused, slot, link);
	pool->busy--;
}
