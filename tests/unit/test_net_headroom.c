/* SPDX-License-Identifier: MIT */
/*
 * A guest that wants other room before its frames while one of them waits for
 * slots: that one comes as the guest wants it by then, too.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <linux/virtio_net.h>
#include <sys/socket.h>
#include <cmocka.h>

#include "chan/msg.h"
#include "tests/unit/net_guest.h"

#define HEADER sizeof(struct virtio_net_hdr)
#define ALL    (MSG_NET_SG | MSG_NET_IPV6_CSUM | MSG_NET_RX_NOTIFY)
#define ROOM   256

static struct net_guest g;

static int stop(void **state)
{
	(void)state;
	assert_int_equal(g.failures, 0);
	net_guest_stop(&g);
	return 0;
}

static uint8_t byte_of_frame(size_t i)
{
	return (uint8_t)(i * 7 + i / 256);
}

static void send_to_guest(size_t n)
{
	static uint8_t bytes[HEADER + 4 * 4096];
	size_t i;

	for (i = 0; i < n; i++)
		bytes[HEADER + i] = byte_of_frame(i);
	assert_int_equal(send(g.wire, bytes, HEADER + n, 0), HEADER + n);
	net_guest_run(&g, 1);
}

static void want(uint16_t headroom)
{
	net_guest_set_terms(&g,
			    (struct msg_net_terms){.xdp_headroom = headroom});
	net_guest_run(&g, 1);
}

static void offer(unsigned int slots)
{
	net_guest_post_rx(&g, g.rx.req_prod_pvt + GUEST_DATA, slots);
	net_guest_run(&g, 1);
}

/* The next slot has these bytes of the frame, and more of it follow or not. */
static uint16_t expect_data(uint16_t offset, size_t from, int16_t size,
			    bool more)
{
	struct netif_rx_response rsp = net_guest_rx_response(&g);
	int16_t i;

	assert_int_equal(rsp.offset, offset);
	assert_int_equal(rsp.status, size);
	assert_int_equal(rsp.flags & NETRXF_more_data,
			 more ? NETRXF_more_data : 0);
	for (i = 0; i < size; i++)
		assert_int_equal(g.pages[rsp.id][offset + i],
				 byte_of_frame(from + (size_t)i));
	return rsp.flags & NETRXF_extra_info;
}

static void expect_xdp(void)
{
	static const uint8_t says[8] = {5, 0, ROOM & 0xff, ROOM >> 8};
	struct netif_rx_response rsp = net_guest_rx_response(&g);

	assert_memory_equal(&rsp, says, sizeof(says));
}

/* It needs a slot more for that, and the guest is asked for as many. */
static void test_more(void **state)
{
	(void)state;
	net_guest_start(&g, ALL, true, 0);
	send_to_guest(100);
	assert_int_equal(g.rx.sring->req_event, 1);
	want(ROOM);
	assert_int_equal(g.rx.sring->req_event, 2);
	offer(1);
	assert_false(net_guest_has_rx(&g));
	offer(1);
	assert_true(expect_data(ROOM, 0, 100, false));
	expect_xdp();
	assert_false(net_guest_has_rx(&g));
}

/* It does not lie in our pages as in the guest's any more. */
static void test_across_pages(void **state)
{
	(void)state;
	net_guest_start(&g, ALL, true, 0);
	send_to_guest(2 * 4096);
	want(ROOM);
	offer(4);
	assert_true(expect_data(ROOM, 0, 4096 - ROOM, true));
	expect_xdp();
	assert_false(expect_data(0, 4096 - ROOM, 4096, true));
	assert_false(expect_data(0, 2 * 4096 - ROOM, ROOM, false));
	assert_false(net_guest_has_rx(&g));
}

/* The slots that there are may be enough then: nobody rings for them. */
static void test_none(void **state)
{
	(void)state;
	net_guest_start(&g, ALL, true, 0);
	want(ROOM);
	send_to_guest(4000);
	offer(1);
	assert_false(net_guest_has_rx(&g));
	want(0);
	assert_false(expect_data(0, 0, 4000, false));
	assert_false(net_guest_has_rx(&g));
}

/* With the room it does not fit into the one slot that a frame may take. */
static void test_too_large(void **state)
{
	(void)state;
	net_guest_start(&g, MSG_NET_RX_NOTIFY, true, 0);
	send_to_guest(4000);
	want(ROOM);
	assert_int_equal(g.figures.rx.dropped, 1);
	offer(2);
	assert_false(net_guest_has_rx(&g));
	send_to_guest(100);
	assert_true(expect_data(ROOM, 0, 100, false));
	expect_xdp();
	assert_int_equal(g.figures.rx.dropped, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_more, stop),
		cmocka_unit_test_teardown(test_across_pages, stop),
		cmocka_unit_test_teardown(test_none, stop),
		cmocka_unit_test_teardown(test_too_large, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
