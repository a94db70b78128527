/* SPDX-License-Identifier: MIT */
/*
 * What a guest does to its transmit ring and to the pages that it grants, as
 * an input of the fuzzer says.
 */
#ifndef XN_FUZZ_NET_STEPS_H
#define XN_FUZZ_NET_STEPS_H

#include <stdint.h>

#include "tests/fuzz/fuzz.h"
#include "xen/abi.h"

/* What it has at hand. */
struct net_hand {
	struct netif_tx_sring *ring; /* a page */
	uint8_t (*pages)[4096];	     /* MODEL_PAGES of net_model.h */
	uint32_t written;	     /* slots, published or not */
};

enum net_step {
	NET_SLOT,
	NET_EXTRA_SLOT,
	NET_RAW_SLOT,
	NET_PAGE,
	NET_FRAME,
	NET_GSO,
	NET_CONTROL,
	NET_STEPS,
};

void net_step(struct net_hand *h, enum net_step step, struct input *in);

#endif
