/* SPDX-License-Identifier: MIT */
/*
 * No frame overtakes an earlier one of the same sender's, whichever ways they
 * go, and none is lost with a process but what it was delivering.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "backends/net/queue.h"
#include "tests/unit/net_pair.h"

#define BYTES 100u
#define AT    60 /* of the number that each frame has */
#define SLOTS 300u

static struct net_pair p;
static uint8_t sent, seen; /* numbers */

static void end(void)
{
	assert_int_equal(p.a.failures, 0);
	assert_int_equal(p.b.failures, 0);
	net_pair_stop(&p);
}

/* IPv6 with options of 320 bytes, then TCP: more than is looked at. */
static void put_long_headers(uint8_t *frame)
{
	unsigned int i;

	memcpy(frame + 12, "\x86\xdd\x60", 3);
	for (i = 0; i < 8; i++)
		frame[54 + i * 40 + 1] = 4;
	frame[54 + 7 * 40] = 6;
}

static void put(uint16_t flags)
{
	const uint32_t page = GUEST_DATA + sent % 200u;

	memset(p.a.pages[page], 0, BYTES);
	memcpy(p.a.pages[page], net_guest_tcp, NET_GUEST_TCP_BYTES);
	p.a.pages[page][AT] = sent++;
	net_guest_put_tx(&p.a, page, 0, BYTES, flags, 0);
}

/* Sends what was put; what goes by the tap is in b's when it returns. */
static unsigned int flush(void)
{
	net_guest_publish_tx(&p.a);
	net_guest_run(&p.a, 1);
	return net_pair_bridge(&p.a, &p.b);
}

static unsigned int send_one(void)
{
	put(0);
	return flush();
}

/* b has got the next n frames, and no more. */
static void expect(unsigned int n)
{
	for (; n; n--) {
		struct netif_rx_response rsp = net_guest_rx_response(&p.b);

		assert_int_equal(rsp.status, BYTES);
		assert_int_equal(p.b.pages[rsp.id][AT], seen);
		seen++;
	}
	assert_false(net_guest_has_rx(&p.b));
}

/* A pair of which one has sent the other a frame directly. */
static void begin(uint32_t flags)
{
	net_pair_start(&p, flags);
	sent = seen = 0;
	net_guest_post_rx(&p.b, SLOTS - 1, 1);
	assert_int_equal(send_one(), 0);
	expect(1);
}

/* Without slots a frame goes by the tap, and all after it until that is dry. */
static void test_slots(void **state)
{
	(void)state;
	begin(PAIR_ALL);
	net_guest_post_rx(&p.b, SLOTS, 2);
	put(0);
	put(0);
	put(0);
	put(0);
	assert_int_equal(flush(), 2);
	expect(2);
	/* There is room again, and two are in the tap. */
	net_guest_post_rx(&p.b, SLOTS + 2, 8);
	assert_int_equal(send_one(), 1);
	expect(0);
	net_guest_run(&p.b, 1);
	expect(3);
	assert_int_equal(send_one(), 0);
	expect(1);
	end();
}

/* Likewise when the frame has left the tap and is held for want of slots. */
static void test_held(void **state)
{
	(void)state;
	begin(PAIR_ALL);
	net_guest_post_rx(&p.b, SLOTS, 1);
	assert_int_equal(send_one(), 0);
	assert_int_equal(send_one(), 1);
	net_guest_run(&p.b, 1);
	expect(1);
	/* b's queue has not heard of these yet. */
	net_guest_post_rx(&p.b, SLOTS + 1, 8);
	assert_int_equal(send_one(), 1);
	expect(0);
	net_guest_run(&p.b, 1);
	expect(2);
	assert_int_equal(send_one(), 0);
	expect(1);
	end();
}

/* Whoever else has a frame waiting for slots is not starved by ours. */
static void test_others_held(void **state)
{
	uint8_t frame[10 + 9000] = {0};

	(void)state;
	begin(PAIR_ALL);
	net_guest_post_rx(&p.b, SLOTS, 2);
	assert_int_equal(send(p.b.wire, frame, sizeof(frame), 0),
			 sizeof(frame));
	net_guest_run(&p.b, 1);
	assert_int_equal(send_one(), 1);
	assert_false(net_guest_has_rx(&p.b));
	net_guest_post_rx(&p.b, SLOTS + 2, 4);
	net_guest_run(&p.b, 1);
	net_guest_rx_response(&p.b);
	net_guest_rx_response(&p.b);
	net_guest_rx_response(&p.b);
	expect(1);
	end();
}

/* One that the receiver does not take as it is takes all after it along. */
static void test_in_the_middle(void **state)
{
	(void)state;
	begin(PAIR_ALL | MSG_NET_NO_CSUM);
	net_guest_post_rx(&p.b, SLOTS, 8);
	put(0);
	put(NETTXF_csum_blank);
	put(0);
	assert_int_equal(flush(), 2);
	expect(1);
	assert_int_equal(send_one(), 1);
	net_guest_run(&p.b, 1);
	expect(3);
	assert_int_equal(send_one(), 0);
	expect(1);
	end();
}

