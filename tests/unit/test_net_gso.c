/* SPDX-License-Identifier: MIT */
/*
 * Frames that stand for several, both ways: in one piece where both sides
 * take it, in many where the guest does not, and nowhere when it lies.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/virtio_net.h>
#include <sys/socket.h>
#include <cmocka.h>

#include "chan/msg.h"
#include "tests/unit/net_guest.h"

#define HEADER sizeof(struct virtio_net_hdr)
#define ALL    (MSG_NET_SG | MSG_NET_IPV6_CSUM | MSG_NET_RX_NOTIFY)
#define FIRST  0xffffffc0u /* both rings wrap in the course of a test */

/* Receives what the guest sent: n bytes. The header goes to *header. */
static void expect_sent(struct net_guest *g, const void *frame, size_t n,
			struct virtio_net_hdr *header)
{
	uint8_t got[HEADER + 70000];

	assert_int_equal(recv(g->wire, got, sizeof(got), 0), HEADER + n);
	memcpy(header, got, HEADER);
	assert_memory_equal(got + HEADER, frame, n);
}

static void expect_nothing_sent(struct net_guest *g)
{
	char byte;

	assert_int_equal(recv(g->wire, &byte, 1, 0), -1);
}

static void expect_answer(struct net_guest *g, uint16_t id, int16_t status)
{
	struct netif_tx_response rsp = net_guest_tx_response(g);

	assert_int_equal(rsp.id, id);
	assert_int_equal(rsp.status, status);
}

static void put_gso(struct net_guest *g, uint8_t type, uint16_t size)
{
	union {
		struct netif_extra_info extra;
		struct netif_tx_request req;
	} slot = {.extra = {.type = XEN_NETIF_EXTRA_TYPE_GSO,
			    .u.gso = {.size = size, .type = type}}};

	net_guest_put_tx(g, slot.req.gref, slot.req.offset, 0, slot.req.flags,
			 0);
}

#define GSO_FLAGS (NETTXF_csum_blank | NETTXF_extra_info | NETTXF_more_data)

/* The largest packet, in 18 slots and one that says how to cut it. */
static void test_tx_gso(void **state)
{
	static uint8_t frame[65535];
	struct virtio_net_hdr header;
	struct net_guest g;
	uint16_t i;
	size_t at;

	(void)state;
	net_guest_start(&g, ALL, true, FIRST);
	for (at = 0; at < sizeof(frame); at++)
		frame[at] = (uint8_t)(at * 7);
	memcpy(frame, net_guest_tcp, 54);
	frame[47] |= 0x80; /* CWR */
	memcpy(g.pages[2] + 100, frame, 66);
	memcpy(g.pages[3] + 4, frame + 66, 4092);
	for (at = 66 + 4092, i = 4; at < sizeof(frame); at += 4096, i++)
		memcpy(g.pages[i], frame + at,
		       sizeof(frame) - at < 4096 ? sizeof(frame) - at : 4096);
	assert_int_equal(i, 19);
	net_guest_put_tx(&g, 2, 100, sizeof(frame), GSO_FLAGS, 1);
	put_gso(&g, XEN_NETIF_GSO_TYPE_TCPV4, 1448);
	net_guest_put_tx(&g, 3, 4, 4092, NETTXF_more_data, 3);
	for (i = 4; i < 18; i++)
		net_guest_put_tx(&g, i, 0, 4096, NETTXF_more_data, i);
	net_guest_put_tx(&g, 18, 0, sizeof(frame) - 66 - 4092 - 14 * 4096, 0,
			 18);
	net_guest_publish_tx(&g);
	net_guest_run(&g, 1);
	expect_sent(&g, frame, sizeof(frame), &header);
	assert_int_equal(header.flags, VIRTIO_NET_HDR_F_NEEDS_CSUM);
	assert_int_equal(header.gso_type,
			 VIRTIO_NET_HDR_GSO_TCPV4 | VIRTIO_NET_HDR_GSO_ECN);
	assert_int_equal(header.gso_size, 1448);
	assert_int_equal(header.hdr_len, 54);
	assert_int_equal(header.csum_start, 34);
	assert_int_equal(header.csum_offset, 16);
	expect_answer(&g, 1, NETIF_RSP_OKAY);
	expect_answer(&g, 0, NETIF_RSP_NULL);
	for (i = 3; i < 19; i++)
		expect_answer(&g, i, NETIF_RSP_OKAY);
	assert_int_equal(g.figures.tx.packets, 1);
	assert_int_equal(g.figures.tx.bytes, sizeof(frame));
	assert_int_equal(g.figures.tx.gso, 1);
	assert_int_equal(g.figures.tx.slots, 18);
	net_guest_stop(&g);
}

