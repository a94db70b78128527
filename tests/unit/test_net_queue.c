/* SPDX-License-Identifier: MIT */
/*
 * When a queue does what: by the rate of its vif's terms, by words about
 * multicast on the transmit ring, and in a predecessor's place.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <cmocka.h>

#include "backends/net/queue.h"
#include "base/clock.h"
#include "chan/msg.h"
#include "tests/unit/net_guest.h"

#define ALL    (MSG_NET_SG | MSG_NET_IPV6_CSUM | MSG_NET_RX_NOTIFY)
#define HEADER 10
#define BYTES  1000

static struct net_guest g;

static int stop(void **state)
{
	(void)state;
	net_guest_stop(&g);
	return 0;
}

static void set_terms(uint64_t bytes, uint32_t interval_us, uint32_t flags)
{
	net_guest_set_terms(&g, (struct msg_net_terms){
					.flags = flags,
					.rate_bytes = bytes,
					.rate_interval = interval_us,
				});
}

static void send_frames(unsigned int n)
{
	for (; n; n--)
		net_guest_put_tx(&g, GUEST_DATA, 0, BYTES, 0, (uint16_t)n);
	net_guest_publish_tx(&g);
}

static unsigned int frames_sent(void)
{
	char frame[HEADER + BYTES + 1];
	unsigned int n = 0;

	while (recv(g.wire, frame, sizeof(frame), 0) == HEADER + BYTES)
		n++;
	return n;
}

/*
 * No limit; then a credit of five frames every 100 ms, of which one is there
 * to begin with and each sent is owed; then none again, at once.
 */
static void test_rate(void **state)
{
	uint64_t since;
	unsigned int n;

	(void)state;
	net_guest_start(&g, ALL, true, 0);
	send_frames(50);
	net_guest_run(&g, 1);
	assert_int_equal(frames_sent(), 50);
	assert_int_equal(g.figures.held, 0);

	since = clock_ns();
	set_terms(5 * BYTES, 100000, 0);
	send_frames(50);
	net_guest_run(&g, 205);
	n = frames_sent();
	assert_in_range(n, 3, 2 + (clock_ns() - since) / 20000000);
	assert_true(g.figures.held > 0);

	set_terms(0, 0, 0);
	net_guest_run(&g, 1);
	assert_int_equal(n + frames_sent(), 50);
	assert_int_equal(g.tx.sring->rsp_prod, 100);
}

/* With its cable out all is answered and nothing sent; then all again. */
static void test_unplugged(void **state)
{
	(void)state;
	net_guest_start(&g, ALL, true, 0);
	set_terms(0, 0, MSG_NET_UNPLUGGED);
	send_frames(50);
	net_guest_run(&g, 1);
	assert_int_equal(frames_sent(), 0);
	assert_int_equal(g.tx.sring->rsp_prod, 50);
	assert_int_equal(g.figures.tx.dropped, 50);
	set_terms(0, 0, 0);
	send_frames(50);
	net_guest_run(&g, 1);
	assert_int_equal(frames_sent(), 50);
	assert_int_equal(g.figures.tx.dropped, 50);
}

/* While it may not send, a guest still receives, on one port or on two. */
static void test_rate_spares_rx(void **state)
{
	static const char frame[HEADER + 60] = {0};
	unsigned int split;

	(void)state;
	for (split = 0; split < 2; split++) {
		net_guest_start(&g, ALL, split, 0);
		set_terms(1, 1000000, 0);
		send_frames(10);
		net_guest_run(&g, 1);
		assert_int_equal(frames_sent(), 1);
		assert_int_equal(send(g.wire, frame, sizeof(frame), 0),
				 sizeof(frame));
		net_guest_run(&g, 1);
		assert_false(net_guest_has_rx(&g));
		net_guest_post_rx(&g, GUEST_DATA, 1);
		net_guest_run(&g, 1);
		assert_int_equal(net_guest_rx_response(&g).status, 60);
		if (split == 0)
			net_guest_stop(&g);
	}
}

/* A word about multicast: a request of its own, and the extra. */
static int16_t say(uint8_t type, const uint8_t address[6])
{
	struct netif_extra_info *extra;
	struct netif_tx_response rsp;

	net_guest_put_tx(&g, 0, 0, 0, NETTXF_extra_info, 1);
	extra = (void *)RING_GET_REQUEST(&g.tx, g.tx.req_prod_pvt++);
	memset(extra, 0, sizeof(struct netif_tx_request));
	extra->type = type;
	memcpy(extra->u.mcast.addr, address, 6);
	net_guest_publish_tx(&g);
	net_guest_run(&g, 1);
	rsp = net_guest_tx_response(&g);
	assert_int_equal(net_guest_tx_response(&g).status, NETIF_RSP_NULL);
	return rsp.status;
}

/* Whether the guest receives a frame to this address. */
static bool receives(const uint8_t address[6])
{
	uint8_t frame[HEADER + 60] = {0};
	bool did;

	memcpy(frame + HEADER, address, 6);
	net_guest_post_rx(&g, GUEST_DATA, 1);
	assert_int_equal(send(g.wire, frame, sizeof(frame), 0), sizeof(frame));
	net_guest_run(&g, 1);
	did = net_guest_has_rx(&g);
	if (did)
		net_guest_rx_response(&g);
	return did;
}

