/* SPDX-License-Identifier: MIT */
/*
 * What a ring is about to be answered, where a worker's successor finds it. A
 * response is written over the request that was in its slot, and counts only
 * when rsp_prod has passed it: a worker that is killed in between leaves slots
 * that are neither, and a request read from one would name a grant that the
 * guest has not given for this. So all responses of a pass are written into the
 * journal first, then into the ring; and a successor begins by finishing that.
 * What it finds may be a taken-over worker's work, which can do no more with it
 * than answer its own guest.
 */
#ifndef XN_NET_ANSWERS_H
#define XN_NET_ANSWERS_H

#include <stddef.h>
#include <stdint.h>

#define ANSWERS_BYTES 2048u /* of all responses that a ring has slots for */

/* A ring's in the journal; all zero to begin with. */
struct answers_kept {
	uint32_t to; /* rsp_prod once they count */
	uint32_t n;
	uint8_t bytes[ANSWERS_BYTES];
};

struct answers {
	struct answers_kept *kept; /* borrowed, as the slots are */
	uint8_t *slots;		   /* of the ring, so many bytes each, */
	size_t slot_bytes;
	size_t bytes;	  /* of which a response takes these */
	uint32_t n_slots; /* a power of two; by bytes at most ANSWERS_BYTES */
};

/*
 * Begins with a ring whose rsp_prod is prod: writes into it what a predecessor
 * has not pushed. Returns what rsp_prod is to be: prod when there was nothing.
 */
uint32_t answers_resume(const struct answers *a, uint32_t prod);

/* Begins a pass. */
void answers_begin(struct answers *a);

/* One response more; at most n_slots in a pass. */
void answers_add(struct answers *a, const void *response);

/*
 * Writes them into the ring, behind those up to *prod, which then counts them
 * too. They are to be pushed next.
 */
void answers_show(struct answers *a, uint32_t *prod);

#endif
