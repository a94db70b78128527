/* SPDX-License-Identifier: MIT */
/*
 * Where the frames for a guest come from: one that has been held, else a
 * segment of one that is being cut, else what another queue has brought, else
 * the tap. Each is in private memory for a pass, with what it is on the
 * receive ring.
 */
#ifndef XN_NET_SOURCE_H
#define XN_NET_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "arena.h"
#include "frame.h"
#include "rx_shape.h"
#include "segments.h"
#include "steer.h"

struct err;
struct vif;

struct parcel {
	uint8_t *data; /* NULL: no frame */
	uint32_t size;
	struct frame_marks marks;
	struct hash hash;
	struct rx_shape shape;
};

struct source {
	struct vif *vif; /* borrowed */
	struct arena arena;
	struct segments segments;
	struct steer steer;
	struct parcel held;   /* its data in the arena */
	unsigned int reads;   /* frames that the tap has had in this pass */
	unsigned int singles; /* passes in a row in which that was one */
};

/* vif is borrowed. 0 or -ENOMEM. On failure too, source_close may be called. */
int source_open(struct source *s, struct vif *vif);
void source_close(struct source *s);

/* Begins a pass: every frame is forgotten, but for one that is held. */
void source_begin(struct source *s);

/*
 * The next frame. 1; 0 (there is none now, or no memory in this pass);
 * -EINVAL (there was one that cannot be told to the guest; call again);
 * -EAGAIN (there was one, and it is not for this queue; call again); or
 * another -errno with *e set: the tap is gone.
 */
int source_next(struct source *s, struct parcel *p, struct err *e);

/* This one comes first in the next pass. */
void source_hold(struct source *s, const struct parcel *p);
/* Or does not. */
void source_drop(struct source *s);

/* Whether the guest wants to know a hash of each frame, by now. */
bool source_hashes(struct source *s);

/* Is there more to come that the tap will not tell of? */
bool source_has_more(struct source *s);

/* Likewise, one that is held included. */
bool source_has_some(struct source *s);

#endif
