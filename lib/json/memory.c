/* SPDX-License-Identifier: MIT */
/* An allocator that never says no: it leaves instead. */
#include "json/memory.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

struct block {
	LIST_ENTRY(block) link;
	_Alignas(max_align_t) unsigned char bytes[];
};

static struct block *block_of(void *bytes)
{
	return (void *)((char *)bytes - offsetof(struct block, bytes));
}

/* old is off the list. */
static void *resize(struct memory *m, struct block *old, size_t size)
{
	struct block *b = NULL;

	if (size <= PTRDIFF_MAX - sizeof(*b))
		b = realloc(old, sizeof(*b) + size);
	if (!b) {
		free(old);
		longjmp(m->out, 1);
	}
	LIST_INSERT_HEAD(&m->blocks, b, link);
	return b->bytes;
}

static void *on_malloc(void *ctx, size_t size)
{
	return resize(ctx, NULL, size);
}

static void *on_realloc(void *ctx, void *bytes, size_t size)
{
	struct block *old = bytes ? block_of(bytes) : NULL;

	if (old)
		LIST_REMOVE(old, link);
	return resize(ctx, old, size);
}

static void on_free(void *ctx, void *bytes)
{
	struct block *b = bytes ? block_of(bytes) : NULL;

	(void)ctx;
	if (b)
		LIST_REMOVE(b, link);
	free(b);
}

bool memory_run(struct memory *m, void (*run)(void *arg), void *arg)
{
	struct block *b;
	bool ok;

	LIST_INIT(&m->blocks);
	m->funcs = (yajl_alloc_funcs){on_malloc, on_realloc, on_free, m};
	ok = setjmp(m->out) == 0;
	if (ok)
		run(arg);
	while ((b = LIST_FIRST(&m->blocks))) {
		LIST_REMOVE(b, link);
		free(b);
	}
	return ok;
}
