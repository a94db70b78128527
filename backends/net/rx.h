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

#include <stdbool.h>
#include <stdint.h>

struct direct;
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

/* ---- from the threads of other vifs ---- */

/*
 * Delivers frames of another guest's in their order, up to the first that is
 * for the tap: for which there are no slots, which the guest does not take as
 * it is, or which would overtake those that wait here for slots. port: as
 * rx_pass's. Sets delivered of each that has come; a copy of one may fail, by
 * whichever guest's fault, and then the guest finds an error in its slots, and
 * the frame, going by the tap, is overtaken by those behind it.
 *
 * A process killed in here has lost nothing but what it was copying: until
 * the responses are in the journal (answers.h) the slots are still offered,
 * and the successor fills them again; after that it answers them.
 */
void rx_take(struct rx *rx, struct port *port, struct direct *const *frames,
	     unsigned int n);

/* No frame is in the tap now, or read from it and not yet on the ring. */
bool rx_is_drained(struct rx *rx);

#endif
