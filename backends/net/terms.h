/* SPDX-License-Identifier: MIT */
/*
 * What may change while a vif is served, shared by all of its queues: how much
 * the guest may send, or nothing at all, the room it wants before each frame,
 * and whether it gets multicast that it has not asked for.
 *
 * The rate is a bucket of bytes (base/bucket.h), which holds the credit of one
 * interval. Linux's netback gives its credit at each interval's end, and to a
 * packet that is larger saves up until it is enough; here a packet may go when
 * there is any credit at all, and what it lacks is owed and paid before the
 * next one goes. Either way a packet of any size passes in the end and the
 * mean is what was asked for; a debt has no timer to wait for, and no packet
 * is held back while credit for half of it lies idle. (Netback gives each
 * queue the whole rate; here all of a vif's queues share it.)
 */
#ifndef XN_NET_TERMS_H
#define XN_NET_TERMS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/bucket.h"

struct err;
struct msg_net_terms;

/* The bucket belongs to whoever holds the lock. */
struct terms {
	pthread_mutex_t lock;
	struct bucket bytes;
	atomic_bool limited;
	atomic_bool multicast; /* only what the guest asks for */
	atomic_bool unplugged;
	_Atomic uint32_t headroom;
};

/* No limit, no room, all multicast. */
#define TERMS_NONE                                \
	{                                         \
		.lock = PTHREAD_MUTEX_INITIALIZER \
	}

/*
 * Changes them all, from any thread. More headroom than VIF_HEADROOM_MAX is
 * taken for that. 0; or -EINVAL with *e set and nothing changed: a rate
 * without an interval.
 */
int terms_set(struct terms *t, const struct msg_net_terms *m, uint64_t now_ns,
	      struct err *e);

/*
 * 0: a packet may go, and is to be paid for. Else after how many nanoseconds
 * to ask again. Where n queues ask at the same moment, each may send one.
 */
uint64_t terms_held_ns(struct terms *t);

/* A packet of so many bytes goes. */
void terms_pay(struct terms *t, uint32_t bytes);

/* The bytes to be left free before each frame's first. */
static inline uint32_t terms_headroom(const struct terms *t)
{
	return atomic_load_explicit(&t->headroom, memory_order_relaxed);
}

/* What the guest sends is dropped: a tap without a carrier takes it. */
static inline bool terms_unplugged(const struct terms *t)
{
	return atomic_load_explicit(&t->unplugged, memory_order_relaxed);
}

static inline bool terms_filter_multicast(const struct terms *t)
{
	return atomic_load_explicit(&t->multicast, memory_order_relaxed);
}

#endif
