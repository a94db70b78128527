/* SPDX-License-Identifier: MIT */
/*
 * What moves a ring's requests to the image and back, knowing nothing of
 * events. One turn takes what the guest has queued, starts it, collects what
 * is done and answers it, with one grant copy each way and one submission for
 * all of it. But where the image does at once what it is asked, as one in
 * memory does, and of much that was read, a turn is of a part only, so that the
 * guest is at work on that part while we are on the next.
 */
#ifndef XN_BLK_PUMP_H
#define XN_BLK_PUMP_H

#include "base/log.h"
#include "arena.h"
#include "copy.h"
#include "lone.h"
#include "meter.h"
#include "ring.h"
#include "slot.h"

struct blk_figures;
struct caps;
struct err;
struct journal_queue;
struct store;

struct pump {
	const char *name;      /* borrowed, for log lines */
	struct store *store;   /* borrowed, listening */
	struct grants *grants; /* owned; NULL: none are kept */
	struct blk_limits limits;
	struct ring ring;
	bool has_ring;
	struct slot_pool pool;
	struct arena arena;
	struct copy copy;
	struct journal_queue *journal; /* borrowed */
	bool resumed;		       /* a predecessor has been at work */
	struct slot_list left;	       /* by it, taken and not looked at yet */
	struct slot_list waiting; /* taken, in order, not at the image yet */
	struct slot_list ended;	  /* but for being answered */
	uint32_t at_image;
	bool at_once; /* what is handed over is done right then */
	struct lone lone;
	bool fenced; /* one of those is a barrier */
	struct meter meter;
	struct log_limit limit;
};

struct pump_peer {
	const char *name;
	xengnttab_handle *gnttab;
	uint32_t domid;
	bool persistent;
	void *pages; /* the ring, mapped; borrowed until pump_detach */
	unsigned int n_pages;
	enum blk_abi abi;
	struct blk_limits limits;
	struct journal_queue *journal; /* borrowed, with a place for each
					  request of the ring; not replayed */
	struct blk_figures *figures;   /* borrowed until pump_close */
	struct caps *caps;	       /* likewise */
};

/*
 * p is zeroed or was detached with nothing busy. What a predecessor has left
 * is taken over, and p->resumed says whether there was one. 0, or -errno with
 * *e set and nothing kept of pages.
 */
int pump_attach(struct pump *p, struct store *s, const struct pump_peer *peer,
		struct err *e);

/*
 * Lets go of every page of the guest's. What is at the image goes on,
 * unanswered; what is not is forgotten. Fine when detached.
 */
void pump_detach(struct pump *p);

/* Detached, and no operation is under way any more: frees. */
void pump_close(struct pump *p);

/*
 * One turn; takes requests if take. How much was done, 0 for nothing;
 * -EPROTO: a corrupt ring; -EAGAIN: the kernel is short of memory now; any
 * other -errno: nothing can be submitted. *notify: the guest wants to hear of
 * the answers.
 */
int pump_turn(struct pump *p, bool take, bool *notify);

/* The slot of a request that is over, and what it held, for others. */
void pump_put(struct pump *p, struct slot *slot);

/* Requests wait that only the end of another can help: take no more. */
bool pump_is_stuck(const struct pump *p);

/*
 * 0, or: the disk's caps have kept the last turn from taking requests that
 * are there, and will for so many nanoseconds.
 */
uint64_t pump_held_ns(const struct pump *p);

/* Gives back what has not been needed for a while. */
void pump_rest(struct pump *p);

#endif
