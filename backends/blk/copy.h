/* SPDX-License-Identifier: MIT */
/*
 * Moving data between a guest's granted pages and our own memory, all
 * requests of one pass together: by memory where the guest's grants are kept
 * mapped, and for the rest in one call, for a hypercall costs as much as
 * sixteen copies of a page. Either way a page is read once.
 */
#ifndef XN_BLK_COPY_H
#define XN_BLK_COPY_H

#include "slot.h"

#define COPY_BATCH 512 /* pieces of a page that are moved at a time */

struct grants;

struct copy_item {
	struct slot *slot; /* whose it is */
	uint32_t ref;
	uint16_t offset;
	uint16_t bytes;
	uint8_t *here;
	uint8_t *there; /* NULL: not mapped */
};

struct copy {
	xengnttab_handle *gnttab; /* borrowed */
	struct grants *grants;	  /* borrowed; NULL: none are kept */
	uint32_t domid;
	bool to_guest;
	unsigned int n;
	struct copy_item items[COPY_BATCH];
	xengnttab_grant_copy_segment_t segments[COPY_BATCH];
	struct slot *of[COPY_BATCH];
};

/*
 * Each goes through the list and looks only at requests that have not been
 * refused. The first fetches the frames of those that are indirect, the
 * second what those that are writes want written; the third hands over what
 * was read. A piece whose grant cannot be used makes its own request a
 * BLKIF_RSP_ERROR and no other.
 */
void copy_frames(struct copy *c, const struct slot_list *list);
void copy_from_guest(struct copy *c, const struct slot_list *list);
void copy_to_guest(struct copy *c, const struct slot_list *list);

#endif
