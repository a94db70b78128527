/* SPDX-License-Identifier: MIT */
/*
 * For how long a frame may wait for the guest to make room for it: as Linux's
 * netback, 10 s for a front end that says when it does, 30 ms for one that
 * does not. It is the frame that is waited for, not the first free slot: a
 * guest that leaves one slot free for ever gets on no further (XSA-392).
 *
 * A guest has then stalled for frames of so many slots. Such frames, and larger
 * ones, wait no more until it offers so many at once: that smaller ones find
 * room is no reason to wait for a large one again. Pure.
 */
#ifndef XN_NET_RX_STALL_H
#define XN_NET_RX_STALL_H

#include <stdbool.h>
#include <stdint.h>

struct rx_stall {
	bool rings; /* the guest says when it has made room */
	bool waiting;
	unsigned int stalled; /* for frames of so many slots; 0: has not */
	unsigned int offered; /* slots, when last looked */
	uint64_t until_ms;    /* while waiting */
};

void rx_stall_init(struct rx_stall *s, bool rings);

/* So many slots are offered, of which frames may now be given some. */
void rx_stall_offer(struct rx_stall *s, unsigned int slots);

/*
 * The first frame, which needs so many slots, finds no room at this moment.
 * True when it has waited too long by now: it is to be dropped, and the guest
 * has stalled for such as it.
 */
bool rx_stall_wait(struct rx_stall *s, unsigned int slots, uint64_t now_ms);

/* A frame that needs so many slots, which there are not, is not to wait. */
bool rx_stall_drops(const struct rx_stall *s, unsigned int slots);

/*
 * A frame has found room. True when the guest had stalled, and what was
 * offered would have been enough.
 */
bool rx_stall_end(struct rx_stall *s);

/* In how many milliseconds a waiting frame is to be looked at again. */
unsigned int rx_stall_look_ms(const struct rx_stall *s, uint64_t now_ms);

#endif
