/* SPDX-License-Identifier: MIT */
/* Guest to host: the transmit ring, served one bounded pass at a time. */
#ifndef XN_NET_TX_H
#define XN_NET_TX_H

#include <stdint.h>

struct err;
struct port;
struct tx;
struct vif;

enum tx_next {
	TX_IDLE, /* the ring is empty, and the guest will ring for more */
	TX_MORE, /* there is more to do; the guest need not ring for it */
	TX_HELD, /* as TX_MORE, once the rate allows it: tx_held_ns */
};

/* Maps the ring. vif is borrowed. NULL with *e set. */
struct tx *tx_open(struct vif *vif, uint32_t ring_ref, struct err *e);

/* Unmaps. NULL is fine. */
void tx_close(struct tx *tx);

/*
 * One pass: takes what the ring holds, up to 64 packets, copies them in one
 * call, writes them to the tap (or gives them to their receivers, of the same
 * process: tx_direct.h), answers each slot once, in order, and rings if the
 * guest asked for it. Returns enum tx_next; or -errno with *e set when the
 * ring is corrupt or the tap gone, and then it must not be called again.
 */
int tx_pass(struct tx *tx, struct port *port, struct err *e);

/* After TX_HELD: in how many nanoseconds another pass is due. */
uint64_t tx_held_ns(const struct tx *tx);

#endif
