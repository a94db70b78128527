/* SPDX-License-Identifier: MIT */
/*
 * Our end of a request ring of one or more pages, in memory that the guest
 * may change at any time. Nothing is read from it twice, and what we wrote
 * there is never read back.
 */
#ifndef XN_BLK_RING_H
#define XN_BLK_RING_H

#include <stdbool.h>
#include <stdint.h>

#include "abi.h"

#define BLK_RING_PAGES_MAX   16 /* order 4, as Linux's back end */
#define BLK_RING_ENTRIES     32 /* a page of it, whatever the ABI */
#define BLK_RING_ENTRIES_MAX (BLK_RING_PAGES_MAX * BLK_RING_ENTRIES)

struct ring {
	struct blkif_sring *shared; /* borrowed: its indices */
	uint8_t *entries;	    /* in the same pages, behind them */
	enum blk_abi abi;
	uint32_t n_entries; /* a power of two */
	RING_IDX taken;	    /* requests */
	RING_IDX answered;  /* responses placed */
	RING_IDX pushed;    /* of those, how many the guest has been shown */
};

/*
 * Begins where the last answer in the pages ended. pages is borrowed; n_pages
 * is a power of two up to BLK_RING_PAGES_MAX. 0, or -EPROTO when the indices
 * cannot be true.
 */
int ring_attach(struct ring *r, void *pages, unsigned int n_pages,
		enum blk_abi abi);

/*
 * After ring_attach: every request before this index has been taken already.
 * 0, or -EPROTO when the guest has not placed them.
 */
int ring_resume(struct ring *r, RING_IDX taken);

/*
 * Copies the next request out, once. 1, 0 when there is none, or -EPROTO when
 * the guest claims more requests than fit, or takes some back.
 */
int ring_take(struct ring *r, union blk_wire *out);

/*
 * How many requests the guest says are there to be taken; no more than fit,
 * whatever it says. ring_take is the judge of it.
 */
uint32_t ring_waiting(const struct ring *r);

/*
 * Places one response; the guest sees it after ring_push. Returns its number,
 * which rsp_prod will pass then.
 */
RING_IDX ring_answer(struct ring *r, uint64_t id, uint8_t operation,
		     int16_t status);

/* Shows the guest what was placed. True when it wants to be notified. */
bool ring_push(struct ring *r);

/*
 * Asks to be notified of the next request. True when one is there already,
 * so that it would never be announced.
 */
bool ring_rest(struct ring *r);

#endif
