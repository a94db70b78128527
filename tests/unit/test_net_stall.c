/* SPDX-License-Identifier: MIT */
/* How long a frame waits for a guest, and when the guest has stalled. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <cmocka.h>

#include "backends/net/rx_stall.h"
#include "chan/msg.h"
#include "tests/unit/net_guest.h"

/* A guest may be looked at any number of times: the frame's time counts. */
static void test_patience(void **state)
{
	static const struct {
		bool rings;
		uint64_t ms;
	} rows[] = {{true, 10000}, {false, 30}};
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		struct rx_stall s;
		uint64_t t;

		rx_stall_init(&s, rows[i].rings);
		for (t = 0; t < rows[i].ms; t++)
			assert_false(rx_stall_wait(&s, 3, 5000 + t));
		assert_true(rx_stall_wait(&s, 3, 5000 + t));
		assert_true(rx_stall_drops(&s, 3));
		rx_stall_offer(&s, 3);
		assert_true(rx_stall_end(&s));
		assert_false(rx_stall_drops(&s, 3));
		/* And then it has all that time again. */
		assert_false(rx_stall_wait(&s, 3, 5000 + t));
		assert_false(rx_stall_wait(&s, 3, 5000 + t + rows[i].ms - 1));
		assert_false(rx_stall_end(&s));
	}
}

/*
 * A guest that takes small frames, but no large ones: it has stalled for those
 * alone, and until it offers as many slots as they need.
 */
static void test_sizes(void **state)
{
	struct rx_stall s;

	(void)state;
	rx_stall_init(&s, true);
	rx_stall_offer(&s, 2);
	assert_false(rx_stall_wait(&s, 5, 0));
	assert_true(rx_stall_wait(&s, 5, 10000));
	assert_false(rx_stall_end(&s)); /* a small one went */
	assert_true(rx_stall_drops(&s, 5));
	assert_true(rx_stall_drops(&s, 18));
	/* One that is smaller has its own time, */
	assert_false(rx_stall_drops(&s, 3));
	assert_false(rx_stall_wait(&s, 3, 10000));
	assert_false(rx_stall_wait(&s, 3, 19999));
	assert_true(rx_stall_wait(&s, 3, 20000));
	/* and says more of the guest, until there is room. */
	assert_true(rx_stall_drops(&s, 3));
	assert_false(rx_stall_drops(&s, 2));
	assert_false(rx_stall_end(&s));
	rx_stall_offer(&s, 3);
	assert_true(rx_stall_end(&s));
	assert_false(rx_stall_drops(&s, 18));
}

/* The next look comes when there is something to see. */
static void test_look(void **state)
{
	struct rx_stall s;

	(void)state;
	rx_stall_init(&s, true);
	assert_false(rx_stall_wait(&s, 1, 100));
	assert_in_range(rx_stall_look_ms(&s, 100), 10000, 10002);
	assert_in_range(rx_stall_look_ms(&s, 9100), 1000, 1002);
	assert_in_range(rx_stall_look_ms(&s, 99999), 1, 2);
	rx_stall_init(&s, false);
	assert_false(rx_stall_wait(&s, 1, 100));
	assert_in_range(rx_stall_look_ms(&s, 100), 5, 20);
}

/* With no slot at all a frame is waited for, and dropped, just the same. */
static void test_empty(void **state)
{
	static const uint8_t frame[70];
	struct net_guest g;

	(void)state;
	net_guest_start(&g, MSG_NET_SG, true, 0);
	assert_int_equal(send(g.wire, frame, sizeof(frame), 0), sizeof(frame));
	net_guest_run(&g, 100);
	assert_int_equal(g.figures.stalled, 1);
	assert_int_equal(g.figures.rx.dropped, 1);
	net_guest_stop(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_patience),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_look),
		cmocka_unit_test(test_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
