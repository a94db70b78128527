/* SPDX-License-Identifier: MIT */
/* No guest is heard more than 30 times in 200 ms; a calm one never waits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "console/throttle.h"

/* An event every step_ms for 10 s, as often as the throttle lets it. */
static const struct {
	uint64_t start_ms;
	unsigned int step_ms;
	unsigned int events;
	unsigned int waits;
} rows[] = {
	{0, 0, 1500, 50}, /* as fast as it can: 30 a period */
	{UINT64_MAX - 5000, 0, 1500, 50},
	{1000, 1, 1500, 50},
	{1000, 6, 1500, 50}, /* the 30th after 174 ms */
	{1000, 7, 1429, 0},  /* 29 a period */
	{1000, 1000, 10, 0},
};

static void test_flood(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct throttle t = {0};
		unsigned int events = 0, waits = 0;
		uint64_t elapsed_ms = 0;

		while (elapsed_ms < 10000) {
			unsigned int wait_ms = throttle_event(
				&t, rows[i].start_ms + elapsed_ms);

			events++;
			waits += wait_ms > 0;
			assert_true(wait_ms <= THROTTLE_PERIOD_MS);
			elapsed_ms += wait_ms ? wait_ms : rows[i].step_ms;
		}
		assert_int_equal(events, rows[i].events);
		assert_int_equal(waits, rows[i].waits);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_flood),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
