/* SPDX-License-Identifier: MIT */
/* The token bucket over long times, at all rates, and at absurd ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/bucket.h"

#define SECOND UINT64_C(1000000000)

/* Takes pieces as soon as they are to be had, from *now until end. */
static uint64_t take_until(struct bucket *b, uint64_t *now, uint64_t end,
			   uint64_t piece)
{
	uint64_t taken = 0, wait;

	while ((wait = bucket_wait_ns(b, *now)) < end - *now) {
		*now += wait;
		if (wait == 0) {
			bucket_take(b, piece);
			taken += piece;
		}
	}
	*now = end;
	return taken;
}

static void test_rates(void **state)
{
	static const struct {
		uint64_t rate, piece, seconds;
	} rows[] = {
		{1, 1, 10000},
		{7, 1, 10000},
		{100, 1, 1000},
		{333, 1, 1000},
		{99991, 1, 10},
		{300000, 1, 3},
		{1000003, 3, 3},
		{1 << 20, 4096, 1000},
		{1 << 20, 1 << 20, 1000},
		{1000000007, 65536, 30},
		{3, 1 << 20, 10000000},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t now = 12345678901234567, rate = rows[i].rate;
		struct bucket b = {0};
		uint64_t taken, due = rate * rows[i].seconds;

		bucket_set(&b, rate, rate / 10, now);
		taken = take_until(&b, &now, now + rows[i].seconds * SECOND,
				   rows[i].piece);
		/* One token to begin with, and at most a piece of debt. */
		if (taken > due + 1 + rows[i].piece || taken + 1 < due)
			fail_msg("rate %lu, pieces of %lu: %lu, not %lu",
				 (unsigned long)rate,
				 (unsigned long)rows[i].piece,
				 (unsigned long)taken, (unsigned long)due);
	}
}

/* Asking all the time neither gains nor loses anything. */
static void test_asked_often(void **state)
{
	uint64_t now = SECOND, end = now + SECOND, taken = 0;
	struct bucket b = {0};

	(void)state;
	bucket_set(&b, 333, 333 / 10, now);
	for (; now <= end; now += 97)
		if (bucket_wait_ns(&b, now) == 0) {
			bucket_take(&b, 1);
			taken++;
		}
	assert_in_range(taken, 333, 334);
}

/* It says exactly when. */
static void test_wait_is_exact(void **state)
{
	static const uint64_t rates[] = {1, 3, 7, 1000, 333333, 999999999};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		uint64_t now = 5, wait;
		struct bucket b = {0};

		bucket_set(&b, rates[i], rates[i] / 10, now);
		bucket_take(&b, 1000);
		wait = bucket_wait_ns(&b, now);
		assert_true(wait > 1);
		assert_int_equal(bucket_wait_ns(&b, now + wait - 1), 1);
		assert_int_equal(bucket_wait_ns(&b, now + wait), 0);
	}
}

static void test_burst(void **state)
{
	uint64_t now = 0;
	struct bucket b = {0};
	unsigned int n;

	(void)state;
	bucket_set(&b, 1000, 1000 / 10, now);
	now += 3600 * SECOND;
	for (n = 0; bucket_wait_ns(&b, now) == 0; n++)
		bucket_take(&b, 1);
	assert_int_equal(n, 100);
	assert_int_equal(bucket_wait_ns(&b, now), SECOND / 1000);

	/* A tenth of a second of a low rate is less than one. */
	bucket_set(&b, 5, 5 / 10, now);
	now += 3600 * SECOND;
	assert_int_equal(bucket_wait_ns(&b, now), 0);
	bucket_take(&b, 1);
	assert_int_equal(bucket_wait_ns(&b, now), SECOND / 5);
}

/* What is larger than the bucket passes, and is paid for afterwards. */
static void test_debt(void **state)
{
	uint64_t now = 0;
	struct bucket b = {0};

	(void)state;
	bucket_set(&b, 1000, 1000 / 10, now);
	now += SECOND;
	assert_int_equal(bucket_wait_ns(&b, now), 0);
	bucket_take(&b, 5000);
	assert_int_equal(bucket_wait_ns(&b, now), 4901 * (SECOND / 1000));
	bucket_return(&b, 4900);
	assert_int_equal(bucket_wait_ns(&b, now), SECOND / 1000);
	bucket_return(&b, 1000000); /* no more than it holds */
	bucket_take(&b, 100);
	assert_int_equal(bucket_wait_ns(&b, now), SECOND / 1000);
}

