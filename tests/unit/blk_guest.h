/* SPDX-License-Identifier: MIT */
/*
 * A guest with a disk that exists only in a test's own memory: its ring, its
 * data pages, its event channel. The functions of libxenevtchn and
 * libxengnttab that the product calls are defined beside it, and a test that
 * links with it runs the product's own code above them.
 */
#ifndef XN_TESTS_BLK_GUEST_H
#define XN_TESTS_BLK_GUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "xen/abi.h"

#define GUEST_DOMID    5
#define GUEST_PORT     3
#define GUEST_RING_REF 1
#define GUEST_PAGE_REF 100 /* and the following: its data pages */
#define GUEST_PAGES    352
#define GUEST_IDS      256 /* requests are numbered below this */

struct guest {
	unsigned char pages[GUEST_PAGES][4096];
	union {
		unsigned char bytes[4096];
		struct blkif_sring sring;
	} ring;
	RING_IDX put;  /* requests placed */
	RING_IDX seen; /* responses */
	unsigned int answers[GUEST_IDS];
	int16_t status[GUEST_IDS];

	/* the backend's side of the event channel */
	int fd;
	bool restricted; /* the handle, to this guest */
	bool bound, masked, pending;
	bool rings_forever; /* whenever it is unmasked */
	unsigned int events, notified;

	/* the backend's use of grants */
	unsigned int mapped, copies_in, copies_out;
	bool copy_fails;
} __attribute__((aligned(4096)));

extern struct guest guest;

/* Forgets everything; the ring is new. */
void guest_begin(void);

/* Places a request without segments; it is not announced yet. */
struct blkif_request *guest_put(uint64_t id, uint8_t op, uint64_t sector);

/* Adds sectors first..last of a data page to a request. */
void guest_add(struct blkif_request *req, uint32_t page, uint8_t first,
	       uint8_t last);

/* Announces what was placed, and rings if it was asked to. */
void guest_push(void);
void guest_ring(void);

/* Notes the responses that have come. */
void guest_collect(void);

#endif
