/* SPDX-License-Identifier: MIT */
/* Private memory for the frames of one pass. */
#include "arena.h"

#include <errno.h>
#include <sys/mman.h>

#define ARENA_BYTES (512u * 1024)
#define PAGE	    4096u
#define LINE	    64u

int arena_open(struct arena *a)
{
	void *base = mmap(NULL, ARENA_BYTES, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	a->base = base == MAP_FAILED ? NULL : base;
	a->size = ARENA_BYTES;
	arena_reset(a);
	return a->base ? 0 : -errno;
}

void arena_close(struct arena *a)
{
	if (a->base)
		munmap(a->base, a->size);
	a->base = NULL;
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
