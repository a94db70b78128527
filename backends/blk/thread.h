/* SPDX-License-Identifier: MIT */
/*
 * A queue as the work of a loop (chan/loop.h), on a thread of its own. The
 * main thread makes it, gives it its peer and ends it by its loop; once that
 * has ended, nothing of the guest's is mapped or bound. Nothing is shared
 * between this thread and any other queue's.
 */
#ifndef XN_BLK_THREAD_H
#define XN_BLK_THREAD_H

#include "chan/loop.h"
#include "queue.h"

struct err;
struct thread;

/*
 * Opens every handle; to be called before confinement. told: as loop_new's.
 * NULL with *e set.
 */
struct thread *thread_new(int told, struct err *e);

/* Its loop is idle, or told to stop or to give up. NULL is fine. */
void thread_free(struct thread *t);

/* Runs queue number (for its name) with peer, which is copied. 0 or -errno. */
int thread_start(struct thread *t, unsigned int number,
		 const struct queue_peer *peer, struct err *e);

/* Valid until thread_free. */
struct loop *thread_loop(const struct thread *t);

#endif
