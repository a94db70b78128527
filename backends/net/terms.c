/* SPDX-License-Identifier: MIT */
/* What may change while a vif is served, shared by all of its queues. */
#include "terms.h"

#include <errno.h>

#include "base/clock.h"
#include "base/err.h"
#include "chan/msg.h"
#include "vif.h"

#define SECOND_US 1000000u

/* Products of a size and a time. */
__extension__ typedef unsigned __int128 wide;

/* Bytes a second, rounded up: what is limited never becomes 0, no limit. */
static uint64_t rate_of(const struct msg_net_terms *m)
{
	wide rate = ((wide)m->rate_bytes * SECOND_US + m->rate_interval - 1) /
		    m->rate_interval;

	return rate < BUCKET_MAX ? (uint64_t)rate : BUCKET_MAX;
}

int terms_set(struct terms *t, const struct msg_net_terms *m, uint64_t now_ns,
	      struct err *e)
{
	const uint64_t burst = m->rate_bytes;

	if (burst && m->rate_interval == 0)
		return err_set(e, EINVAL, "told a rate without an interval");
	pthread_mutex_lock(&t->lock);
	bucket_set(&t->bytes, burst ? rate_of(m) : 0, burst, now_ns);
	pthread_mutex_unlock(&t->lock);
	atomic_store_explicit(&t->limited, burst != 0, memory_order_relaxed);
	/* The guest is told with each frame how much it is. */
	atomic_store_explicit(&t->headroom,
			      m->xdp_headroom < VIF_HEADROOM_MAX
				      ? m->xdp_headroom
				      : VIF_HEADROOM_MAX,
			      memory_order_relaxed);
	atomic_store_explicit(&t->unplugged, m->flags & MSG_NET_UNPLUGGED,
			      memory_order_relaxed);
	atomic_store_explicit(&t->multicast, m->flags & MSG_NET_MULTICAST,
			      memory_order_relaxed);
	return 0;
}

static bool is_limited(struct terms *t)
{
	return atomic_load_explicit(&t->limited, memory_order_relaxed);
}

uint64_t terms_held_ns(struct terms *t)
{
	uint64_t held_ns;

	if (!is_limited(t))
		return 0;
	pthread_mutex_lock(&t->lock);
	held_ns = bucket_wait_ns(&t->bytes, clock_ns());
	pthread_mutex_unlock(&t->lock);
	return held_ns;
}

void terms_pay(struct terms *t, uint32_t bytes)
{
	if (!is_limited(t))
		return;
	pthread_mutex_lock(&t->lock);
	bucket_take(&t->bytes, bytes);
	pthread_mutex_unlock(&t->lock);
}
