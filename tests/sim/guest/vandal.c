/* SPDX-License-Identifier: MIT */
/* The thread, and what it may not hit. */
#include "tests/sim/guest/vandal.h"
#include "xen/abi.h"

#include <errno.h>
#include <stdbool.h>
#include <time.h>

#include "base/err.h"
#include "tests/sim/guest/events.h"

/*
 * It hits, and then leaves the processor to whom it is to hit, for about as
 * long; of two one is its victim's. An odd number, so that a grant is at rest
 * now revoked, now given.
 */
#define HITS	 4095
#define PAUSE_NS 20000 /* and what the kernel adds, some 50 us */

static bool may_hit(const struct vandal *v, size_t at)
{
	if (v->record == 0)
		return true;
	at %= v->record;
	if (at < v->first_ref)
		return true;
	at -= v->first_ref;
	return (v->ref_step ? at % v->ref_step : at) != 1;
}

/* xorshift32: most of its time is to go into hits, not into chance. */
static uint32_t next_random(uint32_t x)
{
	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return x;
}

static void hit_bytes(struct vandal *v, uint32_t *random)
{
	unsigned int i;

	for (i = 0; i < HITS; i++) {
		size_t at = *random % v->bytes;

		if (may_hit(v, at))
			v->target[at] ^= (uint8_t)(*random >> 24) & v->mask;
		*random = next_random(*random);
	}
}

static void hit_grant(struct vandal *v)
{
	unsigned int i;

	/* Atomic: Xen's bits in it are not ours. */
	for (i = 0; i < HITS; i++)
		__atomic_fetch_xor(&v->entry->flags, GTF_permit_access,
				   __ATOMIC_SEQ_CST);
}

static void *vandalise(void *arg)
{
	const struct timespec pause = {.tv_nsec = PAUSE_NS};
	struct vandal *v = arg;
	uint32_t random = 4711;

	while (!atomic_load(&v->stop)) {
		switch (v->kind) {
		case VANDAL_BYTES:
			hit_bytes(v, &random);
			break;
		case VANDAL_GRANT:
			hit_grant(v);
			break;
		case VANDAL_EVENTS:
			events_notify(v->events, *v->port);
			break;
		}
		nanosleep(&pause, NULL);
	}
	return NULL;
}

int vandal_start(struct vandal *v, struct err *e)
{
	int rc;

	atomic_init(&v->stop, false);
	rc = pthread_create(&v->thread, NULL, vandalise, v);
	return rc ? err_errno(e, rc, "no second vCPU") : 0;
}

void vandal_stop(struct vandal *v)
{
	atomic_store(&v->stop, true);
	pthread_join(v->thread, NULL);
	if (v->kind == VANDAL_GRANT)
		__atomic_fetch_or(&v->entry->flags, GTF_permit_access,
				  __ATOMIC_SEQ_CST);
}
