/* SPDX-License-Identifier: MIT */
/* The processor's counter beside the clock. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <cmocka.h>

#include "backends/blk/ticks.h"

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void spend(uint64_t ns)
{
	uint64_t end = now_ns() + ns;

	while (now_ns() < end)
		continue;
}

static void test_pace(void **state)
{
	uint64_t from, to, at_least, at_most, outer, inner;
	struct ticks t;

	(void)state;
	ticks_begin(&t, now_ns());
	spend(20000000);
	ticks_compare(&t, now_ns());
	outer = now_ns();
	from = ticks_now();
	inner = now_ns();
	spend(10000000);
	at_least = now_ns() - inner;
	to = ticks_now();
	at_most = now_ns() - outer;
	/* A fifth for readings that were not at one moment after all. */
	assert_true(ticks_ns(&t, from, to) > at_least - at_least / 5);
	assert_true(ticks_ns(&t, from, to) < at_most + at_most / 5);
}

static void test_unknown(void **state)
{
	struct ticks t;

	(void)state;
	ticks_begin(&t, 1000);
	assert_int_equal(ticks_ns(&t, 1, 1000000), 0);
	ticks_compare(&t, 1000); /* the clock stood still */
	assert_int_equal(ticks_ns(&t, 1, 1000000), 0);
}

/* Another processor's counter may be behind; large spans do not wrap. */
static void test_spans(void **state)
{
	const struct ticks t = {.pace = 1ull << 31}; /* two ticks a ns */

	(void)state;
	assert_int_equal(ticks_ns(&t, 10, 8), 0);
	assert_int_equal(ticks_ns(&t, 10, 10), 0);
	assert_int_equal(ticks_ns(&t, 10, 12), 1);
	assert_true(ticks_ns(&t, 0, UINT64_MAX) == INT64_MAX);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pace),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_spans),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
