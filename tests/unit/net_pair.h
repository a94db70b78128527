/* SPDX-License-Identifier: MIT */
/*
 * Two guests that can reach each other directly, and the bridge between their
 * taps, for tests.
 */
#ifndef XN_TESTS_NET_PAIR_H
#define XN_TESTS_NET_PAIR_H

#include "backends/net/fdb.h"
#include "tests/unit/net_guest.h"

#define PAIR_ALL                                              \
	(MSG_NET_SG | MSG_NET_IPV6_CSUM | MSG_NET_RX_NOTIFY | \
	 MSG_NET_GSO_TCPV4 | MSG_NET_GSO_TCPV6)
#define PAIR_MTU     1500u
#define PAIR_SEGMENT 5u

struct net_pair {
	struct fdb fdb;
	struct net_guest a; /* 00:16:3e:00:00:01, who sends net_guest_tcp, */
	struct net_guest b; /* and :02, who gets it */
};

/* Both serve, and both are members; b offered flags. */
void net_pair_start(struct net_pair *p, uint32_t flags);
void net_pair_stop(struct net_pair *p);

/* What xnd says of a guest of the pair; but for what a test changes. */
struct msg_net_terms net_pair_terms(const struct net_pair *p,
				    const struct net_guest *g);
/* fdb_join, with its one queue. */
void net_pair_join(struct net_guest *g, const struct msg_net_terms *terms);

/*
 * Lets a send a frame of size bytes from the page gref on, in parts of at most
 * 4096 bytes, and runs a; flags: NETTXF_…. The answer is given back.
 */
int16_t net_pair_send(struct net_guest *a, const void *frame, uint32_t size,
		      uint16_t flags);

/* Moves what has come out of a's tap to b's. Returns how many frames. */
unsigned int net_pair_bridge(struct net_guest *a, struct net_guest *b);

#endif