/* GSO that a kernel would have to believe; XSA-423. */
static void test_tx_gso_refused(void **state)
{
	static const struct {
		uint8_t type;
		uint16_t gso_size, size;
		uint16_t flags;
		uint8_t at, to; /* a byte of the frame that is changed */
	} rows[] = {
		{1, 0, 59, GSO_FLAGS, 0, 0},
		{1, 59, 59, GSO_FLAGS, 0, 0},
		{3, 2, 59, GSO_FLAGS, 0, 0},
		{1, 2, 59, GSO_FLAGS & ~NETTXF_csum_blank, 0, 0},
		{2, 2, 59, GSO_FLAGS, 0, 0},	 /* it is TCPv4 */
		{1, 2, 59, GSO_FLAGS, 23, 17},	 /* UDP */
		{1, 2, 59, GSO_FLAGS, 46, 0x10}, /* a header of 4 bytes, */
		{1, 2, 59, GSO_FLAGS, 46, 0xf0}, /* one that is cut short, */
		{1, 2, 54, GSO_FLAGS, 0, 0},	 /* and nothing but headers */
		{1, 2, 53, GSO_FLAGS, 0, 0},
		{1, 2, 40, GSO_FLAGS, 0, 0},
		{1, 2, 14, GSO_FLAGS, 0, 0},
	};
	struct net_guest g;
	size_t i;

	(void)state;
	net_guest_start(&g, ALL, true, FIRST);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memcpy(g.pages[2], net_guest_tcp, NET_GUEST_TCP_BYTES);
		if (rows[i].at)
			g.pages[2][rows[i].at] = rows[i].to;
		net_guest_put_tx(&g, 2, 0, rows[i].size, rows[i].flags, 1);
		put_gso(&g, rows[i].type, rows[i].gso_size);
		net_guest_put_tx(&g, 0, 0, 0, 0, 2);
		net_guest_publish_tx(&g);
		net_guest_run(&g, 1);
		expect_nothing_sent(&g);
		expect_answer(&g, 1, NETIF_RSP_ERROR);
		expect_answer(&g, 0, NETIF_RSP_NULL);
		expect_answer(&g, 2, NETIF_RSP_ERROR);
		assert_int_equal(g.figures.tx.refused, i + 1);
	}
	assert_int_equal(g.figures.tx.packets, 0);
	net_guest_stop(&g);
}

#define SUPER_BYTES 9000u
#define GSO	    (ALL | MSG_NET_GSO_TCPV4 | MSG_NET_GSO_TCPV6)

/* A TCP segment of SUPER_BYTES, to be cut; behind a VLAN tag if tagged. */
static void send_super(struct net_guest *g, bool tagged)
{
	struct virtio_net_hdr header = {.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
					.gso_type = VIRTIO_NET_HDR_GSO_TCPV4,
					.gso_size = 1448,
					.csum_start = tagged ? 38 : 34,
					.csum_offset = 16};
	uint8_t bytes[HEADER + SUPER_BYTES];
	uint8_t *ip = bytes + HEADER + (tagged ? 18 : 14);
	size_t i;

	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 7);
	memcpy(bytes, &header, HEADER);
	memcpy(bytes + HEADER, net_guest_tcp, 14);
	if (tagged)
		memcpy(bytes + HEADER + 12, "\x81\x00\x00\x07\x08\x00", 6);
	memcpy(ip, net_guest_tcp + 14, 40);
	assert_int_equal(send(g->wire, bytes, sizeof(bytes), 0), sizeof(bytes));
}

