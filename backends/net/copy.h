/* SPDX-License-Identifier: MIT */
/*
 * Grant copies between private memory and a guest's pages, or those of two
 * guests, collected over a whole pass and run in one call: a single copy costs
 * eight times its share of a batch of 64.
 */
#ifndef XN_NET_COPY_H
#define XN_NET_COPY_H

#include <stdbool.h>
#include <stdint.h>

#include "xen/abi.h"

/* The slots of two rings and the heads of 64 packets: see rx_ring.c. */
#define COPY_MAX 576u

struct arena;

struct copy {
	xengnttab_handle *gnttab; /* borrowed */
	uint16_t domid;
	unsigned int n;
	xengnttab_grant_copy_segment_t segments[COPY_MAX];
};

void copy_init(struct copy *c, xengnttab_handle *gnttab, uint32_t domid);

/* Forgets all copies. */
void copy_reset(struct copy *c);

/*
 * Add a copy of size bytes (offset + size <= 4096), from the guest's page or
 * to it. Our end is in the arena; or, if that is NULL, somewhere else. At most
 * COPY_MAX between two resets.
 */
void copy_add_from(struct copy *c, uint32_t gref, uint16_t offset,
		   uint16_t size, void *to, const struct arena *arena);
void copy_add_to(struct copy *c, uint32_t gref, uint16_t offset, uint16_t size,
		 const void *from, const struct arena *arena);

/*
 * Adds one from a page of another guest, from_domid, to one of this guest.
 */
void copy_add_across(struct copy *c, uint32_t from_domid, uint32_t from_gref,
		     uint16_t from_offset, uint32_t gref, uint16_t offset,
		     uint16_t size);

/* Runs all copies. Each has an outcome of its own (XSA-361, 362, 365, 367). */
void copy_run(struct copy *c);

/* True when the n copies from the first-th on have all succeeded. */
bool copy_ok(const struct copy *c, unsigned int first, unsigned int n);

#endif
