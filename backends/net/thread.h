/* SPDX-License-Identifier: MIT */
/*
 * A queue as the work of a loop (chan/loop.h), on a thread of its own. The
 * main thread makes it, says what it is to serve, and ends it by its loop;
 * once that has ended, nothing of the guest's is mapped or bound.
 */
#ifndef XN_NET_THREAD_H
#define XN_NET_THREAD_H

#include "chan/loop.h"
#include "queue.h"
#include "vif.h"

struct err;
struct thread;

/*
 * Opens every handle; to be called before confinement. told: as loop_new's.
 * NULL with *e set.
 */
struct thread *thread_new(int told, struct err *e);

/* Its loop is idle, or told to stop or to give up. NULL is fine. */
void thread_free(struct thread *t);

/* It has ended, or is idle: it may be started again, for another guest. */
void thread_renew(struct thread *t);

/* Runs queue number (for its name); vif and wires are copied. 0 or -errno. */
int thread_start(struct thread *t, unsigned int number, const struct vif *vif,
		 const struct queue_wires *wires, struct err *e);

/* Valid until thread_free. */
struct loop *thread_loop(const struct thread *t);

/* Likewise; for the threads of other vifs, once it serves. */
struct queue *thread_queue(const struct thread *t);

#endif
