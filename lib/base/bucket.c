/* SPDX-License-Identifier: MIT */
/*
 * The level is brought up to date with the fraction of a token that is left
 * over, so that however often it is asked nothing is lost or gained.
 */
#include "base/bucket.h"

#include <stdbool.h>

#define SECOND_NS 1000000000u

/* Products of a time and a rate. */
__extension__ typedef unsigned __int128 wide;

static uint64_t within_max(uint64_t n)
{
	return n < BUCKET_MAX ? n : BUCKET_MAX;
}

static void bucket_fill(struct bucket *b, uint64_t now_ns)
{
	wide earned;

	if (now_ns <= b->last_ns)
		return;
	earned = (wide)(now_ns - b->last_ns) * b->rate + b->fraction;
	b->last_ns = now_ns;
	if (earned / SECOND_NS >= (uint64_t)(b->burst - b->level)) {
		b->level = b->burst;
		b->fraction = 0;
	} else {
		b->level += (int64_t)(earned / SECOND_NS);
		b->fraction = (uint64_t)(earned % SECOND_NS);
	}
}

void bucket_set(struct bucket *b, uint64_t rate, uint64_t burst,
		uint64_t now_ns)
{
	bool limited = b->rate != 0;

	if (limited)
		bucket_fill(b, now_ns);
	b->burst = burst ? (int64_t)within_max(burst) : 1;
	b->rate = within_max(rate);
	if (!limited) {
		b->level = 1;
		b->fraction = 0;
		b->last_ns = now_ns;
	} else if (b->level >= b->burst) {
		b->level = b->burst;
		b->fraction = 0;
	}
}

uint64_t bucket_wait_ns(struct bucket *b, uint64_t now_ns)
{
	wide missing, ns;

	if (b->rate == 0)
		return 0;
	bucket_fill(b, now_ns);
	if (b->level > 0)
		return 0;
	missing = (wide)(uint64_t)(1 - b->level) * SECOND_NS - b->fraction;
	ns = (missing + b->rate - 1) / b->rate;
	return ns < UINT64_MAX ? (uint64_t)ns : UINT64_MAX;
}

void bucket_take(struct bucket *b, uint64_t n)
{
	int64_t taken = (int64_t)within_max(n);

	if (b->rate == 0)
		return;
	if (b->level < taken - BUCKET_MAX)
		b->level = -BUCKET_MAX;
	else
		b->level -= taken;
}

void bucket_return(struct bucket *b, uint64_t n)
{
	int64_t back = (int64_t)within_max(n);

	if (b->rate == 0)
		return;
	if (back >= b->burst - b->level)
		b->level = b->burst;
	else
		b->level += back;
}
