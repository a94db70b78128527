/* SPDX-License-Identifier: MIT */
/* Private memory for the frames of one pass. */
#include "arena.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#define ARENA_BYTES (512u * 1024)
#define PAGE	    4096u
#define LINE	    64u

static void open_granted(struct arena *a, xengntshr_handle *by)
{
	a->grefs = calloc(ARENA_BYTES / PAGE, sizeof(*a->grefs));
	if (!a->grefs)
		return;
	a->base = xengntshr_share_pages(by, ARENA_DOMID, ARENA_BYTES / PAGE,
					a->grefs, 1);
	if (a->base) {
		a->by = by;
		return;
	}
	free(a->grefs);
	a->grefs = NULL;
}

int arena_open(struct arena *a, xengntshr_handle *by)
{
	void *base;

	*a = (struct arena){.size = ARENA_BYTES};
	arena_reset(a);
	if (by)
		open_granted(a, by);
	if (a->base)
		return 0;
	base = mmap(NULL, ARENA_BYTES, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (base == MAP_FAILED)
		return -errno;
	a->base = base;
	return 0;
}

void arena_close(struct arena *a)
{
	if (a->base && a->by)
		xengntshr_unshare(a->by, a->base, ARENA_BYTES / PAGE);
	else if (a->base)
		munmap(a->base, a->size);
	a->base = NULL;
	free(a->grefs);
	a->grefs = NULL;
}

bool arena_grant(const struct arena *a, const void *p, size_t size,
		 struct arena_grant *grant)
{
	const size_t at = (size_t)((const uint8_t *)p - a->base);

	if (!a->grefs || at % PAGE + size > PAGE)
		return false;
	grant->ref = a->grefs[at / PAGE];
	grant->offset = at % PAGE;
	return true;
}

void arena_reset(struct arena *a)
{
	a->used = 0;
	a->end = a->size;
}

void arena_reset_beside(struct arena *a, const uint8_t *frame, size_t size)
{
	const size_t at = (size_t)(frame - a->base);

	arena_reset(a);
	if (at < a->size / 2)
		a->used = at + size;
	else
		a->end = at;
}

static size_t round_up(size_t n, size_t unit)
{
	return (n + unit - 1) & ~(unit - 1);
}

uint8_t *arena_place(const struct arena *a, size_t probably)
{
	size_t at = round_up(a->used + ARENA_HEADROOM, LINE);

	if (at % PAGE + probably > PAGE)
		at = round_up(at, PAGE);
	if (at + ARENA_FRAME_MAX > a->end)
		return NULL;
	return a->base + at;
}

uint8_t *arena_place_at(const struct arena *a, size_t in_page)
{
	size_t at = a->used + ARENA_HEADROOM;

	at += (in_page - at) % PAGE;
	if (at + ARENA_FRAME_MAX > a->end)
		return NULL;
	return a->base + at;
}

void arena_keep(struct arena *a, const uint8_t *frame, size_t size)
{
	a->used = (size_t)(frame - a->base) + size;
}
