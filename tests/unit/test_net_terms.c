/* SPDX-License-Identifier: MIT */
/* A vif's terms: what they allow, and what is refused of them. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "backends/net/terms.h"
#include "base/clock.h"
#include "base/err.h"
#include "chan/msg.h"

#define SECOND UINT64_C(1000000000)

static struct msg_net_terms rate(uint64_t bytes, uint32_t interval_us)
{
	return (struct msg_net_terms){
		.rate_bytes = bytes,
		.rate_interval = interval_us,
	};
}

static int set(struct terms *t, struct msg_net_terms m)
{
	struct err e;

	return terms_set(t, &m, clock_ns(), &e);
}

static void test_none(void **state)
{
	struct terms t = TERMS_NONE;
	unsigned int i;

	(void)state;
	for (i = 0; i < 1000; i++) {
		assert_int_equal(terms_held_ns(&t), 0);
		terms_pay(&t, UINT32_MAX);
	}
	assert_int_equal(terms_headroom(&t), 0);
	assert_false(terms_filter_multicast(&t));
}

/*
 * 10 Mb/s as xl writes it: 62500 bytes in 50 ms. A packet of any size goes
 * when there is any credit, and what it lacks is waited for.
 */
static void test_rate(void **state)
{
	struct terms t = TERMS_NONE;
	uint64_t held;

	(void)state;
	assert_int_equal(set(&t, rate(62500, 50000)), 0);
	assert_int_equal(terms_held_ns(&t), 0);
	terms_pay(&t, 125000);
	held = terms_held_ns(&t);
	assert_in_range(held, SECOND / 10 - SECOND / 50, SECOND / 10);
	/* Eight times the rate: the same debt is paid sooner. */
	assert_int_equal(set(&t, rate(500000, 50000)), 0);
	assert_in_range(terms_held_ns(&t), 1, SECOND / 80);
	assert_int_equal(set(&t, rate(0, 0)), 0);
	assert_int_equal(terms_held_ns(&t), 0);
}

/* What the slowest rate there is lets through is one packet, not all. */
static void test_slow(void **state)
{
	struct terms t = TERMS_NONE;

	(void)state;
	assert_int_equal(set(&t, rate(1, UINT32_MAX)), 0);
	assert_int_equal(terms_held_ns(&t), 0);
	terms_pay(&t, 1500);
	assert_true(terms_held_ns(&t) > 1000 * SECOND);
}

static void test_fast(void **state)
{
	struct terms t = TERMS_NONE;
	unsigned int i;

	(void)state;
	assert_int_equal(set(&t, rate(UINT64_MAX, 1)), 0);
	for (i = 0; i < 100; i++) {
		terms_pay(&t, 65535);
		assert_in_range(terms_held_ns(&t), 0, 1);
	}
}

static void test_refused(void **state)
{
	struct terms t = TERMS_NONE;
	struct msg_net_terms m = rate(1000, 0);
	struct err e;

	(void)state;
	assert_int_equal(terms_set(&t, &m, clock_ns(), &e), -EINVAL);
	assert_string_equal(e.text, "told a rate without an interval");
	m.flags = MSG_NET_MULTICAST;
	m.xdp_headroom = 256;
	assert_int_equal(terms_set(&t, &m, clock_ns(), &e), -EINVAL);
	assert_int_equal(terms_headroom(&t), 0);
	assert_false(terms_filter_multicast(&t));
	terms_pay(&t, 1 << 20);
	assert_int_equal(terms_held_ns(&t), 0);
	m.rate_bytes = 0;
	assert_int_equal(terms_set(&t, &m, clock_ns(), &e), 0);
	assert_int_equal(terms_headroom(&t), 256);
	assert_true(terms_filter_multicast(&t));
}

/* Frames must have room for their headers. */
static void test_headroom(void **state)
{
	struct msg_net_terms m = {.xdp_headroom = 0x7fff};
	struct terms t = TERMS_NONE;
	struct err e;

	(void)state;
	assert_int_equal(terms_set(&t, &m, 0, &e), 0);
	assert_int_equal(terms_headroom(&t), 2048);
	m.xdp_headroom = 0;
	assert_int_equal(terms_set(&t, &m, 0, &e), 0);
	assert_int_equal(terms_headroom(&t), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_none),	cmocka_unit_test(test_rate),
		cmocka_unit_test(test_slow),	cmocka_unit_test(test_fast),
		cmocka_unit_test(test_refused), cmocka_unit_test(test_headroom),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
