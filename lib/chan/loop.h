/* SPDX-License-Identifier: MIT */
/*
 * An event loop on a thread of its own, for what a worker does beside its
 * channel: a queue of a device. The main thread makes it, gives it its work
 * and ends it; what happens meanwhile is told through an eventfd and read from
 * atomic words. Nothing else is shared.
 */
#ifndef XN_CHAN_LOOP_H
#define XN_CHAN_LOOP_H

struct err;
struct event_base;
struct loop;

/* The work. All are called in the loop's thread. */
struct loop_ops {
	/* Begins. 0 or -errno with *e set. */
	int (*attach)(void *arg, struct err *e);
	/* Something has changed that it should look at. */
	void (*look_again)(void *arg);
	/* Finishes what is in flight, then calls loop_end, or before that. */
	void (*drain)(void *arg);
	/* The last: also when attach has failed, and when drain had no end. */
	void (*detach)(void *arg);
};

/* In the order in which they come. */
enum loop_state {
	LOOP_IDLE,
	LOOP_STARTING,
	LOOP_SERVING,
	LOOP_ENDED, /* detached */
};

/*
 * To be called before confinement. Whenever the state changes, or it fails,
 * told (an eventfd, borrowed) is written to. NULL with *e set.
 */
struct loop *loop_new(int told, struct err *e);

/*
 * Either idle, or told to stop or to give up: waits for that. Events on its
 * base are this thread's again afterwards.
 */
void loop_join(struct loop *l);

/*
 * It has ended, or is idle: it is idle, and may be started again, for other
 * work. Called by whoever reads its states; no order may be under way.
 */
void loop_renew(struct loop *l);

/* Joins it too. NULL is fine. */
void loop_free(struct loop *l);

/* What the work's events are to be made on. */
struct event_base *loop_base(struct loop *l);

/*
 * Starts the thread, which top(1) calls by the first 15 letters of name. ops
 * and arg are borrowed. 0 or -errno with *e set.
 */
int loop_start(struct loop *l, const char *name, const struct loop_ops *ops,
	       void *arg, struct err *e);

/* From any thread, at any time before loop_free: ops->look_again is called. */
void loop_look_again(struct loop *l);

/* Drains, detaches, ends. Fine when idle, or told before. */
void loop_stop(struct loop *l);

/* Detaches and ends though it has not drained. As loop_stop. */
void loop_give_up(struct loop *l);

enum loop_state loop_state(const struct loop *l);

/*
 * Why it could not begin or go on; NULL while all is well. It still has to be
 * stopped.
 */
const struct err *loop_failure(const struct loop *l);

/* ---- in the loop's thread ---- */

/* The work cannot go on, for the reason in *e, which is copied. Once. */
void loop_fail(struct loop *l, const struct err *e);

/* It has drained: the thread ends after the present callback. */
void loop_end(struct loop *l);

#endif