/* It comes in one piece, and the second slot says how to cut it. */
static void test_rx_gso(void **state)
{
	static const uint8_t says[8] = {XEN_NETIF_EXTRA_TYPE_GSO, 0, 0xa8, 5,
					XEN_NETIF_GSO_TYPE_TCPV4};
	struct netif_rx_response rsp;
	struct net_guest g;

	(void)state;
	net_guest_start(&g, GSO, true, FIRST);
	memset(g.pages[3], 0xee, 4096);
	net_guest_post_rx(&g, 2, 4);
	send_super(&g, false);
	net_guest_run(&g, 1);
	rsp = net_guest_rx_response(&g);
	assert_int_equal(rsp.id, 2);
	assert_int_equal(rsp.flags, NETRXF_csum_blank | NETRXF_data_validated |
					    NETRXF_more_data |
					    NETRXF_extra_info);
	assert_int_equal(rsp.status, 4096);
	rsp = net_guest_rx_response(&g);
	assert_memory_equal(&rsp, says, sizeof(says));
	assert_int_equal(g.pages[3][0],
			 0xee); /* that slot's page is not used */
	rsp = net_guest_rx_response(&g);
	assert_int_equal(rsp.id, 4);
	assert_int_equal(rsp.flags, NETRXF_more_data);
	assert_int_equal(rsp.status, 4096);
	rsp = net_guest_rx_response(&g);
	assert_int_equal(rsp.id, 5);
	assert_int_equal(rsp.flags, 0);
	assert_int_equal(rsp.status, SUPER_BYTES - 2 * 4096);
	assert_memory_equal(g.pages[2], net_guest_tcp, 50);
	assert_int_equal(g.pages[5][7], (uint8_t)((HEADER + 2 * 4096 + 7) * 7));
	assert_int_equal(g.figures.rx.packets, 1);
	assert_int_equal(g.figures.rx.bytes, SUPER_BYTES);
	assert_int_equal(g.figures.rx.gso, 1);
	assert_int_equal(g.figures.rx.slots, 4);
	net_guest_stop(&g);
}

/* One whose extra slot does not fit any more waits as a whole. */
static void test_rx_gso_waits(void **state)
{
	struct net_guest g;
	int i;

	(void)state;
	net_guest_start(&g, GSO, true, FIRST);
	net_guest_post_rx(&g, 2, 3);
	send_super(&g, false);
	net_guest_run(&g, 1);
	assert_false(net_guest_has_rx(&g));
	assert_int_equal(g.rx.sring->req_event, FIRST + 4);
	net_guest_post_rx(&g, 5, 1);
	net_guest_run(&g, 1);
	for (i = 0; i < 4; i++)
		net_guest_rx_response(&g);
	assert_int_equal(g.figures.rx.packets, 1);
	net_guest_stop(&g);
}

/* A guest that cannot take it as it is gets what it stands for. */
static void test_rx_cut(void **state)
{
	static const struct {
		uint32_t offers;
		bool tagged;
		uint16_t flags;
	} rows[] = {
		{ALL, false, NETRXF_csum_blank | NETRXF_data_validated},
		{GSO, true, NETRXF_data_validated},
		{GSO | MSG_NET_NO_CSUM, false, NETRXF_data_validated},
		{MSG_NET_GSO_TCPV4, false,
		 NETRXF_csum_blank | NETRXF_data_validated},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const uint32_t headers = rows[i].tagged ? 58 : 54;
		uint32_t got = 0;
		struct net_guest g;
		unsigned int k;

		net_guest_start(&g, rows[i].offers, true, FIRST);
		net_guest_post_rx(&g, 2, 5);
		send_super(&g, rows[i].tagged);
		net_guest_run(&g, 1);
		net_guest_post_rx(&g, 7, 5); /* it goes on where it was */
		for (k = 0; k < 400 && g.figures.rx.packets < 7; k++)
			net_guest_run(&g, 5);
		while (net_guest_has_rx(&g)) {
			struct netif_rx_response rsp =
				net_guest_rx_response(&g);

			assert_int_equal(rsp.flags, rows[i].flags);
			assert_in_range(rsp.status, 1, headers + 1448);
			got += (uint32_t)rsp.status - headers;
		}
		assert_int_equal(got, SUPER_BYTES - headers);
		assert_int_equal(g.figures.rx.packets, 7);
		assert_int_equal(g.figures.rx.gso, 0);
		net_guest_stop(&g);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tx_gso),
		cmocka_unit_test(test_tx_gso_refused),
		cmocka_unit_test(test_rx_gso),
		cmocka_unit_test(test_rx_gso_waits),
		cmocka_unit_test(test_rx_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
