/* SPDX-License-Identifier: MIT */
/* Batches of copies. */
#include "copy.h"

#include <string.h>
#include <time.h>

#include "grants.h"

static uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

/* Says of each item where its page is mapped, mapping what is new. */
static void copy_look_up(struct copy *c)
{
	bool more = false;
	unsigned int i;

	grants_begin(c->grants, now_ms());
	for (i = 0; i < c->n; i++) {
		c->items[i].there = grants_find(c->grants, c->items[i].ref);
		if (!c->items[i].there) {
			grants_want(c->grants, c->items[i].ref);
			more = true;
		}
	}
	if (!more)
		return;
	grants_map(c->grants);
	for (i = 0; i < c->n; i++)
		if (!c->items[i].there)
			c->items[i].there =
				grants_find(c->grants, c->items[i].ref);
}

static void copy_by_memory(const struct copy *c, const struct copy_item *item)
{
	uint8_t *there = item->there + item->offset;

	if (c->to_guest)
		memcpy(there, item->here, item->bytes);
	else
		memcpy(item->here, there, item->bytes);
}

static void segment_fill(const struct copy *c, const struct copy_item *item,
			 xengnttab_grant_copy_segment_t *to)
{
	union xengnttab_copy_ptr here = {.virt = item->here};
	union xengnttab_copy_ptr there = {
		.foreign =
			{
				.ref = item->ref,
				.offset = item->offset,
				.domid = (uint16_t)c->domid,
			},
	};

	to->source = c->to_guest ? here : there;
	to->dest = c->to_guest ? there : here;
	to->len = item->bytes;
	to->flags = c->to_guest ? GNTCOPY_dest_gref : GNTCOPY_source_gref;
	to->status = GNTST_general_error;
}

/* Moves what was added. */
static void copy_run(struct copy *c)
{
	unsigned int n = 0, i;
	int r;

	if (c->grants && c->n)
		copy_look_up(c);
	for (i = 0; i < c->n; i++) {
		if (c->items[i].there) {
			copy_by_memory(c, &c->items[i]);
		} else {
			segment_fill(c, &c->items[i], &c->segments[n]);
			c->of[n++] = c->items[i].slot;
		}
	}
	c->n = 0;
	if (n == 0)
		return;
	r = xengnttab_grant_copy(c->gnttab, n, c->segments);
	for (i = 0; i < n; i++)
		if (r < 0 || c->segments[i].status != GNTST_okay)
			c->of[i]->status = BLKIF_RSP_ERROR;
}

static void copy_add(struct copy *c, const struct copy_item *item)
{
	if (c->n == COPY_BATCH)
		copy_run(c);
	c->items[c->n++] = *item;
}

/* Requests of the other direction, and those already refused, are left out. */
static void copy_data(struct copy *c, const struct slot_list *list,
		      enum blk_op op)
{
	struct slot *slot;
	uint32_t i;

	c->to_guest = op == BLK_READ;
	STAILQ_FOREACH(slot, list, link) {
		uint8_t *here = slot->piece.at;

		if (slot->io.op != op || slot->status != BLKIF_RSP_OKAY)
			continue;
		for (i = 0; i < slot->io.n_segments; i++) {
			const struct blk_segment *from = &slot->io.segments[i];
			const struct copy_item item = {
				.slot = slot,
				.ref = from->ref,
				.offset = from->offset,
				.bytes = from->bytes,
				.here = here,
			};

			copy_add(c, &item);
			here += from->bytes;
		}
	}
	copy_run(c);
}

void copy_frames(struct copy *c, const struct slot_list *list)
{
	struct slot *slot;

	c->to_guest = false;
	STAILQ_FOREACH(slot, list, link) {
		const struct copy_item item = {
			.slot = slot,
			.ref = slot->io.frame,
			.bytes = (uint16_t)(slot->io.n_segments *
					    sizeof(slot->frame->wire[0])),
			.here = (uint8_t *)slot->frame,
		};

		if (slot->io.indirect && slot->status == BLKIF_RSP_OKAY)
			copy_add(c, &item);
	}
	copy_run(c);
}

void copy_from_guest(struct copy *c, const struct slot_list *list)
{
	copy_data(c, list, BLK_WRITE);
}

void copy_to_guest(struct copy *c, const struct slot_list *list)
{
	copy_data(c, list, BLK_READ);
}
