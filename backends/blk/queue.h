/* SPDX-License-Identifier: MIT */
/*
 * One queue of a disk: a guest's ring, the port that rings for it, and all
 * that moves its requests to the image and back. It owns its handles, so that
 * each queue can have a thread and a loop of its own.
 */
#ifndef XN_BLK_QUEUE_H
#define XN_BLK_QUEUE_H

#include "request.h"
#include "ring.h"

struct blk_figures;
struct caps;
struct err;
struct event_base;
struct journal_queue;
struct queue;
struct store;

/*
 * on_failed: the queue cannot be served any longer; it has been detached.
 * on_drained: nothing is in flight any more after queue_drain. Neither may
 * free the queue.
 */
struct queue_ops {
	void (*on_failed)(const struct err *e, void *arg);
	void (*on_drained)(void *arg);
};

/* Who is served, and with what. */
struct queue_peer {
	const char *name; /* for log lines; borrowed */
	uint32_t domid;
	uint32_t port; /* the guest's */
	unsigned int n_pages;
	uint32_t refs[BLK_RING_PAGES_MAX]; /* of the ring, n_pages of them */
	enum blk_abi abi;
	bool persistent; /* the guest uses the same grants again and again */
	int image;	 /* borrowed; -1: there is none */
	struct store *store; /* instead of image; taken, on failure too */
	struct journal_queue *journal; /* borrowed; not replayed yet */
	struct blk_figures *figures;   /* borrowed; of this queue */
	struct caps *caps;	       /* borrowed; of the disk */
	struct blk_limits limits;
};

/*
 * Opens every handle; to be called before confinement. base, ops and arg are
 * borrowed. NULL with *e set.
 */
struct queue *queue_new(struct event_base *base, const struct queue_ops *ops,
			void *arg, struct err *e);

/* NULL is fine. */
void queue_free(struct queue *q);

/*
 * Maps the ring, binds the port and begins to serve, with what a predecessor
 * has left undone. From here on the queue
 * belongs to the calling thread, until queue_free. Nothing may be busy. 0 or
 * -errno with *e set.
 */
int queue_attach(struct queue *q, const struct queue_peer *peer, struct err *e);

/* The disk's caps have changed. Fine when detached. */
void queue_look_again(struct queue *q);

/*
 * Takes no more requests; answers those taken. on_drained may come before
 * this returns. Fine when detached.
 */
void queue_drain(struct queue *q);

/*
 * Unbinds and unmaps. What is in flight goes on to the image, unanswered.
 * Fine when detached.
 */
void queue_detach(struct queue *q);

/* Requests taken and not yet finished. */
unsigned int queue_busy(const struct queue *q);

#endif
