/* SPDX-License-Identifier: MIT */
/*
 * What a guest's packets take besides, when others can be reached directly:
 * of each, the head is copied first, which tells where it goes; then what goes
 * directly is copied into its receiver's slots, and of the others the rest is
 * copied for the tap.
 *
 * A frame must not overtake an earlier one that went by the tap. Only this
 * queue's own frames count, for nobody can tell an order between two senders:
 * so whether some to a receiver may still be in its tap is noted here, by this
 * thread alone. What is written to a tap is, when the write returns, forwarded
 * and in the receiver's tap, or nowhere; from there it goes to the ring under
 * the lock that rx_is_drained takes. There is no moment at which it is in
 * neither place. Whenever the table has changed, nothing is known any more of
 * what went by the tap meanwhile, and all receivers count as if some had.
 */
#ifndef XN_NET_TX_DIRECT_H
#define XN_NET_TX_DIRECT_H

#include <stdint.h>

#include "tx_chain.h"
#include "tx_job.h"

struct arena;
struct copy;
struct vif;

/* All zero to begin with. */
struct tx_direct {
	uint32_t changes; /* of the table, when behind was written */
	uint32_t behind;  /* a bit for each member: see above */
	unsigned int n_rest;
	struct tx_span rest[TX_SLOTS]; /* of the present pass */
};

/* Begins a pass. */
void tx_direct_begin(struct tx_direct *d);

/*
 * Plans the copies of a packet's head to job->frame, in the arena, and notes
 * where the rest is. domid: whose packet.
 */
void tx_direct_plan(struct tx_direct *d, struct tx_job *job, uint32_t domid,
		    const struct tx_packet *packet, struct copy *copy,
		    const struct arena *arena);

/*
 * Delivers those of the n frames whose heads have come (frame is not NULL) and
 * that can go directly: job->direct.delivered. vif has peers, or had.
 */
void tx_direct_send(struct tx_direct *d, const struct vif *vif,
		    struct tx_job *jobs, unsigned int n);

/* Plans and runs the copies of the rest of those that were not delivered. */
void tx_direct_fetch(struct tx_job *jobs, unsigned int n, struct copy *copy);

#endif
