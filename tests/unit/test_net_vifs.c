/* SPDX-License-Identifier: MIT */
/*
 * Several vifs in one process, as xnd sees them: a channel each, on which each
 * begins and ends as if it were alone, in a place that another guest has had.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "tests/unit/chan_peer.h"
#include "tests/unit/net_served.h"

#define ALL (MSG_NET_SG | MSG_NET_IPV6_CSUM | MSG_NET_RX_NOTIFY)

/* A frame to guest number n, who is no more, goes by the tap. */
static void expect_no_way(struct served *from, uint8_t n)
{
	const uint64_t *packets = &from->figures->tx.packets;
	const uint64_t *direct = &from->figures->tx.direct;
	const uint64_t before = __atomic_load_n(packets, __ATOMIC_RELAXED);
	const uint64_t were_direct = __atomic_load_n(direct, __ATOMIC_RELAXED);
	uint8_t *frame = from->guest.pages[GUEST_DATA];

	memcpy(frame, net_guest_tcp, NET_GUEST_TCP_BYTES);
	frame[5] = n;
	frame[11] = (uint8_t)(from->guest.number + 1);
	net_guest_put_tx(&from->guest, GUEST_DATA, 0, NET_GUEST_TCP_BYTES, 0,
			 0);
	net_guest_publish_tx(&from->guest);
	SERVED_AWAIT(__atomic_load_n(packets, __ATOMIC_RELAXED) == before + 1);
	assert_int_equal(__atomic_load_n(direct, __ATOMIC_RELAXED),
			 were_direct);
}

/* A place serves one guest after the other, and keeps nothing of them. */
static void test_places(void **state)
{
	static struct served a, b, c;
	unsigned int i, fds = 0;

	(void)state;
	served_start(&a, 1);
	served_start(&b, 1);
	served_pass(&a, &b);
	served_pass(&b, &a);
	served_stop(&a);
	expect_no_way(&b, 1);
	for (i = 0; i < 5; i++) {
		/* In a's domain's place is another one now, in its place c. */
		static struct net_guest between;

		net_guest_begin(&between, ALL, 0);
		served_start(&c, 1 + i % 2);
		assert_int_not_equal(c.guest.vif.domid, a.guest.vif.domid);
		served_pass(&c, &b);
		served_pass(&b, &c);
		served_stop(&c);
		net_guest_stop(&between);
		if (fds)
			assert_int_equal(peer_fds(), fds);
		fds = peer_fds();
	}
	served_stop(&b);
	assert_false(served_stopped);
}

static void test_no_place(void **state)
{
	static struct served a, b, c;
	struct line third;

	(void)state;
	served_start(&a, 1);
	served_start(&b, 1);
	served_ask(&third);
	SERVED_AWAIT(third.ended);
	assert_int_equal(third.heard, MSG_FAILED);
	assert_non_null(strstr(third.text, "all of its 2 vifs are in use"));
	served_pass(&a, &b);
	served_stop(&b);
	served_start(&c, 1);
	served_stop(&a);
	served_stop(&c);
}

/* A channel that ends before its vif has begun leaves its place. */
static void test_left_idle(void **state)
{
	static struct served a, b;
	struct line idle;
	unsigned int i;

	(void)state;
	for (i = 0; i < 4; i++) {
		served_ask(&idle);
		SERVED_AWAIT(idle.heard == MSG_READY);
		line_close(&idle);
		served_turn();
		served_turn();
	}
	served_start(&a, 1);
	served_start(&b, 1);
	served_stop(&a);
	served_stop(&b);
}

static void break_ring(struct served *s)
{
	s->guest.tx.sring->req_prod += 1000;
	net_guest_ring(&s->guest, GUEST_TX_PORT);
}

/* One guest that lies ends its own vif; its place is as good as new. */
static void test_broken(void **state)
{
	static struct served a, b, c;

	(void)state;
	served_start(&a, 1);
	served_start(&b, 1);
	break_ring(&a);
	SERVED_AWAIT(a.line.heard == MSG_FAILED);
	assert_non_null(strstr(a.line.text, "transmit ring is corrupt"));
	SERVED_AWAIT(a.guest.bound == 0);
	served_stop(&a);
	served_start(&c, 1);
	served_pass(&b, &c);
	served_pass(&c, &b);
	served_stop(&b);
	served_stop(&c);
}

/* xnd stops the process: every vif says its own last word, and none begins. */
static void test_stop(void **state)
{
	static struct served a;
	struct line late;

	(void)state;
	served_start(&a, 1);
	line_say(&served_line, MSG_STOP);
	served_ask(&late);
	SERVED_AWAIT(served_stopped);
	SERVED_AWAIT(a.line.ended && late.ended);
	assert_int_equal(a.line.heard, MSG_STOPPED);
	assert_int_equal(late.heard, MSG_FAILED);
	SERVED_AWAIT(served_line.heard == MSG_STOPPED);
	served_forget(&a);
}

static void test_stop_idle(void **state)
{
	(void)state;
	line_say(&served_line, MSG_STOP);
	SERVED_AWAIT(served_stopped);
}

/* xnd goes: what serves, serves on, until the last has ended. */
static void test_gone(void **state)
{
	static struct served a, b;

	(void)state;
	served_start(&a, 1);
	served_start(&b, 1);
	line_close(&served_line);
	line_close(&a.line);
	SERVED_AWAIT(!served_process.chan);
	served_pass(&a, &b);
	served_pass(&b, &a);
	served_stop(&b);
	assert_false(served_stopped);
	break_ring(&a);
	SERVED_AWAIT(served_stopped);
	served_forget(&a);
}

static void test_gone_idle(void **state)
{
	(void)state;
	line_close(&served_line);
	SERVED_AWAIT(served_stopped);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_places, served_begin,
						served_end),
		cmocka_unit_test_setup_teardown(test_no_place, served_begin,
						served_end),
		cmocka_unit_test_setup_teardown(test_left_idle, served_begin,
						served_end),
		cmocka_unit_test_setup_teardown(test_broken, served_begin,
						served_end),
		cmocka_unit_test_setup_teardown(test_stop, served_begin,
						served_end),
		cmocka_unit_test_setup_teardown(test_stop_idle, served_begin,
						served_end),
		cmocka_unit_test_setup_teardown(test_gone, served_begin,
						served_end),
		cmocka_unit_test_setup_teardown(test_gone_idle, served_begin,
						served_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
