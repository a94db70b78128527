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

#include "backends/blk/abi.h"

#define GUEST_DOMID	 5
#define GUEST_PORT	 3
#define GUEST_RING_REF	 1
#define GUEST_RING_PAGES 16  /* of as many grants, one after the other */
#define GUEST_PAGE_REF	 100 /* and the following: its data pages */
#define GUEST_PAGES	 2048
#define GUEST_IDS	 1024 /* requests are numbered below this */

struct guest {
	union {
		unsigned char bytes[GUEST_RING_PAGES * 4096];
		struct blkif_sring sring;
	} ring;
	unsigned char (*pages)[4096]; /* GUEST_PAGES */
	int memory;		      /* what those are a mapping of */
	enum blk_abi abi;	      /* what it speaks, */
	unsigned int n_pages;	      /* over a ring of as many */
	RING_IDX put;		      /* requests placed */
	RING_IDX seen;		      /* responses */
	unsigned int answers[GUEST_IDS];
	int16_t status[GUEST_IDS];

	/* the backend's side of the event channel */
	int fd;
	bool restricted; /* the handle, to this guest */
	bool bound, masked, pending;
	bool rings_forever; /* whenever it is unmasked */
	unsigned int events, notified;
	RING_IDX shown;		 /* responses, when it was first notified */
	void (*on_notify)(void); /* NULL: it does nothing at once */

	/* the backend's use of grants */
	unsigned int mapped, copies_in, copies_out; /* rings, calls, calls */
	unsigned int data_mapped;		    /* pages, now */
	unsigned int map_calls;			    /* that mapped data */
	bool copy_fails, map_fails;
} __attribute__((aligned(4096)));

extern struct guest guest;

/* Forgets everything; the ring is new, of one page, of the x86_64 ABI. */
void guest_begin(void);
void guest_end(void);

/*
 * Places a request without segments; it is not announced yet. Returns it, for
 * the functions of blk_wire.h.
 */
uint8_t *guest_put(uint64_t id, uint8_t op, uint64_t sector);

/* Adds sectors first..last of a data page to a request. */
void guest_add(uint8_t *req, uint32_t page, uint8_t first, uint8_t last);

/*
 * Places an indirect request: n whole data pages from first on, listed in the
 * data page frame.
 */
uint8_t *guest_put_indirect(uint64_t id, uint8_t op, uint64_t sector,
			    uint32_t frame, uint32_t first, uint16_t n);

/* Announces what was placed, and rings if it was asked to. */
void guest_push(void);
void guest_ring(void);

/* Notes the responses that have come. */
void guest_collect(void);

#endif
