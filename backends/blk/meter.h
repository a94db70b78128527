/* SPDX-License-Identifier: MIT */
/*
 * What stands between a queue's pump and the disk's caps and figures: asked
 * before a request is taken, told when one was taken, parsed and answered.
 * Times requests by the processor's counter; the clock is only asked when
 * there are caps.
 */
#ifndef XN_BLK_METER_H
#define XN_BLK_METER_H

#include "caps.h"
#include "figures.h"
#include "ring.h"
#include "slot.h"
#include "ticks.h"

struct meter {
	struct blk_figures *figures; /* borrowed: of this queue */
	struct caps *caps;	     /* borrowed: of the disk */
	struct ticks ticks;
	uint64_t taken_at; /* by ticks, of this turn's taking; 0: not yet */
	uint64_t now_ns;   /* by the clock, likewise */
	uint64_t held_ns;  /* 0, or: the caps have kept this turn from taking
			     what is there, and will for so long */
	uint32_t n_held;   /* of the next requests, those that had to wait */
};

/* A new queue's, with a predecessor's backlog of so many requests. */
void meter_open(struct meter *m, struct blk_figures *figures, struct caps *caps,
		unsigned int backlog);

/* Whenever there is time for it: compares the counter with the clock. */
void meter_rest(struct meter *m);

/* A turn begins. */
void meter_turn(struct meter *m);

/*
 * Whether the ring's next request, if there is one, may be taken now. When it
 * may, it has been paid for as a request.
 */
bool meter_admits(struct meter *m, const struct ring *r);

/* One has been taken from the ring. */
void meter_taken(struct meter *m);

/*
 * It, or one that a predecessor has taken, has been parsed, all but its frame:
 * its bytes are paid for, those of an indirect one as if its pages were full.
 */
void meter_parsed(struct meter *m, struct slot *slot);

/* Its frame has been parsed, too: what was too much is paid back. */
void meter_parsed_frame(struct meter *m, struct slot *slot);

/* One goes to the image together with the one before it. */
void meter_joined(struct meter *m);

/* These have been answered and shown, the guest to be notified or not. */
void meter_answered(struct meter *m, const struct slot_list *ended,
		    bool notify);

#endif
