/* SPDX-License-Identifier: MIT */
/*
 * The front end of a shared ring of xen/io/ring.h, with the size of its slots
 * known at run time only: three ABIs have three. The four indices are open to
 * a guest that lies about them.
 */
#ifndef XN_SIM_GUEST_FRONT_H
#define XN_SIM_GUEST_FRONT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RING_REQ_PROD, RING_REQ_EVENT, RING_RSP_PROD, RING_RSP_EVENT };

struct front {
	volatile uint32_t *index; /* the four of the shared page */
	uint8_t *slots;
	size_t slot_bytes;
	uint32_t entries; /* a power of two */
	uint32_t put;	  /* requests, published or not */
	uint32_t pushed;  /* requests published */
	uint32_t seen;	  /* responses */
};

/* ring: bytes of shared memory, zeroed, one page or several. */
void front_init(struct front *f, void *ring, size_t bytes, size_t slot_bytes);

uint32_t front_room(const struct front *f);
/* The next request's slot; room must be left. */
void *front_put(struct front *f);
/* Publishes. True when the back end wants to be told. */
bool front_push(struct front *f);

/*
 * Copies the next response out. 1; 0 when there is none; -EPROTO when the
 * back end answers more than it was asked.
 */
int front_take(struct front *f, void *response, size_t bytes);
/* Asks to be told of the next response. True when one is there already. */
bool front_rest(struct front *f);

#endif
