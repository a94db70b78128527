/* SPDX-License-Identifier: MIT */
/*
 * What a guest has told its backend once and will not say again: which
 * multicast it wants and how frames are to be spread over its queues. Plain
 * data, kept in a journal as it is here. Pure.
 */
#ifndef XN_NET_WISHES_H
#define XN_NET_WISHES_H

#include <stdbool.h>
#include <stdint.h>

#define WISHES_MULTICAST_MAX 64	 /* addresses, as Linux's netback */
#define WISHES_KEY_BYTES     40	 /* of a Toeplitz key, for two IPv6 ends */
#define WISHES_MAPPING_MAX   128 /* entries, as Linux's netback */
#define WISHES_TYPES	     15u /* every XEN_NETIF_CTRL_HASH_TYPE_… */

struct wishes_hash {
	uint32_t algorithm;	       /* XEN_NETIF_CTRL_HASH_ALGORITHM_… */
	uint32_t types;		       /* XEN_NETIF_CTRL_HASH_TYPE_… */
	uint8_t key[WISHES_KEY_BYTES]; /* zero beyond what was given */
	uint32_t mapping_size;	       /* 0: by modular arithmetic */
	uint8_t mapping[WISHES_MAPPING_MAX]; /* to queues; zero beyond */
};

struct wishes {
	struct wishes_hash hash;
	uint32_t n_addresses;
	uint8_t addresses[WISHES_MULTICAST_MAX][6];
};

/* Whether nothing in it leads out of its bounds, or of so many queues. */
bool wishes_are_sound(const struct wishes *w, unsigned int n_queues);

/*
 * Adds a multicast address, once however often. 0; -EINVAL when it is no
 * multicast address; or -ENOSPC.
 */
int wishes_add(struct wishes *w, const uint8_t address[6]);

/* Fine when it is not there. */
void wishes_delete(struct wishes *w, const uint8_t address[6]);

/*
 * Whether a frame to this address is one that the guest has asked for: any
 * that is not multicast, broadcast, and what has been added.
 */
bool wishes_want(const struct wishes *w, const uint8_t address[6]);

#endif
