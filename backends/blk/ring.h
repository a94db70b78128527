/* SPDX-License-Identifier: MIT */
/*
 * Our end of a one-page request ring of the x86_64 ABI, in memory that the
 * guest may change at any time. Nothing is read from it twice, and what we
 * wrote there is never read back.
 */
#ifndef XN_BLK_RING_H
#define XN_BLK_RING_H

#include <stdbool.h>
#include <stdint.h>

#include "xen/abi.h"

#define BLK_RING_ENTRIES 32

struct ring {
	struct blkif_back_ring back;
	RING_IDX pushed; /* the rsp_prod that the guest has been shown */
};

/*
 * Begins where the last answer in the page ended. page is borrowed, one page.
 * 0, or -EPROTO when its indices cannot be true.
 */
int ring_attach(struct ring *r, void *page);

/*
 * After ring_attach: every request before this index has been taken already.
 * 0, or -EPROTO when the guest has not placed them.
 */
int ring_resume(struct ring *r, RING_IDX taken);

/*
 * Copies the next request out, once. 1, 0 when there is none, or -EPROTO when
 * the guest claims more requests than fit, or takes some back.
 */
int ring_take(struct ring *r, struct blkif_request *out);

/*
 * Places one response; the guest sees it after ring_push. Returns its number,
 * which rsp_prod will pass then.
 */
RING_IDX ring_answer(struct ring *r, const struct blkif_request *to,
		     int16_t status);

/* Shows the guest what was placed. True when it wants to be notified. */
bool ring_push(struct ring *r);

/*
 * Asks to be notified of the next request. True when one is there already,
 * so that it would never be announced.
 */
bool ring_rest(struct ring *r);

#endif
