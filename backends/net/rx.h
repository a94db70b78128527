/* SPDX-License-Identifier: MIT */
/*
 * Host to guest: the receive ring, served one bounded pass at a time. What
 * the guest has no room for stays in the tap's queue, which the kernel
 * bounds (txqueuelen) and overflows by itself; only one frame at most is
 * held here, and when that has waited too long (rx_stall.h) what comes is
 * read and dropped (XSA-392). A frame in a tap's queue is charged to no
 * sender's socket and holds no other guest's grants, so a guest that has
 * stalled holds up nobody else.
 */
#ifndef XN_NET_RX_H
#define XN_NET_RX_H

#include <stdint.h>

struct err;
struct port;
struct rx;
struct vif;

enum rx_next {
	RX_WAIT_TAP,   /* no frame is left to deliver, or not yet */
	RX_WAIT_SLOTS, /* a frame may wait, but the guest has no room for it */
	RX_AGAIN,      /* room came up at the last moment */
};

/* Maps the ring. vif is borrowed. NULL with *e set. */
struct rx *rx_open(struct vif *vif, uint32_t ring_ref, struct err *e);

/* Unmaps; a frame that was held is dropped. NULL is fine. */
void rx_close(struct rx *rx);

/*
 * After RX_WAIT_SLOTS: in how many milliseconds another pass is due, whether
 * the guest rings or not.
 */
unsigned int rx_look_ms(const struct rx *rx);

/*
 * One pass: reads up to 64 frames while the guest has slots for them, copies
 * them in one call, answers the slots in order, and rings if the guest asked
 * for it. Returns enum rx_next (for RX_WAIT_SLOTS the ring asks the guest to
 * ring once there is room); or -errno with *e set when the ring is corrupt
 * or the tap gone, and then it must not be called again.
 */
int rx_pass(struct rx *rx, struct port *port, struct err *e);

#endif
