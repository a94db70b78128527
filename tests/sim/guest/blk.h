/* SPDX-License-Identifier: MIT */
/*
 * A block front end and its handshake. What the back end owes every guest is
 * watched all the time; bus_check tells of the first breach.
 */
#ifndef XN_SIM_GUEST_BLK_H
#define XN_SIM_GUEST_BLK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "tests/sim/guest/blk_queue.h"
#include "tests/sim/guest/bus.h"

#define BLK_QUEUES_MAX 4

/* What is asked for; had only as far as the back end offers it. */
struct blk_want {
	enum blk_abi abi;
	unsigned int order;  /* 2^order pages a ring */
	unsigned int queues; /* 0: one, without the keys of several */
	bool persistent;     /* a page, once granted, stays so */
	bool indirect;
	bool blind; /* of the back end's state: it is prepared, published, used */
};

struct blk_page;

struct blk {
	struct guest *guest; /* borrowed */
	uint32_t devid;
	struct bus bus;
	struct blk_want want;  /* what it got, once prepared */
	bool racing;	       /* what a request was is not ours to know */
	unsigned int n_queues; /* open ones */
	struct blk_queue queues[BLK_QUEUES_MAX];
	struct blk_page *unused; /* owned, as is the next: see blk_io.h */
	struct blk_page *parked;

	/* Of the back end, once connected. */
	uint64_t sectors;
	bool read_only;
	bool can_flush;
	bool can_barrier;
	bool can_discard;
	uint32_t max_indirect; /* segments; 0: not offered */
};

/* NULL with *e set. Only looks. */
struct blk *blk_new(struct guest *g, uint32_t devid, struct err *e);
/* Leaves the device as it is, connected or not. NULL is fine. */
void blk_free(struct blk *b);

/* From whatever state to Connected. 0 or -errno with *e set. */
int blk_connect(struct blk *b, const struct blk_want *want, struct err *e);
/*
 * The same in three steps, for a guest that lies between them: rings and
 * ports; the keys, of which wrong_key (unless NULL) has the text wrong
 * instead (NULL: is left out); and what is to be read once both are
 * Connected.
 */
int blk_prepare(struct blk *b, const struct blk_want *want, struct err *e);
int blk_publish(struct blk *b, const char *wrong_key, const char *wrong,
		struct err *e);
int blk_settle(struct blk *b, struct err *e);

/*
 * Closed on both sides, and all that was granted taken back: what cannot be
 * is a breach, for it is still mapped (XSA-396). 0 or -errno with *e set.
 */
int blk_disconnect(struct blk *b, struct err *e);

bool blk_is_connected(const struct blk *b);

#endif
