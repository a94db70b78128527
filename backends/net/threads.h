/* SPDX-License-Identifier: MIT */
/* The threads of a vif, a queue's each, as one. */
#ifndef XN_NET_THREADS_H
#define XN_NET_THREADS_H

#include <stdbool.h>

#include "chan/loop.h"
#include "chan/msg.h"

struct err;
struct thread;

struct threads {
	struct thread *all[MSG_NET_QUEUES_MAX]; /* owned */
	unsigned int n;
};

/*
 * Opens n of them; to be called before confinement. told: as loop_new's. 0 or
 * -errno with *e set; on failure too, threads_free may be called.
 */
int threads_open(struct threads *t, unsigned int n, int told, struct err *e);

/* Makes them give up, and waits for that. Fine when all zero. */
void threads_free(struct threads *t);

/* Frees all but the first n, which are idle. */
void threads_drop(struct threads *t, unsigned int n);

/* All have ended or are idle: they may be started again. */
void threads_renew(struct threads *t);

/* Whether each that has been started is in this state. */
bool threads_are(const struct threads *t, enum loop_state state);

/* Why the first that has failed did; or NULL. */
const struct err *threads_failure(const struct threads *t);

/* To each, loop_stop and loop_look_again. */
void threads_stop(struct threads *t);
void threads_look_again(struct threads *t);

#endif
