/* SPDX-License-Identifier: MIT */
/* A packet of a pass of the transmit ring, from its slots to its answer. */
#ifndef XN_NET_TX_JOB_H
#define XN_NET_TX_JOB_H

#include <stdint.h>

#include "direct.h"
#include "frame.h"

#define TX_SLOTS   256u /* of a one-page ring */
#define TX_PACKETS 64u	/* a pass */

struct fdb_member;

struct tx_job {
	unsigned int n_slots;
	unsigned int n_extras;
	unsigned int first_copy; /* of those last planned for it */
	unsigned int n_copies;
	uint8_t *frame; /* in the arena; NULL when there is none to send */
	uint32_t size;
	struct frame_marks marks;
	int16_t status; /* NETIF_RSP_… */
	/* And when the guest has peers: */
	struct direct direct;
	struct fdb_member *to; /* NULL: nobody, or done with */
};

#endif
