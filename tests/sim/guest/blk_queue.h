/* SPDX-License-Identifier: MIT */
/* One ring of a block front end, requests of any shape, and their answers. */
#ifndef XN_SIM_GUEST_BLK_QUEUE_H
#define XN_SIM_GUEST_BLK_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/sim/guest/blk_abi.h"
#include "tests/sim/guest/front.h"

struct blk;
struct err;

#define BLK_ORDER_MAX	4
#define BLK_ENTRIES_MAX 512 /* of a ring of that order */

struct blk_flight {
	bool busy;
	bool answered;
	int16_t status;
	uint8_t operation;
	uint64_t id;
};

struct blk_queue;

/* What takes the answers of a queue in the place of all below. */
typedef void blk_queue_taker(struct blk_queue *q, const struct blk_answer *a);

struct blk_queue {
	struct blk *blk;	/* borrowed */
	blk_queue_taker *taker; /* NULL: as below. To be set when open */
	void *taker_arg;
	struct front ring;
	void *view; /* the pages, one after the other; NULL: not open */
	unsigned int n_pages;
	void *pages[1 << BLK_ORDER_MAX];
	uint32_t refs[1 << BLK_ORDER_MAX];
	uint32_t port;
	struct blk_flight flights[BLK_ENTRIES_MAX];
};

/* As many pages as blk->want says. 0 or -errno with *e set. */
int blk_queue_open(struct blk *b, struct blk_queue *q, struct err *e);
/* A page that is still mapped by dom0 is a breach, and stays granted. */
void blk_queue_close(struct blk_queue *q);

/* Puts a request into the ring, under its id. -ENOSPC when it is full. */
int blk_queue_put(struct blk_queue *q, const struct blk_wire *w);
void blk_queue_push(struct blk_queue *q);

/*
 * Turns the loop until that request is answered; it is then forgotten. 0 with
 * *status; -EPIPE when the back end gives up the device meanwhile, or
 * -ETIMEDOUT, with *e set.
 */
int blk_queue_wait(struct blk_queue *q, uint64_t id, int16_t *status,
		   struct err *e);
/* All three. */
int blk_queue_ask(struct blk_queue *q, const struct blk_wire *w,
		  int16_t *status, struct err *e);

/*
 * Publishes what is in the ring and turns the loop until all of it is
 * answered, whatever the answers. As blk_queue_wait.
 */
int blk_queue_wait_all(struct blk_queue *q, struct err *e);

#endif
