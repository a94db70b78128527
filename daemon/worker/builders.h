/* SPDX-License-Identifier: MIT */
/*
 * The pool of xn-build processes: requests wait for one that is idle, each
 * process works at one at a time, and one that dies or takes too long fails
 * its request and is replaced.
 */
#ifndef XN_WORKER_BUILDERS_H
#define XN_WORKER_BUILDERS_H

#include <stdint.h>

#include "chan/msg.h"

struct builders;
struct err;
struct event_base;

/*
 * Starts count processes. timeout_s: how long a request may take. NULL with
 * *e set.
 */
struct builders *builders_new(struct event_base *base, unsigned int count,
			      unsigned int timeout_s, struct err *e);

/* Ends the processes; requests under way are forgotten. NULL is fine. */
void builders_free(struct builders *bs);

/*
 * answer: MSG_BUILT or MSG_DESTROYED; NULL with e set when it failed. Called
 * once, never from within builders_request.
 */
typedef void build_cb(const union msg *answer, const struct err *e, void *arg);

/*
 * Queues a MSG_BUILD or MSG_DESTROY; the descriptors are duplicated. 0, or
 * -errno with *e set when no builder can be started.
 */
int builders_request(struct builders *bs, const union msg *m, const int *fds,
		     unsigned int n_fds, build_cb *done, void *arg,
		     struct err *e);

#endif
