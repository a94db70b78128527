/* SPDX-License-Identifier: MIT */
/*
 * Private memory for the frames of one pass, each linear, laid out so that
 * an ordinary frame stays within one page: the kernel copies page by page,
 * and a frame across two costs two operations.
 *
 * Where dom0's kernel can (xen-gntalloc), its pages are granted to dom0 itself:
 * a copy then names them by number, as it does a guest's. Else Linux looks each
 * up by its address for each copy, by a walk through page tables that in a PV
 * dom0 costs about as much as copying it.
 */
#ifndef XN_NET_ARENA_H
#define XN_NET_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "xen/abi.h"

#define ARENA_FRAME_MAX (17u * 4096) /* any frame: 65535 bytes and VLAN tags */
#define ARENA_HEADROOM	16u	     /* writable bytes before each frame */

struct arena {
	uint8_t *base;	      /* owned; page-aligned */
	xengntshr_handle *by; /* borrowed: that grants; NULL: not granted */
	uint32_t *grefs;      /* owned: of each page, when granted */
	size_t size;
	size_t used; /* what may be given away lies between these two */
	size_t end;
};

/*
 * by (borrowed, until arena_close) is asked to grant the pages; NULL, or its
 * limit: they are not. 0 or -errno. On failure too, arena_close may be called.
 */
int arena_open(struct arena *a, xengntshr_handle *by);
void arena_close(struct arena *a);

/* A place in a page that ARENA_DOMID, this domain, has granted to itself. */
struct arena_grant {
	uint32_t ref;
	uint16_t offset;
};

#define ARENA_DOMID 0u

/*
 * The place of the size bytes at p, which are in the arena. False when they do
 * not lie within one granted page.
 */
bool arena_grant(const struct arena *a, const void *p, size_t size,
		 struct arena_grant *grant);

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
