/* SPDX-License-Identifier: MIT */
/*
 * Private memory for the frames of one pass, each linear, laid out so that
 * an ordinary frame stays within one page: the kernel copies page by page,
 * and a frame across two costs two operations.
 */
#ifndef XN_NET_ARENA_H
#define XN_NET_ARENA_H

#include <stddef.h>
#include <stdint.h>

#define ARENA_FRAME_MAX (17u * 4096) /* any frame: 65535 bytes and VLAN tags */
#define ARENA_HEADROOM	16u	     /* writable bytes before each frame */

struct arena {
	uint8_t *base; /* owned; page-aligned */
	size_t size;
	size_t used; /* what may be given away lies between these two */
	size_t end;
};

/* 0 or -errno. On failure too, arena_close may be called. */
int arena_open(struct arena *a);
void arena_close(struct arena *a);

/* Forgets every frame; or every one but this, and half the arena is left. */
void arena_reset(struct arena *a);
void arena_reset_beside(struct arena *a, const uint8_t *frame, size_t size);

/*
 * Where the next frame, of probably so many bytes, may be put: there is room
 * for ARENA_FRAME_MAX bytes, and ARENA_HEADROOM bytes before. NULL when this
 * pass has filled the arena. Takes nothing until arena_keep.
 */
uint8_t *arena_place(const struct arena *a, size_t probably);

/*
 * As arena_place, for a frame of any size, whose first byte is to lie in_page
 * (0 … 4095) bytes behind the beginning of a page.
 */
uint8_t *arena_place_at(const struct arena *a, size_t in_page);

/* Keeps the size bytes at frame, where the next one has just been placed. */
void arena_keep(struct arena *a, const uint8_t *frame, size_t size);

#endif
