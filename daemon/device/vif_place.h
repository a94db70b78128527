/* SPDX-License-Identifier: MIT */
/*
 * Where a vif's tap is on the host: joined when it is made, moved while it is
 * used, left when it goes. Each may take a while; until it has first joined, a
 * vif is unopened.
 */
#ifndef XN_DEVICE_VIF_PLACE_H
#define XN_DEVICE_VIF_PLACE_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/device/device.h"

struct err;
struct join;

struct vif_place {
	struct join *join; /* owned */
	bool there;	   /* it has joined */
	bool leaving, left;
	struct vif_config *to; /* owned: it is being moved there, or NULL */
	device_cb *moved;      /* who asked for that */
	void *moved_arg;
	uint32_t mtu_said; /* to the guest; 0: nothing */
};

/* Begins, and opens the vif when it is there. 0 or -errno with *e set. */
int vif_place_join(struct device *d, struct err *e);

/* The mtu to be known to the guest; 0: what it takes for granted. */
uint32_t vif_place_mtu(const struct device *d);
/* Says it, when the nodes are there and it was not said before. */
void vif_place_say_mtu(struct device *d);

/*
 * With which others of its process frames may go directly, see join_segment.
 * 0: with none, as for a vif that is not to; or that is being moved, from
 * before it leaves its old place.
 */
uint32_t vif_place_segment(const struct device *d);

/* Leaves. False: it takes a while, and device_step follows. */
bool vif_place_left(struct device *d);

/* What was not undone stays. Idempotent. */
void vif_place_free(struct device *d);

#endif
