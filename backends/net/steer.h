/* SPDX-License-Identifier: MIT */
/*
 * Where a frame goes that one queue has read from its tap: to the guest
 * through this queue, through another if the guest has told how frames are to
 * be spread, or nowhere, if it is multicast that nobody has asked for.
 *
 * The kernel spreads frames over a tap's queues as it sees fit, and a confined
 * worker cannot teach it the guest's way: so a frame on the wrong queue is
 * copied once more, into the right one's inbox.
 */
#ifndef XN_NET_STEER_H
#define XN_NET_STEER_H

#include <stdbool.h>
#include <stdint.h>

#include "hash.h"
#include "inbox.h"
#include "keeper.h"

struct vif;

struct steer {
	struct vif *vif;	  /* borrowed */
	struct keeper_copy known; /* of the guest's wishes */
};

/* vif is borrowed. */
void steer_init(struct steer *s, struct vif *vif);

/* Begins a pass: what the guest wishes now holds for all of it. */
void steer_begin(struct steer *s);

/*
 * True when the frame is for this queue. Fills label->hash; the rest of *label
 * is the caller's. A frame that is dropped has been counted.
 */
bool steer_is_ours(struct steer *s, struct inbox_label *label,
		   const uint8_t *frame);

/* The hash of a part that was cut from a frame of this queue. */
struct hash steer_hash(const struct steer *s, const uint8_t *frame,
		       uint32_t size);

/* A frame that another queue has brought; as inbox_take. */
bool steer_take(struct steer *s, struct inbox_label *label, uint8_t *frame);

/* Whether there is one. */
bool steer_has_some(struct steer *s);

#endif
