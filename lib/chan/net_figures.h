/* SPDX-License-Identifier: MIT */
/*
 * What a vif has done so far, in memory that its workers write and xnd reads:
 * as chan/blk_figures.h, a sealed memfd of one struct net_figures a queue,
 * made for the life of the device. One thread writes a queue's; each figure is
 * a whole word that only grows. They are shown, and nothing is decided by
 * them. "tx" is what the guest sends, as everywhere in netif.
 */
#ifndef XN_CHAN_NET_FIGURES_H
#define XN_CHAN_NET_FIGURES_H

#include <stdint.h>

struct net_figures_of {
	uint64_t packets;  /* delivered; one of GSO counts once */
	uint64_t bytes;	   /* of those, without headers of tap and ring */
	uint64_t gso;	   /* of those packets, yet to be segmented */
	uint64_t slots;	   /* of the ring, answered, for whatever packets */
	uint64_t dropped;  /* packets: no room at tap or ring, no cable */
	uint64_t refused;  /* packets that broke a rule of netif.h */
	uint64_t failed;   /* packets with a grant that cannot be used */
	uint64_t events;   /* from the guest, for this ring */
	uint64_t notified; /* events to the guest */
	uint64_t spared;   /* answers shown that needed none of their own */
	uint64_t unused[6];
};

struct net_figures {
	struct net_figures_of tx;
	struct net_figures_of rx;
	uint64_t held; /* passes that waited for the rate limit */
	uint64_t
		stalled; /* times that the guest left frames waiting too long */
	uint64_t filtered; /* multicast frames that it had not asked for */
	uint64_t unused[5];
};

_Static_assert(sizeof(struct net_figures) == 320, "whole cache lines");

#endif
