/* SPDX-License-Identifier: MIT */
/*
 * The memory through which a queue's data passes, in chunks of the largest
 * request's size that its store has been told of. One chunk is there from the
 * beginning; more come when the guest has more under way, up to a bound, and
 * go when it rests. A request that finds no room waits.
 */
#ifndef XN_BLK_ARENA_H
#define XN_BLK_ARENA_H

#include <stdbool.h>
#include <stdint.h>

#include "request.h"

#define ARENA_CHUNKS	  4
#define ARENA_CHUNK_BYTES BLK_IO_BYTES_MAX
#define ARENA_CHUNK_PAGES (ARENA_CHUNK_BYTES / XC_PAGE_SIZE)

struct store;

/* Whole pages, one behind the other. */
struct arena_piece {
	uint8_t *at;
	uint16_t chunk;
	uint16_t page;	  /* within it */
	uint16_t n_pages; /* 0: nothing */
};

struct arena {
	struct store *store;	       /* borrowed */
	uint8_t *chunks[ARENA_CHUNKS]; /* owned; NULL: not there */
	uint64_t taken[ARENA_CHUNKS][ARENA_CHUNK_PAGES / 64]; /* a bit a page */
};

/* Gets the first chunk. 0 or -ENOMEM. */
int arena_open(struct arena *a, struct store *s);

/* No I/O may be under way in it. The store may be gone. */
void arena_close(struct arena *a);

/* bytes: 1 to ARENA_CHUNK_BYTES. False when there is no room now. */
bool arena_get(struct arena *a, uint32_t bytes, struct arena_piece *piece);

/* Fine for a piece of nothing, which it becomes. */
void arena_put(struct arena *a, struct arena_piece *piece);

/* Lets go of the chunks, but for the first, that nobody uses. */
void arena_trim(struct arena *a);

#endif
