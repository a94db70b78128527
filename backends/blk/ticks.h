/* SPDX-License-Identifier: MIT */
/*
 * A stopwatch that asks no kernel: the processor's time stamp counter, whose
 * pace is measured against the clock now and then. In a Xen dom0 the clock is
 * often a system call, which costs as much as all that is done with a request
 * outside the kernel.
 *
 * For what is counted or guessed, not for what is promised: the counters of
 * two processors may differ, and the pace of an old one changes.
 */
#ifndef XN_BLK_TICKS_H
#define XN_BLK_TICKS_H

#include <stdint.h>

struct ticks {
	uint64_t since;	   /* the counter when last compared, … */
	uint64_t since_ns; /* and the clock */
	uint64_t pace;	   /* billionths of a second a tick, times 2^32; 0: not
			      known yet */
};

static inline uint64_t ticks_now(void)
{
	return __builtin_ia32_rdtsc();
}

/* From here on the pace is measured. */
void ticks_begin(struct ticks *t, uint64_t now_ns);

/* Measures it, from the last time until now. */
void ticks_compare(struct ticks *t, uint64_t now_ns);

/*
 * How many nanoseconds lie between two readings, the earlier one first; 0 when
 * it was not, or the pace is not known.
 */
uint64_t ticks_ns(const struct ticks *t, uint64_t from, uint64_t to);

#endif
