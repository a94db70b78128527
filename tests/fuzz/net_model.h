/* SPDX-License-Identifier: MIT */
/*
 * A reference for what becomes of a guest's packets, written from
 * xen/io/netif.h and the RFCs alone. Slow, and in wide numbers.
 */
#ifndef XN_FUZZ_NET_MODEL_H
#define XN_FUZZ_NET_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MODEL_PAGES	  8
#define MODEL_FRAME_BYTES 65536

/* A slot of the ring: 12 bytes that mean a request or an extra. */
struct model_slot {
	uint8_t bytes[12];
};

/* What the virtio header before a frame must say. */
struct model_header {
	uint8_t flags, gso_type;
	uint16_t hdr_len, gso_size;
	uint16_t csum_start, csum_offset;
};

struct model_packet {
	bool endless; /* the rest is then not set */
	unsigned int n_slots, n_extras;
	bool sent;	 /* or refused, unless it is: */
	uint8_t control; /* 2: the address is added to the filter; 3: deleted */
	uint8_t address[6];
	size_t size;
	uint8_t frame[MODEL_FRAME_BYTES];
	struct model_header header;
};

/*
 * The packet that begins at slot first of n; slots is a ring of 256. pages:
 * those that the guest grants, by reference; all other grants fail.
 */
void model_packet(struct model_packet *p, const struct model_slot slots[256],
		  uint32_t first, uint32_t n,
		  uint8_t (*pages)[4096] /* MODEL_PAGES */);

/* The multicast addresses that a guest has asked for. */
struct model_filter {
	unsigned int n;
	uint8_t addresses[64][6];
};

/* Does what a packet with control says, if that is possible. */
bool model_filter(struct model_filter *f, const struct model_packet *p);

/* The request's id, wherever it stands. */
uint16_t model_id(const struct model_slot *slot);

#endif
