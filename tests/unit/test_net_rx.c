/* SPDX-License-Identifier: MIT */
/*
 * From the wire to the guest: what arrives, in which slots, and what a guest
 * that lies or dawdles can do.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/virtio_net.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <cmocka.h>

#include "chan/msg.h"
#include "tests/unit/net_guest.h"

#define HEADER sizeof(struct virtio_net_hdr)
#define ALL    (MSG_NET_SG | MSG_NET_IPV6_CSUM | MSG_NET_RX_NOTIFY)
#define FIRST  0xffffffc0u /* both rings wrap in the course of a test */

/* Sends the guest a frame of n bytes, byte i of it being i * 7. */
static void send_to_guest(struct net_guest *g, size_t n)
{
	uint8_t bytes[HEADER + 70000] = {0};
	size_t i;

	for (i = 0; i < n; i++)
		bytes[HEADER + i] = (uint8_t)(i * 7);
	assert_int_equal(send(g->wire, bytes, HEADER + n, 0), HEADER + n);
}

static void send_tcp(struct net_guest *g, uint8_t flags)
{
	struct virtio_net_hdr header = {
		.flags = flags, .csum_start = 34, .csum_offset = 16};
	uint8_t bytes[HEADER + NET_GUEST_TCP_BYTES];

	memcpy(bytes, &header, HEADER);
	memcpy(bytes + HEADER, net_guest_tcp, NET_GUEST_TCP_BYTES);
	assert_int_equal(send(g->wire, bytes, sizeof(bytes), 0), sizeof(bytes));
}

static void test_rx(void **state)
{
	struct net_guest g;
	uint32_t i;

	(void)state;
	net_guest_start(&g, ALL, true, FIRST);
	for (i = 0; i < 500; i++) {
		struct netif_rx_response rsp;

		net_guest_post_rx(&g, GUEST_DATA + i, 1);
		send_tcp(&g, 0);
		net_guest_run(&g, 0);
		rsp = net_guest_rx_response(&g);
		assert_int_equal(rsp.id, GUEST_DATA + i);
		assert_int_equal(rsp.offset, 0);
		assert_int_equal(rsp.flags, 0);
		assert_int_equal(rsp.status, NET_GUEST_TCP_BYTES);
		assert_memory_equal(g.pages[GUEST_DATA + i], net_guest_tcp,
				    NET_GUEST_TCP_BYTES);
	}
	net_guest_stop(&g);
}

/* Instead of the C library's: how often the tap is asked. */
static int watched = -1;
static unsigned int reads;

ssize_t read(int fd, void *buffer, size_t size)
{
	reads += fd == watched;
	return syscall(SYS_read, fd, buffer, size);
}

/* A frame at a time is one system call; many are one each, and few more. */
static void test_rx_reads(void **state)
{
	struct net_guest g;
	unsigned int i;

	(void)state;
	net_guest_start(&g, ALL, true, FIRST);
	net_guest_post_rx(&g, GUEST_DATA, 200);
	watched = g.vif.tap;
	for (i = 0; i < 100; i++) {
		send_tcp(&g, 0);
		net_guest_run(&g, 0);
		net_guest_rx_response(&g);
	}
	assert_in_range(reads, 100, 125);
	/* As many as a socket's queue has room for. */
	for (i = 0; i < 80; i++) {
		send_tcp(&g, 0);
		if (i % 8 == 7)
			net_guest_run(&g, 0);
	}
	assert_in_range(reads, 180, 220);
	watched = -1;
	assert_int_equal(g.figures.rx.packets, 180);
	net_guest_stop(&g);
}

static void test_rx_checksum(void **state)
{
	static const struct {
		uint32_t offers;
		uint8_t header;
		uint16_t flags;
		bool filled;
	} rows[] = {
		{ALL, 0, 0, false},
		{ALL, VIRTIO_NET_HDR_F_DATA_VALID, NETRXF_data_validated,
		 false},
		{ALL, VIRTIO_NET_HDR_F_NEEDS_CSUM,
		 NETRXF_csum_blank | NETRXF_data_validated, false},
		{ALL | MSG_NET_NO_CSUM, VIRTIO_NET_HDR_F_NEEDS_CSUM,
		 NETRXF_data_validated, true},
		{0, VIRTIO_NET_HDR_F_NEEDS_CSUM,
		 NETRXF_csum_blank | NETRXF_data_validated, false},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct netif_rx_response rsp;
		struct net_guest g;

		net_guest_start(&g, rows[i].offers, false, FIRST);
		net_guest_post_rx(&g, 2, 1);
		send_tcp(&g, rows[i].header);
		net_guest_run(&g, 15);
		rsp = net_guest_rx_response(&g);
		assert_int_equal(rsp.flags, rows[i].flags);
		assert_int_equal(g.pages[2][50], rows[i].filled ? 0xb7 : 0x14);
		assert_int_equal(g.pages[2][51], rows[i].filled ? 0x77 : 0x22);
		net_guest_stop(&g);
	}
}

