/* SPDX-License-Identifier: MIT */
/* Where a frame goes that one queue has read from its tap. */
#include "steer.h"

#include <string.h>

#include "chan/figures.h"
#include "chan/net_figures.h"
#include "terms.h"
#include "vif.h"

void steer_init(struct steer *s, struct vif *vif)
{
	memset(s, 0, sizeof(*s));
	s->vif = vif;
}

void steer_begin(struct steer *s)
{
	keeper_look(s->vif->keeper, &s->known);
}

struct hash steer_hash(const struct steer *s, const uint8_t *frame,
		       uint32_t size)
{
	const struct wishes_hash *h = &s->known.wishes.hash;

	return hash_is_wanted(h) ? hash_frame(h, frame, size)
				 : (struct hash){0};
}

static bool is_wanted(const struct steer *s, const uint8_t *frame)
{
	/* A frame begins with the address that it goes to. */
	return !terms_filter_multicast(s->vif->terms) ||
	       wishes_want(&s->known.wishes, frame);
}

bool steer_is_ours(struct steer *s, struct inbox_label *label,
		   const uint8_t *frame)
{
	const struct wishes_hash *h = &s->known.wishes.hash;
	struct vif *vif = s->vif;
	unsigned int queue;

	if (!is_wanted(s, frame)) {
		figures_add(&vif->figures->filtered, 1);
		return false;
	}
	label->hash = steer_hash(s, frame, label->size);
	if (!vif->inboxes || !hash_is_wanted(h))
		return true;
	queue = hash_queue(h, &label->hash, vif->n_queues);
	if (queue == vif->queue)
		return true;
	if (!inbox_put(&vif->inboxes[queue], label, frame))
		figures_add(&vif->figures->rx.dropped, 1);
	return false;
}

bool steer_take(struct steer *s, struct inbox_label *label, uint8_t *frame)
{
	struct vif *vif = s->vif;

	return vif->inboxes &&
	       inbox_take(&vif->inboxes[vif->queue], label, frame);
}

bool steer_has_some(struct steer *s)
{
	struct vif *vif = s->vif;

	return vif->inboxes && !inbox_is_empty(&vif->inboxes[vif->queue]);
}
