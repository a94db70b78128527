/* SPDX-License-Identifier: MIT */
/*
 * The receive ring itself: a pass takes slots for frames, copies all of them
 * in one call, answers the slots in order, and rings if the guest asked for
 * it. Belongs to one thread at a time.
 */
#ifndef XN_NET_RX_RING_H
#define XN_NET_RX_RING_H

#include <stdbool.h>
#include <stdint.h>

#include "answers.h"
#include "base/log.h"
#include "copy.h"
#include "rx_shape.h"
#include "xen/abi.h"

#define RX_SLOTS  256u /* of a one-page ring */
#define RX_FRAMES 64u  /* a pass */

struct direct;
struct err;
struct net_figures_of;
struct port;
struct vif;

/* A frame of the present pass, on its slots. */
struct rx_job {
	unsigned int first_copy;
	unsigned int n_copies;
	uint32_t size;
	bool uncut; /* GSO */
	bool ok;    /* after rx_ring_act: it has come */
	struct rx_shape shape;
};

struct rx_ring {
	struct vif *vif;		/* borrowed */
	struct net_figures_of *figures; /* borrowed */
	struct netif_rx_sring *shared;	/* the guest's page, mapped */
	netif_rx_back_ring_t back;
	struct answers answers;
	struct copy copy;
	struct log_limit limit; /* the vif's is another thread's */
	unsigned int n_ids;
	uint16_t ids[RX_SLOTS]; /* of the slots taken in this pass */
	unsigned int n_jobs;
	struct rx_job jobs[RX_FRAMES];
};

/* Maps it. vif is borrowed. 0; or -errno with *e set, and it is closed. */
int rx_ring_open(struct rx_ring *r, struct vif *vif, uint32_t ref,
		 struct err *e);
/* Unmaps. Fine when closed, and when all zero. */
void rx_ring_close(struct rx_ring *r);

/* How many slots the guest offers, or -errno with *e set: it is corrupt. */
int rx_ring_waiting(struct rx_ring *r, struct err *e);

/* Begins a pass. */
void rx_ring_begin(struct rx_ring *r);

/*
 * Takes slots for a frame, as many as its shape has, which there must be, and
 * plans its copies; at most RX_FRAMES a pass.
 */
void rx_ring_put(struct rx_ring *r, const struct direct *frame,
		 const struct rx_shape *shape);

/*
 * Copies, answers, rings. 0; or -errno with *e set: the guest cannot be rung.
 */
int rx_ring_act(struct rx_ring *r, struct port *port, struct err *e);

#endif
