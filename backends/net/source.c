/* SPDX-License-Identifier: MIT */
/* Where the frames for a guest come from. */
#include "source.h"

#include <errno.h>
#include <string.h>

#include "base/err.h"
#include "tap.h"
#include "terms.h"
#include "vif.h"

#define SINGLES 8

int source_open(struct source *s, struct vif *vif)
{
	memset(s, 0, sizeof(*s));
	s->vif = vif;
	steer_init(&s->steer, vif);
	if (arena_open(&s->arena, vif->gntshr) < 0)
		return -ENOMEM;
	return segments_open(&s->segments);
}

void source_close(struct source *s)
{
	segments_close(&s->segments);
	arena_close(&s->arena);
}

/*
 * A tap that has had one frame at a time for a while is not asked in vain
 * after each, but now and then. Whoever waits for the tap is told at once if
 * there was another.
 */
static bool may_have_more(const struct source *s)
{
	return s->reads == 0 || s->singles < SINGLES ||
	       s->singles % SINGLES == 0;
}

void source_begin(struct source *s)
{
	if (s->reads > 0)
		s->singles = s->reads == 1 ? s->singles + 1 : 0;
	s->reads = 0;
	steer_begin(&s->steer);
	if (s->held.data)
		arena_reset_beside(&s->arena, s->held.data, s->held.size);
	else
		arena_reset(&s->arena);
}

/* As source_next, of the tap, for whatever queue it may be. */
static int read_tap(struct source *s, struct parcel *p,
		    struct inbox_label *label, struct err *e)
{
	int rc;

	if (!may_have_more(s))
		return 0;
	rc = tap_read(s->vif->tap, p->data, ARENA_FRAME_MAX, &label->marks);
	if (rc < 0 && rc != -EINVAL)
		return err_errno(e, -rc, "the tap is gone");
	if (rc == 0)
		return 0;
	s->reads++;
	if (rc < 0)
		return rc;
	label->size = (uint32_t)rc;
	return steer_is_ours(&s->steer, label, p->data) ? 1 : -EAGAIN;
}

/* As source_next, of what has not been held, and whatever it may be. */
static int read_one(struct source *s, struct parcel *p, uint32_t headroom,
		    struct err *e)
{
	struct inbox_label label;
	int rc = 1;

	/* As in the guest's pages, so that no copy crosses a page of ours. */
	p->data = arena_place_at(&s->arena, headroom);
	if (!p->data)
		return 0;
	if (segments_left(&s->segments)) {
		label.size = (uint32_t)segments_next(&s->segments, p->data,
						     &label.marks);
		label.hash = steer_hash(&s->steer, p->data, label.size);
	} else if (!steer_take(&s->steer, &label, p->data)) {
		rc = read_tap(s, p, &label, e);
	}
	if (rc <= 0)
		return rc;
	p->size = label.size;
	p->marks = label.marks;
	p->hash = label.hash;
	return 1;
}

static int shape(struct source *s, struct parcel *p, uint32_t headroom)
{
	int rc = rx_shape_find(&p->shape, s->vif->flags, headroom, p->data,
			       p->size, &p->marks);

	if (rc == 0)
		rx_shape_add_hash(&p->shape, &p->hash);
	return rc;
}

static int refuse(struct source *s, const struct parcel *p, int rc)
{
	log_limited(&s->vif->limit, "%s: dropped a frame of %u bytes, %s",
		    s->vif->name, p->size,
		    rc == -EMSGSIZE ? "the guest lacks feature-sg"
				    : "which cannot be cut");
	return -EINVAL;
}

int source_next(struct source *s, struct parcel *p, struct err *e)
{
	const uint32_t headroom = terms_headroom(s->vif->terms);
	int rc;

	if (s->held.data) {
		*p = s->held;
		source_drop(s);
		/* The guest may want other room by now than it did then. */
		rc = shape(s, p, headroom);
		return rc < 0 ? refuse(s, p, rc) : 1;
	}
	do {
		rc = read_one(s, p, headroom, e);
		if (rc <= 0)
			return rc;
		rc = shape(s, p, headroom);
	} while (rc == -EOPNOTSUPP &&
		 segments_begin(&s->segments, p->data, p->size, &p->marks));
	if (rc < 0)
		return refuse(s, p, rc);
	arena_keep(&s->arena, p->data, p->size);
	return 1;
}

void source_hold(struct source *s, const struct parcel *p)
{
	s->held = *p;
}

void source_drop(struct source *s)
{
	s->held.data = NULL;
}

bool source_has_more(struct source *s)
{
	return segments_left(&s->segments) || steer_has_some(&s->steer);
}

bool source_has_some(struct source *s)
{
	return s->held.data || source_has_more(s);
}

bool source_hashes(struct source *s)
{
	steer_begin(&s->steer);
	return hash_is_wanted(&s->steer.known.wishes.hash);
}
