/* SPDX-License-Identifier: MIT */
/* Two buckets that the queues of a disk share. */
#include "caps.h"

#define BURST_PART 10 /* of a second is what an idle disk saves up */

void caps_set(struct caps *c, uint64_t iops, uint64_t bytes_per_second,
	      uint64_t now_ns)
{
	pthread_mutex_lock(&c->lock);
	bucket_set(&c->requests, iops, iops / BURST_PART, now_ns);
	bucket_set(&c->bytes, bytes_per_second, bytes_per_second / BURST_PART,
		   now_ns);
	atomic_store_explicit(&c->any, iops || bytes_per_second,
			      memory_order_relaxed);
	pthread_mutex_unlock(&c->lock);
}

uint64_t caps_admit(struct caps *c, uint64_t now_ns)
{
	uint64_t requests, bytes;

	pthread_mutex_lock(&c->lock);
	requests = bucket_wait_ns(&c->requests, now_ns);
	bytes = bucket_wait_ns(&c->bytes, now_ns);
	if (requests == 0 && bytes == 0)
		bucket_take(&c->requests, 1);
	pthread_mutex_unlock(&c->lock);
	return requests > bytes ? requests : bytes;
}

void caps_pay(struct caps *c, uint64_t bytes)
{
	pthread_mutex_lock(&c->lock);
	bucket_take(&c->bytes, bytes);
	pthread_mutex_unlock(&c->lock);
}

void caps_refund(struct caps *c, uint64_t bytes)
{
	pthread_mutex_lock(&c->lock);
	bucket_return(&c->bytes, bytes);
	pthread_mutex_unlock(&c->lock);
}
