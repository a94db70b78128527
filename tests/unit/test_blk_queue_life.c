/* SPDX-License-Identifier: MIT */
/*
 * How a queue begins and ends: attached, drained, given up for a guest's
 * lies, or rung to no purpose.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <event2/event.h>

#include "tests/unit/blk_guest.h"
#include "tests/unit/blk_served.h"

static void test_waiting_at_attach(void **state)
{
	(void)state;
	guest_add(guest_put(1, BLKIF_OP_READ, 0), 0, 0, 7);
	guest.ring.sring.req_prod = 1;
	served_start();
	served_until(&guest.answers[1], 1);
	assert_int_equal(guest.status[1], BLKIF_RSP_OKAY);
}

static void test_refused_attach(void **state)
{
	(void)state;
	if (!served.q)
		skip();
	assert_int_equal(served_attach(GUEST_PORT, GUEST_RING_REF + 1),
			 -EINVAL);
	assert_int_equal(served_attach(GUEST_PORT + 1, GUEST_RING_REF),
			 -EINVAL);
	assert_int_equal(guest.mapped, 0);
	guest.ring.sring.req_prod = 40;
	assert_int_equal(served_attach(GUEST_PORT, GUEST_RING_REF), -EPROTO);
	assert_int_equal(guest.mapped, 0);
	assert_false(guest.bound);
	guest.ring.sring.req_prod = 0;
	assert_int_equal(served_attach(GUEST_PORT, GUEST_RING_REF), 0);
	guest_add(guest_put(1, BLKIF_OP_READ, 0), 0, 0, 7);
	assert_int_equal(served_status(1), BLKIF_RSP_OKAY);
}

static void test_corrupt_ring(void **state)
{
	(void)state;
	served_start();
	guest_add(guest_put(1, BLKIF_OP_READ, 0), 0, 0, 7);
	guest.put += 32;
	guest_push();
	served_until(&served.failed, 1);
	assert_int_equal(guest.mapped, 0);
	assert_false(guest.bound);
	assert_int_equal(guest.answers[1], 0);
	queue_drain(served.q);
	served_until(&served.drained, 1);
	assert_int_equal(served.failed, 1);
}

/* What was in flight when the ring was lost ends, and touches it no more. */
static void test_corrupt_under_way(void **state)
{
	int slow = served_start_slow();

	(void)state;
	guest.put += 100;
	guest_push();
	served_until(&served.failed, 1);
	assert_int_equal(guest.mapped, 0);
	queue_drain(served.q);
	event_base_loop(served.base, EVLOOP_ONCE);
	assert_int_equal(served.drained, 0);
	assert_int_equal(queue_busy(served.q), 1);
	close(slow);
	served_until(&served.drained, 1);
	assert_int_equal(queue_busy(served.q), 0);
	assert_int_equal(guest.ring.sring.rsp_prod, 0);
}

/* What has been taken is answered; what has not is left to a successor. */
static void test_drain(void **state)
{
	int slow = served_start_slow();

	(void)state;
	queue_drain(served.q);
	guest_put(2, BLKIF_OP_FLUSH_DISKCACHE, 0);
	guest_push();
	event_base_loop(served.base, EVLOOP_ONCE);
	assert_int_equal(served.drained, 0);
	close(slow);
	served_until(&served.drained, 1);
	guest_collect();
	assert_int_equal(guest.answers[1], 1);
	assert_int_equal(guest.answers[2], 0);
	assert_int_equal(guest.notified, 1);
	assert_true(guest.bound);
	queue_detach(served.q);
}

/* XSA-332: a guest that rings and rings, with nothing to say. */
static void test_rings_forever(void **state)
{
	double begun, spent;

	(void)state;
	served_start();
	guest.rings_forever = true;
	begun = served_ms();
	while (served_ms() - begun < 100)
		event_base_loop(served.base, EVLOOP_ONCE);
	spent = served_ms() - begun;
	assert_true(guest.events > 16); /* it has not been cut off either */
	assert_true(guest.events <= 16 * (spent + 2));
	guest_add(guest_put(1, BLKIF_OP_READ, 0), 0, 0, 7);
	assert_int_equal(served_status(1), BLKIF_RSP_OKAY);
	guest.rings_forever = false;
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, served_begin, served_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_waiting_at_attach),
		TEST(test_refused_attach),
		TEST(test_corrupt_ring),
		TEST(test_corrupt_under_way),
		TEST(test_drain),
		TEST(test_rings_forever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
