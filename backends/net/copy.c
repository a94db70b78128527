/* SPDX-License-Identifier: MIT */
/* Grant copies, collected over a pass and run in one call. */
#include "copy.h"

#include <string.h>

#include "arena.h"

void copy_init(struct copy *c, xengnttab_handle *gnttab, uint32_t domid)
{
	c->gnttab = gnttab;
	c->domid = (uint16_t)domid;
	c->n = 0;
}

void copy_reset(struct copy *c)
{
	c->n = 0;
}

static xengnttab_grant_copy_segment_t *copy_add(struct copy *c, uint16_t size,
						uint16_t flags)
{
	xengnttab_grant_copy_segment_t *s = &c->segments[c->n++];

	memset(s, 0, sizeof(*s));
	s->len = size;
	s->flags = flags;
	return s;
}

void copy_add_from(struct copy *c, uint32_t gref, uint16_t offset,
		   uint16_t size, void *to, const struct arena *arena)
{
	xengnttab_grant_copy_segment_t *s =
		copy_add(c, size, GNTCOPY_source_gref);
	struct arena_grant ours;

	s->source.foreign.ref = gref;
	s->source.foreign.offset = offset;
	s->source.foreign.domid = c->domid;
	if (arena && arena_grant(arena, to, size, &ours)) {
		s->flags |= GNTCOPY_dest_gref;
		s->dest.foreign.ref = ours.ref;
		s->dest.foreign.offset = ours.offset;
		s->dest.foreign.domid = ARENA_DOMID;
	} else {
		s->dest.virt = to;
	}
}

void copy_add_to(struct copy *c, uint32_t gref, uint16_t offset, uint16_t size,
		 const void *from, const struct arena *arena)
{
	xengnttab_grant_copy_segment_t *s =
		copy_add(c, size, GNTCOPY_dest_gref);
	struct arena_grant ours;

	if (arena && arena_grant(arena, from, size, &ours)) {
		s->flags |= GNTCOPY_source_gref;
		s->source.foreign.ref = ours.ref;
		s->source.foreign.offset = ours.offset;
		s->source.foreign.domid = ARENA_DOMID;
	} else {
		s->source.virt = (void *)from;
	}
	s->dest.foreign.ref = gref;
	s->dest.foreign.offset = offset;
	s->dest.foreign.domid = c->domid;
}

void copy_add_across(struct copy *c, uint32_t from_domid, uint32_t from_gref,
		     uint16_t from_offset, uint32_t gref, uint16_t offset,
		     uint16_t size)
{
	xengnttab_grant_copy_segment_t *s =
		copy_add(c, size, GNTCOPY_source_gref | GNTCOPY_dest_gref);

	s->source.foreign.ref = from_gref;
	s->source.foreign.offset = from_offset;
	s->source.foreign.domid = (uint16_t)from_domid;
	s->dest.foreign.ref = gref;
	s->dest.foreign.offset = offset;
	s->dest.foreign.domid = c->domid;
}

void copy_run(struct copy *c)
{
	unsigned int i;

	if (c->n == 0)
		return;
	if (xengnttab_grant_copy(c->gnttab, c->n, c->segments) == 0)
		return;
	/* The call itself failed: which of the copies were made is unknown. */
	for (i = 0; i < c->n; i++)
		c->segments[i].status = GNTST_general_error;
}

bool copy_ok(const struct copy *c, unsigned int first, unsigned int n)
{
	unsigned int i;

	for (i = first; i < first + n; i++)
		if (c->segments[i].status != GNTST_okay)
			return false;
	return true;
}
