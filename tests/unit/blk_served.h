/* SPDX-License-Identifier: MIT */
/*
 * A queue of the product on a loop of its own, serving the guest of
 * blk_guest.h from a memory file. Each test begins and ends with a fresh one.
 */
#ifndef XN_TESTS_BLK_SERVED_H
#define XN_TESTS_BLK_SERVED_H

#include "backends/blk/caps.h"
#include "backends/blk/journal.h"
#include "backends/blk/queue.h"
#include "chan/blk_figures.h"

#define SERVED_SECTORS 16384

struct served {
	struct event_base *base;
	struct event *tick; /* so that the loop never sleeps for long */
	struct queue *q;    /* NULL when this kernel has no io_uring for us */
	int image;
	struct journal journal;
	bool has_journal;	    /* else each served_attach gets a new one */
	struct blk_figures figures; /* zero to begin with; so are the caps */
	struct caps caps;
	bool persistent;	  /* for served_attach, */
	struct store *store;	  /* as this (NULL: the image) */
	struct blk_limits limits; /* as this; all is offered to begin with */
	unsigned int failed, drained; /* what the queue has told */
};

extern struct served served;

/* cmocka's setup and teardown; the latter fails when anything was kept. */
int served_begin(void **state);
int served_end(void **state);

/* Has the queue use the journal in this file, as worker number generation. */
void served_use_journal(int file, uint32_t generation);

/* queue_attach, with all that guest says of itself; what it returned. */
int served_attach(uint32_t port, uint32_t ref);

/* Attaches, or skips the test where there is no io_uring. */
void served_start(void);

/*
 * The same with a pipe for an image, which keeps a read in flight until
 * something is written to it. Returns the end to write to, with a read of a
 * page, number 1, taken.
 */
int served_start_slow(void);

/* Runs the loop until *counter reaches goal; fails after five seconds. */
void served_until(const unsigned int *counter, unsigned int goal);

/* Announces what the guest has placed; the status that id was answered with. */
int16_t served_status(uint64_t id);

/* Milliseconds on a clock that only goes forward. */
double served_ms(void);

#endif
