/* SPDX-License-Identifier: MIT */
/*
 * Grant copies between private memory and a guest's pages, collected over a
 * whole pass and run in one call: a single copy costs eight times its share
 * of a batch of 64.
 */
#ifndef XN_NET_COPY_H
#define XN_NET_COPY_H

#include <stdbool.h>
#include <stdint.h>

#include "xen/abi.h"

#define COPY_MAX 256u /* no more than slots in a ring, one copy each */

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
 * to it. At most COPY_MAX between two resets.
 */
void copy_add_from(struct copy *c, uint32_t gref, uint16_t offset,
		   uint16_t size, void *to);
void copy_add_to(struct copy *c, uint32_t gref, uint16_t offset, uint16_t size,
		 const void *from);

/* Runs all copies. Each has an outcome of its own (XSA-361, 362, 365, 367). */
void copy_run(struct copy *c);

/* True when the n copies from the first-th on have all succeeded. */
bool copy_ok(const struct copy *c, unsigned int first, unsigned int n);

#endif
