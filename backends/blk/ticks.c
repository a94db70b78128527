/* SPDX-License-Identifier: MIT */
/* The pace of the time stamp counter. */
#include "ticks.h"

/* Products of a time and a pace. */
__extension__ typedef unsigned __int128 wide;

#define PACE_BITS 32

void ticks_begin(struct ticks *t, uint64_t now_ns)
{
	*t = (struct ticks){.since = ticks_now(), .since_ns = now_ns};
}

void ticks_compare(struct ticks *t, uint64_t now_ns)
{
	uint64_t now = ticks_now();

	if (now > t->since && now_ns > t->since_ns)
		t->pace =
			(uint64_t)(((wide)(now_ns - t->since_ns) << PACE_BITS) /
				   (now - t->since));
	t->since = now;
	t->since_ns = now_ns;
}

uint64_t ticks_ns(const struct ticks *t, uint64_t from, uint64_t to)
{
	if (to <= from)
		return 0;
	return (uint64_t)((wide)(to - from) * t->pace >> PACE_BITS);
}