/* A frame over several slots; the last grant refused at each place. */
static void test_rx_slots(void **state)
{
	const size_t size = 3 * 4096 + 100;
	uint16_t bad, i;

	(void)state;
	for (bad = 0; bad <= 4; bad++) {
		struct net_guest g;

		net_guest_start(&g, ALL, true, FIRST);
		g.refused[2 + bad] = true;
		net_guest_post_rx(&g, 2, 4);
		send_to_guest(&g, size);
		net_guest_run(&g, 1);
		for (i = 0; i < 4; i++) {
			struct netif_rx_response rsp =
				net_guest_rx_response(&g);

			assert_int_equal(rsp.id, 2 + i);
			assert_int_equal(rsp.flags,
					 i < 3 ? NETRXF_more_data : 0);
			assert_int_equal(rsp.status,
					 bad < 4 ? NETIF_RSP_ERROR
						 : (i < 3 ? 4096 : 100));
		}
		assert_int_equal(g.pages[5][99],
				 bad == 3 ? 0 : (uint8_t)((size - 1) * 7));
		net_guest_stop(&g);
	}
}

static void test_rx_without_sg(void **state)
{
	struct net_guest g;

	(void)state;
	net_guest_start(&g, MSG_NET_RX_NOTIFY, true, FIRST);
	net_guest_post_rx(&g, 2, 4);
	send_to_guest(&g, 4097);
	send_to_guest(&g, 4096);
	net_guest_run(&g, 1);
	assert_int_equal(net_guest_rx_response(&g).status, 4096);
	assert_false(net_guest_has_rx(&g));
	net_guest_stop(&g);
}

/* XSA-392: without room one frame is held, and the rest is not even read. */
static void test_rx_waits(void **state)
{
	char byte;
	struct net_guest g;
	int i;

	(void)state;
	net_guest_start(&g, ALL, true, FIRST);
	net_guest_post_rx(&g, 2, 2);
	for (i = 0; i < 3; i++)
		send_to_guest(&g, 3 * 4096);
	net_guest_run(&g, 5);
	assert_false(net_guest_has_rx(&g));
	for (i = 0; i < 2; i++) /* two of the three are still in the tap */
		assert_int_equal(recv(g.vif.tap, &byte, 1, 0), 1);
	assert_int_equal(recv(g.vif.tap, &byte, 1, 0), -1);
	/* It rings for the slot that makes the frame fit, not before. */
	assert_int_equal(g.rx.sring->req_event, FIRST + 3);
	net_guest_post_rx(&g, 4, 1);
	net_guest_run(&g, 1);
	for (i = 0; i < 3; i++)
		assert_int_equal(net_guest_rx_response(&g).status, 4096);
	assert_false(net_guest_has_rx(&g));
	net_guest_stop(&g);
}

/* A guest without feature-rx-notify posts slots and says nothing. */
static void test_rx_polls(void **state)
{
	struct net_guest g;

	(void)state;
	net_guest_start(&g, MSG_NET_SG, true, FIRST);
	send_tcp(&g, 0);
	net_guest_run(&g, 5);
	*RING_GET_REQUEST(&g.rx, g.rx.req_prod_pvt) =
		(struct netif_rx_request){9, 0, 9};
	g.rx.sring->req_prod = ++g.rx.req_prod_pvt;
	net_guest_run(&g, 30);
	assert_int_equal(net_guest_rx_response(&g).status, NET_GUEST_TCP_BYTES);
	net_guest_stop(&g);
}

/*
 * The guest rings both its ports each time, and the transmit port's ring has
 * made the slots found before the receive port's is heard: that was no ring
 * for nothing, and the port stays prompt.
 */
static void test_rx_beside_tx(void **state)
{
	struct net_guest g;
	int i;

	(void)state;
	net_guest_start(&g, ALL, true, FIRST);
	memcpy(g.pages[2], net_guest_tcp, NET_GUEST_TCP_BYTES);
	for (i = 0; i < 40; i++) {
		send_tcp(&g, 0);
		net_guest_run(&g, 0);
		if (i < 30) {
			net_guest_put_tx(&g, 2, 0, NET_GUEST_TCP_BYTES, 0, 0);
			net_guest_publish_tx(&g);
		}
		net_guest_post_rx(&g, 3, 1);
		net_guest_run(&g, 0);
		assert_int_equal(net_guest_rx_response(&g).status,
				 NET_GUEST_TCP_BYTES);
	}
	net_guest_stop(&g);
}

