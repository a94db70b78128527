/* SPDX-License-Identifier: MIT */
/* When a ring is looked at before going to sleep, and when it is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "backends/blk/ring.h"
#include "backends/blk/spin.h"

#define PRICE 100000 /* ticks: some ten microseconds */

static union {
	unsigned char bytes[4096];
	struct blkif_sring sring;
} page __attribute__((aligned(4096)));

static struct ring ring;

static void set_up(struct spin *s, unsigned int processors)
{
	memset(&page, 0, sizeof(page));
	assert_int_equal(ring_attach(&ring, &page, 1, BLK_ABI_X86_64), 0);
	spin_open(s, processors);
	spin_learn(s, PRICE);
}

static void put(void)
{
	page.sring.req_prod = 1;
}

static void take_back(void)
{
	page.sring.req_prod = 0;
}

static void test_found(void **state)
{
	struct spin s;

	(void)state;
	set_up(&s, 2);
	put();
	assert_true(spin_until_request(&s, &ring));
	assert_true(spin_until_request(&s, &ring));
}

static void test_one_processor(void **state)
{
	struct spin s;

	(void)state;
	set_up(&s, 1);
	put();
	assert_false(spin_until_request(&s, &ring));
}

/* Nothing is known yet of what it would save. */
static void test_no_price(void **state)
{
	struct spin s;

	(void)state;
	set_up(&s, 2);
	s.price = 0;
	put();
	assert_false(spin_until_request(&s, &ring));
}

/* How many times are skipped after a look in vain. */
static uint32_t skipped(struct spin *s)
{
	uint32_t n = 0;

	take_back();
	assert_false(spin_until_request(s, &ring));
	put();
	while (!spin_until_request(s, &ring))
		n++;
	return n;
}

/*
 * One look in vain costs more than the one before, up to a bound; one that
 * finds something takes half of that back. (A look during which this test
 * lost the processor costs most: that is told apart by trying again.)
 */
static void test_in_vain(void **state)
{
	uint32_t n, before = 0, steps = 0, attempts;
	struct spin s;

	(void)state;
	for (attempts = 0; attempts < 2000 && steps < 4; attempts++) {
		set_up(&s, 2);
		before = 0;
		for (steps = 0; steps < 4; steps++) {
			take_back();
			assert_false(spin_until_request(&s, &ring));
			n = s.skip;
			assert_true(n > before);
			if (n == SPIN_SKIP_MAX)
				break;
			assert_int_equal(s.back_off, 2 * n);
			before = n;
			s.skip = 0;
		}
	}
	assert_int_equal(steps, 4);
	n = skipped(&s);
	assert_true(n > before);
	assert_true(s.back_off <= n);
	s.back_off = 100 * SPIN_SKIP_MAX;
	assert_int_equal(skipped(&s), SPIN_SKIP_MAX);
}

/* Down at once, for that is what it costs; up only if it stays so. */
static void test_price(void **state)
{
	unsigned int i;
	struct spin s;

	(void)state;
	set_up(&s, 2);
	spin_learn(&s, PRICE / 4);
	assert_int_equal(s.price, PRICE / 4);
	spin_learn(&s, PRICE * 1000);
	assert_true(s.price < PRICE / 3);
	for (i = 0; i < 200; i++)
		spin_learn(&s, PRICE);
	assert_true(s.price > PRICE / 2);
	assert_true(s.price <= PRICE + PRICE / 64);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_found),
		cmocka_unit_test(test_one_processor),
		cmocka_unit_test(test_no_price),
		cmocka_unit_test(test_in_vain),
		cmocka_unit_test(test_price),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