static void test_multicast(void **state)
{
	const uint8_t alone[6] = {0, 0x16, 0x3e, 1, 2, 3};
	const uint8_t all[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
	uint8_t group[6] = {0x33, 0x33, 0, 0, 0, 1};
	unsigned int i;

	(void)state;
	net_guest_start(&g, ALL, true, 0);
	assert_true(receives(group));
	set_terms(0, 0, MSG_NET_MULTICAST);
	assert_false(receives(group));
	assert_true(receives(alone));
	assert_true(receives(all));
	assert_int_equal(say(XEN_NETIF_EXTRA_TYPE_MCAST_ADD, group),
			 NETIF_RSP_OKAY);
	assert_true(receives(group));
	assert_int_equal(say(XEN_NETIF_EXTRA_TYPE_MCAST_ADD, alone),
			 NETIF_RSP_ERROR);
	for (i = 2; i <= 65; i++) {
		group[5] = (uint8_t)i;
		assert_int_equal(say(XEN_NETIF_EXTRA_TYPE_MCAST_ADD, group),
				 i <= 64 ? NETIF_RSP_OKAY : NETIF_RSP_ERROR);
	}
	group[5] = 64;
	assert_true(receives(group));
	assert_int_equal(say(XEN_NETIF_EXTRA_TYPE_MCAST_DEL, group),
			 NETIF_RSP_OKAY);
	assert_false(receives(group));
	assert_int_equal(g.figures.filtered, 2);
	assert_int_equal(frames_sent(), 0);
}

/*
 * A predecessor has died with requests that it had taken and not answered,
 * and an answer that the guest was not told of: the successor answers the
 * first and tells of the second, though nobody rings.
 */
static void test_resumed(void **state)
{
	const struct queue_wires wires = {
		.tx_ring_ref = GUEST_TX_REF,
		.rx_ring_ref = GUEST_RX_REF,
		.tx_port = GUEST_TX_PORT,
		.rx_port = GUEST_RX_PORT,
	};
	struct err e;

	(void)state;
	net_guest_start(&g, ALL, true, 0xfffffff0);
	send_frames(20);
	net_guest_run(&g, 1);
	assert_int_equal(frames_sent(), 20);
	queue_detach(g.queue);
	assert_int_equal(g.maps + g.bound, 0);
	send_frames(7);
	g.heard = 0;
	g.vif.resumed = true;
	assert_int_equal(queue_attach(g.queue, &g.vif, &wires, &e), 0);
	assert_int_equal(g.heard, 2);
	net_guest_run(&g, 1);
	assert_int_equal(frames_sent(), 7);
	assert_int_equal(g.tx.sring->rsp_prod, 0xfffffff0 + 27);
	net_guest_post_rx(&g, GUEST_DATA, 1);
	assert_int_equal(g.failures, 0);
	/* The first of a connection keeps quiet. */
	queue_detach(g.queue);
	g.heard = 0;
	g.vif.resumed = false;
	assert_int_equal(queue_attach(g.queue, &g.vif, &wires, &e), 0);
	net_guest_run(&g, 1);
	assert_int_equal(g.heard, 0);
}

/*
 * It has died with responses in the ring, over requests, that rsp_prod does not
 * count yet: they are as good as given, and nothing is taken from such a slot.
 */
static void test_unpushed(void **state)
{
	const struct queue_wires wires = {
		.tx_ring_ref = GUEST_TX_REF,
		.rx_ring_ref = GUEST_RX_REF,
		.tx_port = GUEST_TX_PORT,
		.rx_port = GUEST_RX_PORT,
	};
	uint8_t frame[10 + 60] = {0};
	struct err e;
	int i;

	(void)state;
	net_guest_start(&g, ALL, true, 0xfffffff0);
	send_frames(20);
	net_guest_post_rx(&g, GUEST_DATA + 100, 3);
	for (i = 0; i < 3; i++)
		assert_int_equal(send(g.wire, frame, sizeof(frame), 0),
				 sizeof(frame));
	net_guest_run(&g, 1);
	assert_int_equal(frames_sent(), 20);
	queue_detach(g.queue);
	g.tx.sring->rsp_prod -= 20;
	g.rx.sring->rsp_prod -= 3;
	g.vif.resumed = true;
	assert_int_equal(queue_attach(g.queue, &g.vif, &wires, &e), 0);
	net_guest_run(&g, 1);
	assert_int_equal(g.failures, 0);
	assert_int_equal(frames_sent(), 0);
	assert_int_equal(g.tx.sring->rsp_prod, 0xfffffff0 + 20);
	assert_int_equal(g.rx.sring->rsp_prod, 0xfffffff0 + 3);
	for (i = 0; i < 3; i++)
		assert_int_equal(net_guest_rx_response(&g).status, 60);
	/* What was answered long ago is not answered again. */
	queue_detach(g.queue);
	assert_int_equal(queue_attach(g.queue, &g.vif, &wires, &e), 0);
	assert_int_equal(g.tx.sring->rsp_prod, 0xfffffff0 + 20);
	send_frames(2);
	net_guest_run(&g, 1);
	assert_int_equal(frames_sent(), 2);
}

#define TEST(name) cmocka_unit_test_teardown(name, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_rate),	   TEST(test_unplugged),
		TEST(test_rate_spares_rx), TEST(test_multicast),
		TEST(test_resumed),	   TEST(test_unpushed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
