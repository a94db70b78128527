/* SPDX-License-Identifier: MIT */
/* Batched grant copies. */
#include "copy.h"

struct batch {
	unsigned int n;
	xengnttab_grant_copy_segment_t segments[SLOTS * BLK_DIRECT_SEGMENTS];
	struct slot *of[SLOTS * BLK_DIRECT_SEGMENTS];
};

static void batch_add(struct batch *b, uint32_t domid, struct slot *slot)
{
	uint8_t *at = slot->buffer;
	uint32_t i;

	for (i = 0; i < slot->io.n_segments; i++) {
		const struct blk_segment *from = &slot->io.segments[i];
		xengnttab_grant_copy_segment_t *to = &b->segments[b->n];
		union xengnttab_copy_ptr here = {.virt = at};
		union xengnttab_copy_ptr there = {
			.foreign =
				{
					.ref = from->ref,
					.offset = from->offset,
					.domid = (uint16_t)domid,
				},
		};
		bool out = slot->io.op == BLK_READ;

		to->source = out ? here : there;
		to->dest = out ? there : here;
		to->len = from->bytes;
		to->flags = out ? GNTCOPY_dest_gref : GNTCOPY_source_gref;
		to->status = GNTST_general_error;
		b->of[b->n++] = slot;
		at += from->bytes;
	}
}

/* Requests of the other direction, and those already refused, are left out. */
static void copy_run(xengnttab_handle *gnttab, uint32_t domid, enum blk_op op,
		     struct slot *const *slots, unsigned int n)
{
	struct batch b;
	unsigned int i;
	int r;

	b.n = 0;
	for (i = 0; i < n; i++)
		if (slots[i]->io.op == op && slots[i]->status == BLKIF_RSP_OKAY)
			batch_add(&b, domid, slots[i]);
	if (b.n == 0)
		return;
	r = xengnttab_grant_copy(gnttab, b.n, b.segments);
	for (i = 0; i < b.n; i++)
		if (r < 0 || b.segments[i].status != GNTST_okay)
			b.of[i]->status = BLKIF_RSP_ERROR;
}

void copy_from_guest(xengnttab_handle *gnttab, uint32_t domid,
		     struct slot *const *slots, unsigned int n)
{
	copy_run(gnttab, domid, BLK_WRITE, slots, n);
}

void copy_to_guest(xengnttab_handle *gnttab, uint32_t domid,
		   struct slot *const *slots, unsigned int n)
{
	copy_run(gnttab, domid, BLK_READ, slots, n);
}
