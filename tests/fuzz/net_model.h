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
	uint8_t word; /* 0, or: no frame but one about multicast, of this type */
	uint8_t address[6]; /* that it is about */
	bool sent;	    /* or refused, or such a word */
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

/* The request's id, wherever it stands. */
uint16_t model_id(const struct model_slot *slot);

#endif
