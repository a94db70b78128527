/* SPDX-License-Identifier: MIT */
/*
 * A queue on a thread and a loop of its own (chan/loop.h). The main thread
 * makes it, gives it its peer and ends it. Nothing is shared between this
 * thread and any other queue's.
 */
#ifndef XN_BLK_THREAD_H
#define XN_BLK_THREAD_H

#include "chan/loop.h"
#include "queue.h"

struct err;
struct thread;

/*
 * Opens every handle; to be called before confinement. Whenever the state
 * changes, or it fails, told (an eventfd, borrowed) is written to. NULL with
 * *e set.
 */
struct thread *thread_new(int told, struct err *e);

/* Either idle, or told to stop or to give up: waits for that. NULL is fine. */
void thread_free(struct thread *t);

/* Runs queue number (for its name) with peer, which is copied. 0 or -errno. */
int thread_start(struct thread *t, unsigned int number,
		 const struct queue_peer *peer, struct err *e);

/* The disk's caps have changed. Fine at any time. */
void thread_look_again(struct thread *t);

/* Answers what was taken, detaches, ends. Fine when idle, or told before. */
void thread_stop(struct thread *t);

/* Detaches and ends though requests are under way. As thread_stop. */
void thread_give_up(struct thread *t);

/* Once it has ended, nothing of the guest's is mapped or bound. */
enum loop_state thread_state(const struct thread *t);

/*
 * Why it could not start or serve on; NULL while all is well. It still has to
 * be stopped.
 */
const struct err *thread_failure(const struct thread *t);

#endif
