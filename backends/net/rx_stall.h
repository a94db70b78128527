/* SPDX-License-Identifier: MIT */
/*
 * For how long a frame may wait for the guest to make room for it: as Linux's
 * netback, 10 s for a front end that says when it does, 30 ms for one that
 * does not. It is the frame that is waited for, not the first free slot: a
 * guest that leaves one slot free for ever gets on no further (XSA-392).
 * Beyond that nothing waits, until a frame finds room again. Pure.
 */
#ifndef XN_NET_RX_STALL_H
#define XN_NET_RX_STALL_H

#include <stdbool.h>
#include <stdint.h>

struct rx_stall {
	bool rings; /* the guest says when it has made room */
	bool waiting;
	bool stalled;
	uint64_t until_ms; /* while waiting, and not stalled */
};

void rx_stall_init(struct rx_stall *s, bool rings);

/*
 * A frame finds no room at this moment. True when it has waited too long by
 * now, and the guest has therefore stalled.
 */
bool rx_stall_wait(struct rx_stall *s, uint64_t now_ms);

/* A frame has found room. True when the guest had stalled. */
bool rx_stall_end(struct rx_stall *s);

/* In how many milliseconds a waiting frame is to be looked at again. */
unsigned int rx_stall_look_ms(const struct rx_stall *s, uint64_t now_ms);

#endif