/* Room before the first byte, so much as the guest wants. */
static void test_rx_headroom(void **state)
{
	static const uint8_t says[8] = {5, 0, 0, 1}; /* XDP: 256 bytes */
	struct netif_rx_response rsp;
	struct net_guest g;

	(void)state;
	net_guest_start(&g, ALL, true, FIRST);
	net_guest_set_terms(&g, (struct msg_net_terms){.xdp_headroom = 256});
	net_guest_post_rx(&g, 2, 5);
	send_tcp(&g, 0);
	send_to_guest(&g, 4000);
	net_guest_run(&g, 1);
	rsp = net_guest_rx_response(&g);
	assert_int_equal(rsp.offset, 256);
	assert_int_equal(rsp.flags, NETRXF_extra_info);
	assert_int_equal(rsp.status, NET_GUEST_TCP_BYTES);
	assert_memory_equal(g.pages[2] + 256, net_guest_tcp,
			    NET_GUEST_TCP_BYTES);
	rsp = net_guest_rx_response(&g);
	assert_memory_equal(&rsp, says, sizeof(says));
	rsp = net_guest_rx_response(&g);
	assert_int_equal(rsp.id, 4);
	assert_int_equal(rsp.offset, 256);
	assert_int_equal(rsp.flags, NETRXF_extra_info | NETRXF_more_data);
	assert_int_equal(rsp.status, 3840);
	net_guest_rx_response(&g);
	rsp = net_guest_rx_response(&g);
	assert_int_equal(rsp.id, 6);
	assert_int_equal(rsp.offset, 0);
	assert_int_equal(rsp.flags, 0);
	assert_int_equal(rsp.status, 160);
	assert_int_equal(g.pages[4][256 + 3839], (uint8_t)(3839 * 7));
	assert_int_equal(g.pages[6][159], (uint8_t)(3999 * 7));
	/* More than leaves room for a header is not given. */
	net_guest_set_terms(&g, (struct msg_net_terms){.xdp_headroom = 0x7fff});
	net_guest_post_rx(&g, 7, 2);
	send_tcp(&g, 0);
	net_guest_run(&g, 1);
	assert_int_equal(net_guest_rx_response(&g).offset,
			 MSG_NET_HEADROOM_MAX);
	net_guest_stop(&g);
}

/*
 * XSA-392: it is the frame that must find room. A guest that leaves too few
 * slots, even if some, has stalled after a while: then what comes is dropped
 * at once, until there is room for as much again. (This guest does not ring,
 * and a while is 30 ms.)
 */
static void test_rx_stalls(void **state)
{
	struct net_guest g;
	int i;

	(void)state;
	net_guest_start(&g, MSG_NET_SG, true, FIRST);
	net_guest_post_rx(&g, 2, 2);
	for (i = 0; i < 3; i++)
		send_to_guest(&g, 3 * 4096);
	net_guest_run(&g, 5);
	assert_int_equal(g.figures.stalled, 0);
	net_guest_run(&g, 100);
	assert_int_equal(g.figures.stalled, 1);
	assert_int_equal(g.figures.rx.dropped, 3);
	send_to_guest(&g, 3 * 4096);
	net_guest_run(&g, 1);
	assert_int_equal(g.figures.rx.dropped, 4);
	send_tcp(&g, 0); /* fits */
	net_guest_run(&g, 1);
	assert_int_equal(net_guest_rx_response(&g).status, NET_GUEST_TCP_BYTES);
	send_to_guest(&g, 3 * 4096); /* which does not */
	net_guest_run(&g, 1);
	assert_int_equal(g.figures.rx.dropped, 5);
	net_guest_post_rx(&g, 2, 2);
	send_to_guest(&g, 3 * 4096); /* and now does; */
	net_guest_run(&g, 1);
	assert_int_equal(net_guest_rx_response(&g).status, 4096);
	send_to_guest(&g, 3 * 4096); /* and so this may wait again */
	net_guest_run(&g, 1);
	assert_int_equal(g.figures.rx.dropped, 5);
	net_guest_post_rx(&g, 4, 2);
	net_guest_run(&g, 15);
	assert_int_equal(g.figures.rx.dropped, 5);
	assert_int_equal(g.figures.stalled, 1);
	assert_int_equal(g.failures, 0);
	net_guest_stop(&g);
}

static void test_rx_lies(void **state)
{
	static const int32_t lies[] = {257, -1, INT32_MIN};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		struct net_guest g;

		net_guest_start(&g, ALL, false, FIRST);
		g.rx.sring->req_prod = FIRST + (uint32_t)lies[i];
		send_tcp(&g, 0);
		net_guest_run(&g, 5);
		assert_int_equal(g.failures, 1);
		assert_non_null(strstr(g.why.text, "receive ring is corrupt"));
		net_guest_stop(&g);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rx),
		cmocka_unit_test(test_rx_reads),
		cmocka_unit_test(test_rx_checksum),
		cmocka_unit_test(test_rx_slots),
		cmocka_unit_test(test_rx_without_sg),
		cmocka_unit_test(test_rx_waits),
		cmocka_unit_test(test_rx_polls),
		cmocka_unit_test(test_rx_beside_tx),
		cmocka_unit_test(test_rx_headroom),
		cmocka_unit_test(test_rx_stalls),
		cmocka_unit_test(test_rx_lies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
