/* SPDX-License-Identifier: MIT */
/* The thread, and what it may not hit. */
#include "tests/sim/guest/vandal.h"
#include "xen/abi.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/err.h"
#include "tests/sim/guest/events.h"

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

static void vandal_hit(struct vandal *v, unsigned int *seed)
{
	size_t at = (size_t)rand_r(seed) % v->bytes;
	uint8_t bits = (uint8_t)(rand_r(seed) >> 8) & v->mask;

	if (may_hit(v, at))
		v->target[at] ^= bits;
}

static void *vandalise(void *arg)
{
	struct vandal *v = arg;
	unsigned int seed = 4711;

	while (!atomic_load(&v->stop)) {
		switch (v->kind) {
		case VANDAL_BYTES:
			vandal_hit(v, &seed);
			break;
		case VANDAL_GRANT:
			/* Atomic: Xen's bits in it are not ours. */
			__atomic_fetch_xor(&v->entry->flags, GTF_permit_access,
					   __ATOMIC_SEQ_CST);
			break;
		case VANDAL_EVENTS:
			events_notify(v->events, *v->port);
			break;
		}
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