static void test_changed_while_running(void **state)
{
	uint64_t now = SECOND, taken;
	struct bucket b = {0};

	(void)state;
	bucket_set(&b, 100, 100 / 10, now);
	taken = take_until(&b, &now, now + 10 * SECOND, 1);
	assert_in_range(taken, 1000, 1001);
	bucket_set(&b, 5000, 5000 / 10, now);
	taken = take_until(&b, &now, now + 10 * SECOND, 1);
	assert_in_range(taken, 49999, 50001);
	bucket_set(&b, 20, 20 / 10, now);
	taken = take_until(&b, &now, now + 10 * SECOND, 1);
	assert_in_range(taken, 199, 201);

	/* Neither a burst nor a loss comes of saying the same again. */
	for (taken = 0; now < 100 * SECOND; now += SECOND / 1000) {
		bucket_set(&b, 20, 20 / 10, now);
		if (bucket_wait_ns(&b, now) == 0) {
			bucket_take(&b, 1);
			taken++;
		}
	}
	assert_in_range(taken, 20 * 69 - 1, 20 * 69 + 1);

	/* What was saved at a high rate is no treasure at a low one. */
	bucket_set(&b, 1000000, 1000000 / 10, now);
	now += SECOND;
	assert_int_equal(bucket_wait_ns(&b, now), 0);
	bucket_set(&b, 10, 10 / 10, now);
	bucket_take(&b, 1);
	assert_int_equal(bucket_wait_ns(&b, now), SECOND / 10);
}

static void test_no_limit(void **state)
{
	struct bucket b = {0};

	(void)state;
	assert_int_equal(bucket_wait_ns(&b, 0), 0);
	bucket_take(&b, UINT64_MAX);
	bucket_return(&b, UINT64_MAX);
	assert_int_equal(bucket_wait_ns(&b, 0), 0);
	bucket_set(&b, 1, 1 / 10, 0);
	bucket_take(&b, 1000);
	bucket_set(&b, 0, 0 / 10, SECOND);
	assert_int_equal(bucket_wait_ns(&b, SECOND), 0);
	/* Limits set and lifted again and again give one token each. */
	bucket_set(&b, 1000000, 1000000 / 10, 2 * SECOND);
	assert_int_equal(bucket_wait_ns(&b, 2 * SECOND), 0);
	bucket_take(&b, 1);
	assert_true(bucket_wait_ns(&b, 2 * SECOND) > 0);
}

/* For the sanitizers, too. */
static void test_absurd(void **state)
{
	struct bucket b = {0};
	unsigned int i;

	(void)state;
	bucket_set(&b, UINT64_MAX, UINT64_MAX / 10, 0);
	assert_int_equal(bucket_wait_ns(&b, UINT64_MAX), 0);
	for (i = 0; i < 10; i++)
		bucket_take(&b, UINT64_MAX);
	assert_true(bucket_wait_ns(&b, UINT64_MAX) <= 2 * SECOND);
	for (i = 0; i < 10; i++)
		bucket_return(&b, UINT64_MAX);
	assert_int_equal(bucket_wait_ns(&b, 0), 0);

	bucket_set(&b, 1, 1 / 10, UINT64_MAX);
	for (i = 0; i < 10; i++)
		bucket_take(&b, UINT64_MAX);
	assert_int_equal(bucket_wait_ns(&b, UINT64_MAX), UINT64_MAX);
	bucket_set(&b, UINT64_MAX, UINT64_MAX / 10, UINT64_MAX);
	assert_true(bucket_wait_ns(&b, UINT64_MAX) > 0);
	for (i = 0; i < 10; i++)
		bucket_return(&b, UINT64_MAX);
	assert_int_equal(bucket_wait_ns(&b, UINT64_MAX), 0);
}

/* Another thread's look at the clock may come in late. */
static void test_time_goes_back(void **state)
{
	struct bucket b = {0};

	(void)state;
	bucket_set(&b, 10, 10 / 10, 5 * SECOND);
	bucket_take(&b, 1);
	assert_int_equal(bucket_wait_ns(&b, 4 * SECOND), SECOND / 10);
	assert_int_equal(bucket_wait_ns(&b, 0), SECOND / 10);
	assert_int_equal(bucket_wait_ns(&b, 5 * SECOND + 1), SECOND / 10 - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rates),
		cmocka_unit_test(test_asked_often),
		cmocka_unit_test(test_wait_is_exact),
		cmocka_unit_test(test_burst),
		cmocka_unit_test(test_debt),
		cmocka_unit_test(test_changed_while_running),
		cmocka_unit_test(test_no_limit),
		cmocka_unit_test(test_absurd),
		cmocka_unit_test(test_time_goes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
