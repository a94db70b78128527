/* SPDX-License-Identifier: MIT */
/*
 * Spreading frames over queues as a guest has told: <xen/io/netif.h>, "Hash
 * types" and "Hash algorithms". Pure.
 */
#ifndef XN_NET_HASH_H
#define XN_NET_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wishes.h"

/* A frame's, when it has one. */
struct hash {
	bool known;
	uint8_t type; /* _XEN_NETIF_CTRL_HASH_TYPE_… */
	uint32_t value;
};

/* The Toeplitz hash of size bytes, 36 at most. */
uint32_t hash_toeplitz(const uint8_t key[WISHES_KEY_BYTES],
		       const uint8_t *bytes, size_t size);

/* Whether the guest wants frames spread so at all. */
static inline bool hash_is_wanted(const struct wishes_hash *h)
{
	return h->algorithm != 0 && h->types != 0;
}

/*
 * Of a frame, the most telling of the types that the guest has chosen: over
 * TCP's ports where there are any, else over the IP addresses. Not known for
 * a frame that is neither.
 */
struct hash hash_frame(const struct wishes_hash *h, const uint8_t *frame,
		       size_t size);

/*
 * The queue, of n, for a frame of this hash; what has none goes where 0 does,
 * as with Linux's netback.
 */
unsigned int hash_queue(const struct wishes_hash *h, const struct hash *hash,
			unsigned int n_queues);

#endif
