/* SPDX-License-Identifier: MIT */
/* Runs of free pages, the first that is long enough. */
#include "arena.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "store.h"

_Static_assert(ARENA_CHUNKS == STORE_BUFFERS, "a buffer a chunk");

static bool chunk_open(struct arena *a, uint16_t chunk)
{
	void *at = mmap(NULL, ARENA_CHUNK_BYTES, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (at == MAP_FAILED)
		return false;
	a->chunks[chunk] = at;
	memset(a->taken[chunk], 0, sizeof(a->taken[chunk]));
	a->store->ops->pin(a->store, chunk, at, ARENA_CHUNK_BYTES);
	return true;
}

static void chunk_close(struct arena *a, uint16_t chunk)
{
	a->store->ops->unpin(a->store, chunk);
	munmap(a->chunks[chunk], ARENA_CHUNK_BYTES);
	a->chunks[chunk] = NULL;
}

/* The first page from here on that is taken, or not; else the chunk's end. */
static uint32_t next_page(const uint64_t *map, uint32_t from, bool taken)
{
	while (from < ARENA_CHUNK_PAGES) {
		uint64_t word = taken ? map[from / 64] : ~map[from / 64];

		word >>= from % 64;
		if (word)
			return from + (uint32_t)__builtin_ctzll(word);
		from = (from / 64 + 1) * 64;
	}
	return ARENA_CHUNK_PAGES;
}

/* The first page of n free ones, or ARENA_CHUNK_PAGES. */
static uint32_t find_run(const uint64_t *map, uint32_t n)
{
	uint32_t begin = next_page(map, 0, false);

	if (n == 1)
		return begin;
	while (begin + n <= ARENA_CHUNK_PAGES) {
		uint32_t end = next_page(map, begin, true);

		if (end - begin >= n)
			return begin;
		begin = next_page(map, end, false);
	}
	return ARENA_CHUNK_PAGES;
}

/* A word of the map at a time. */
static void mark(uint64_t *map, uint32_t page, uint32_t n, bool taken)
{
	while (n > 0) {
		uint32_t first = page % 64;
		uint32_t here = n < 64 - first ? n : 64 - first;
		uint64_t bits = ((2ull << (here - 1)) - 1) << first;

		if (taken)
			map[page / 64] |= bits;
		else
			map[page / 64] &= ~bits;
		page += here;
		n -= here;
	}
}

int arena_open(struct arena *a, struct store *s)
{
	a->store = s;
	return chunk_open(a, 0) ? 0 : -ENOMEM;
}

/* Its numbers stay pinned until they are used again or the store goes. */
void arena_close(struct arena *a)
{
	uint16_t i;

	for (i = 0; i < ARENA_CHUNKS; i++) {
		if (a->chunks[i])
			munmap(a->chunks[i], ARENA_CHUNK_BYTES);
		a->chunks[i] = NULL;
	}
}

bool arena_get(struct arena *a, uint32_t bytes, struct arena_piece *piece)
{
	uint32_t n = (bytes + XC_PAGE_SIZE - 1) / XC_PAGE_SIZE;
	uint32_t page;
	uint16_t i;

	for (i = 0; i < ARENA_CHUNKS; i++) {
		if (!a->chunks[i] && !chunk_open(a, i))
			return false;
		page = find_run(a->taken[i], n);
		if (page == ARENA_CHUNK_PAGES)
			continue;
		mark(a->taken[i], page, n, true);
		piece->at = a->chunks[i] + (size_t)page * XC_PAGE_SIZE;
		piece->chunk = i;
		piece->page = (uint16_t)page;
		piece->n_pages = (uint16_t)n;
		return true;
	}
	return false;
}

void arena_put(struct arena *a, struct arena_piece *piece)
{
	if (piece->n_pages)
		mark(a->taken[piece->chunk], piece->page, piece->n_pages,
		     false);
	piece->n_pages = 0;
}

void arena_trim(struct arena *a)
{
	uint16_t i;

	for (i = 1; i < ARENA_CHUNKS; i++)
		if (a->chunks[i] &&
		    next_page(a->taken[i], 0, true) == ARENA_CHUNK_PAGES)
			chunk_close(a, i);
}
