/* SPDX-License-Identifier: MIT */
/*
 * Cutting a frame of GSO into those that it stands for, for a guest that
 * cannot: one that did not offer to, or a segment behind a VLAN tag, which no
 * front end completes. The kernel cuts nearly all of them before we see them.
 */
#ifndef XN_NET_SEGMENTS_H
#define XN_NET_SEGMENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "frame.h"

struct segments {
	uint8_t *frame; /* owned; what is being cut */
	uint32_t size;
	uint32_t at; /* of the payload that comes next; size: nothing is left */
	uint16_t made;
	struct frame_marks marks;
	struct frame_transport where;
};

/* 0 or -ENOMEM. On failure too, segments_close may be called. */
int segments_open(struct segments *s);
void segments_close(struct segments *s);

/*
 * Begins with a copy of this frame; nothing may be left of an earlier one.
 * False when it cannot be cut: it is not what its marks say.
 */
bool segments_begin(struct segments *s, const uint8_t *frame, uint32_t size,
		    const struct frame_marks *marks);

bool segments_left(const struct segments *s);

/*
 * Makes the next one, of at most header and GSO size bytes, where to points.
 * Returns its size; its checksum is blank.
 */
uint32_t segments_next(struct segments *s, uint8_t *to,
		       struct frame_marks *marks);

#endif
