/* SPDX-License-Identifier: MIT */
/* Spreading frames over queues as a guest has told. */
#include "hash.h"

#include <string.h>
#include <net/ethernet.h>

#include "frame.h"
#include "xen/abi.h"

#define PORTS_BYTES	4 /* TCP's two, at the beginning of its header */
#define TCP_CSUM_OFFSET 16

/* Where the addresses are in an IP header, both together. */
struct layout {
	uint16_t type; /* of the Ethernet frame */
	uint8_t header;
	uint8_t at;
	uint8_t size;
	uint8_t hash_type;
	uint8_t hash_type_tcp;
};

static const struct layout layouts[] = {
	{ETHERTYPE_IP, 20, 12, 8, _XEN_NETIF_CTRL_HASH_TYPE_IPV4,
	 _XEN_NETIF_CTRL_HASH_TYPE_IPV4_TCP},
	{ETHERTYPE_IPV6, 40, 8, 32, _XEN_NETIF_CTRL_HASH_TYPE_IPV6,
	 _XEN_NETIF_CTRL_HASH_TYPE_IPV6_TCP},
};

uint32_t hash_toeplitz(const uint8_t key[WISHES_KEY_BYTES],
		       const uint8_t *bytes, size_t size)
{
	uint64_t window = 0; /* its upper half is the key's 32 bits */
	uint32_t hash = 0;
	size_t i;
	int bit;

	for (i = 0; i < 4; i++)
		window = window << 8 | key[i];
	window <<= 32;
	for (i = 0; i < size; i++) {
		window |= (uint64_t)key[i + 4] << 24;
		for (bit = 7; bit >= 0; bit--) {
			if (bytes[i] >> bit & 1)
				hash ^= (uint32_t)(window >> 32);
			window <<= 1;
		}
	}
	return hash;
}

/* Where the frame's IP header begins, by which layout; NULL: it has none. */
static const struct layout *find_ip(const uint8_t *frame, size_t size,
				    size_t *at)
{
	uint16_t type;
	size_t i;

	*at = frame_find_network(frame, size, &type);
	if (*at == 0)
		return NULL;
	for (i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++)
		if (layouts[i].type == type)
			return size - *at < layouts[i].header ? NULL
							      : &layouts[i];
	return NULL;
}

static bool is_chosen(const struct wishes_hash *h, uint8_t type)
{
	return h->types >> type & 1;
}

struct hash hash_frame(const struct wishes_hash *h, const uint8_t *frame,
		       size_t size)
{
	uint8_t bytes[32 + PORTS_BYTES];
	struct hash hash = {false};
	struct frame_transport t;
	const struct layout *ip;
	size_t n, at;

	ip = find_ip(frame, size, &at);
	if (!ip)
		return hash;
	n = ip->size;
	memcpy(bytes, frame + at + ip->at, n);
	if (is_chosen(h, ip->hash_type_tcp) &&
	    frame_find_transport(frame, size, &t) &&
	    t.csum_offset == TCP_CSUM_OFFSET) {
		memcpy(bytes + n, frame + t.start, PORTS_BYTES);
		n += PORTS_BYTES;
		hash.type = ip->hash_type_tcp;
	} else if (is_chosen(h, ip->hash_type)) {
		hash.type = ip->hash_type;
	} else {
		return hash;
	}
	hash.known = true;
	hash.value = hash_toeplitz(h->key, bytes, n);
	return hash;
}

unsigned int hash_queue(const struct wishes_hash *h, const struct hash *hash,
			unsigned int n_queues)
{
	const uint32_t value = hash->known ? hash->value : 0;

	if (h->mapping_size == 0)
		return value % n_queues;
	return h->mapping[value % h->mapping_size];
}
