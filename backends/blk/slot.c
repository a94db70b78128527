/* SPDX-License-Identifier: MIT */
/* The pool of slots and the one piece of memory behind their buffers. */
#include "slot.h"

#include <errno.h>
#include <sys/mman.h>

#include "base/err.h"

int slot_pool_open(struct slot_pool *pool, struct err *e)
{
	void *memory = mmap(NULL, SLOT_POOL_BYTES, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	unsigned int i;

	if (memory == MAP_FAILED)
		return err_errno(e, errno, "cannot get %lu bytes for buffers",
				 SLOT_POOL_BYTES);
	pool->memory = memory;
	pool->busy = 0;
	SLIST_INIT(&pool->unused);
	for (i = SLOTS; i-- > 0;) {
		pool->slots[i].number = i;
		pool->slots[i].buffer = pool->memory + i * SLOT_BYTES;
		SLIST_INSERT_HEAD(&pool->unused, &pool->slots[i], link);
	}
	return 0;
}

void slot_pool_close(struct slot_pool *pool)
{
	if (pool->memory)
		munmap(pool->memory, SLOT_POOL_BYTES);
	pool->memory = NULL;
}

struct slot *slot_get(struct slot_pool *pool)
{
	struct slot *slot = SLIST_FIRST(&pool->unused);

	if (!slot)
		return NULL;
	SLIST_REMOVE_HEAD(&pool->unused, link);
	pool->busy++;
	slot->status = BLKIF_RSP_OKAY;
	slot->retries = 0;
	slot->moved = 0;
	return slot;
}

void slot_put(struct slot_pool *pool, struct slot *slot)
{
	SLIST_INSERT_HEAD(&pool->unused, slot, link);
	pool->busy--;
}
