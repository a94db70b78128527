/* SPDX-License-Identifier: MIT */
/*
 * How fast a disk may be: requests and bytes a second, of all its queues
 * together, changed at any time. A queue asks before it takes a request from
 * its ring, and leaves it there when it may not: what waits takes no place
 * that something else could use, keeps its order, and is still the guest's
 * when the worker is stopped or killed. What has been taken is never held.
 *
 * How many bytes a request moves is known only once it has been taken; they
 * are paid then, into debt if need be (see base/bucket.h), so with n queues at work
 * the disk can be ahead of its bytes by n requests.
 */
#ifndef XN_BLK_CAPS_H
#define XN_BLK_CAPS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "base/bucket.h"

/* All that is in it belongs to whoever holds the lock, but for any. */
struct caps {
	pthread_mutex_t lock;
	struct bucket requests;
	struct bucket bytes;
	atomic_bool any; /* there is a limit */
};

#define CAPS_NONE                                 \
	{                                         \
		.lock = PTHREAD_MUTEX_INITIALIZER \
	}

/* 0: no limit. From any thread, as all of these. */
void caps_set(struct caps *c, uint64_t iops, uint64_t bytes_per_second,
	      uint64_t now_ns);

/* Whether there is a limit: what else is here is only to be used then. */
static inline bool caps_are_set(struct caps *c)
{
	return atomic_load_explicit(&c->any, memory_order_relaxed);
}

/*
 * 0: a request may be taken, and is paid for, but for its bytes. Else after
 * how many nanoseconds to ask again.
 */
uint64_t caps_admit(struct caps *c, uint64_t now_ns);

/* The request that was taken moves so many bytes, … */
void caps_pay(struct caps *c, uint64_t bytes);

/* … or so many less than were paid for. */
void caps_refund(struct caps *c, uint64_t bytes);

#endif