/* So does one whose headers are not all in the part that is looked at. */
static void test_long_headers(void **state)
{
	uint8_t *frame;

	(void)state;
	begin(PAIR_ALL);
	net_guest_post_rx(&p.b, SLOTS, 8);
	put(0);
	frame = p.a.pages[GUEST_DATA + 200];
	memcpy(frame, net_guest_tcp, 12);
	put_long_headers(frame);
	net_guest_put_tx(&p.a, GUEST_DATA + 200, 0, 600, NETTXF_csum_blank, 0);
	put(0);
	assert_int_equal(flush(), 2);
	expect(1);
	net_guest_run(&p.b, 1);
	assert_int_equal(net_guest_rx_response(&p.b).status, 600);
	expect(1);
	end();
}

/* What went by the tap before the two were members is not overtaken either. */
static void test_joined(void **state)
{
	struct msg_net_terms terms;

	(void)state;
	begin(PAIR_ALL);
	terms = net_pair_terms(&p, &p.b);
	net_guest_post_rx(&p.b, SLOTS, 8);
	assert_int_equal(send_one(), 0);
	expect(1);
	fdb_leave(p.b.vif.member);
	assert_int_equal(send_one(), 1);
	net_pair_join(&p.b, &terms);
	assert_int_equal(send_one(), 1);
	expect(0);
	net_guest_run(&p.b, 1);
	expect(2);
	assert_int_equal(send_one(), 0);
	expect(1);
	end();
}

/* The bridge may have put it into another of the receiver's queues. */
static void test_other_queue(void **state)
{
	static struct net_guest other;
	struct queue *queues[2];
	struct msg_net_terms terms;
	uint8_t frame[10 + BYTES] = {0};

	(void)state;
	begin(PAIR_ALL);
	terms = net_pair_terms(&p, &p.b);
	net_guest_post_rx(&p.b, SLOTS, 8);
	net_guest_begin(&other, PAIR_ALL, 0);
	other.vif.member = p.b.vif.member;
	net_guest_serve(&other, true);
	queues[0] = p.b.queue;
	queues[1] = other.queue;
	assert_int_equal(send(other.wire, frame, sizeof(frame), 0),
			 sizeof(frame));
	fdb_join(p.b.vif.member, &terms, queues, 2);
	assert_int_equal(send_one(), 1);
	expect(0);
	net_guest_post_rx(&other, SLOTS, 8);
	net_guest_run(&other, 1);
	net_guest_run(&p.b, 1);
	expect(1);
	assert_int_equal(send_one(), 0);
	expect(1);
	fdb_leave(p.b.vif.member);
	net_guest_stop(&other);
	end();
}

/* ---- a process that is killed ---- */

static unsigned int batches;

/* Heads, then what goes to b; the answers are not pushed yet. */
static void die_after_delivery(void)
{
	if (++batches == 2)
		_exit(0);
}

static void resume(struct net_guest *g)
{
	const struct queue_wires wires = {
		.tx_ring_ref = GUEST_TX_REF,
		.rx_ring_ref = GUEST_RX_REF,
		.tx_port = GUEST_TX_PORT,
		.rx_port = GUEST_RX_PORT,
	};

	queue_detach(g->queue);
	g->vif.resumed = true;
	assert_int_equal(queue_attach(g->queue, &g->vif, &wires, &g->why), 0);
	net_guest_run(g, 1);
}

static void test_killed(void **state)
{
	struct msg_net_terms to_a, to_b;
	int status;
	pid_t child;

	(void)state;
	begin(PAIR_ALL);
	to_a = net_pair_terms(&p, &p.a);
	to_b = net_pair_terms(&p, &p.b);
	net_guest_post_rx(&p.b, SLOTS, 8);
	put(0);
	put(0);
	put(0);
	net_guest_publish_tx(&p.a);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		batches = 0;
		net_guest_copied = die_after_delivery;
		net_guest_run(&p.a, 1);
		_exit(1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	/* It had copied all three, and said nothing. */
	assert_int_equal(p.b.pages[SLOTS + 2][AT], 3);
	expect(0);

	fdb_leave(p.a.vif.member);
	fdb_leave(p.b.vif.member);
	resume(&p.b);
	net_pair_join(&p.b, &to_b);
	net_pair_join(&p.a, &to_a);
	resume(&p.a);
	expect(3);
	assert_int_equal(send_one(), 0);
	expect(1);
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_slots),
		cmocka_unit_test(test_held),
		cmocka_unit_test(test_others_held),
		cmocka_unit_test(test_in_the_middle),
		cmocka_unit_test(test_long_headers),
		cmocka_unit_test(test_joined),
		cmocka_unit_test(test_other_queue),
		cmocka_unit_test(test_killed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
