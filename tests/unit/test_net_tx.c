/* SPDX-License-Identifier: MIT */
/*
 * From the guest to the wire: what arrives, what is answered, and what a
 * guest that lies can do.
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

static void test_tx(void **state)
{
	struct virtio_net_hdr header;
	struct net_guest g;
	uint16_t i;

	(void)state;
	net_guest_start(&g, ALL, true, FIRST);
	for (i = 0; i < 500; i++) {
		uint32_t page = GUEST_DATA + i % 100;

		memcpy(g.pages[page] + i, net_guest_tcp, NET_GUEST_TCP_BYTES);
		net_guest_put_tx(&g, page, i, NET_GUEST_TCP_BYTES, 0, i);
		net_guest_publish_tx(&g);
		net_guest_run(&g, 0);
		expect_sent(&g, net_guest_tcp, NET_GUEST_TCP_BYTES, &header);
		assert_int_equal(header.flags, 0);
		expect_answer(&g, i, NETIF_RSP_OKAY);
	}
	assert_int_equal(g.heard, 500);
	net_guest_stop(&g);
}

static void test_tx_checksum(void **state)
{
	struct virtio_net_hdr header;
	struct net_guest g;

	(void)state;
	net_guest_start(&g, ALL, false, FIRST);
	memcpy(g.pages[2], net_guest_tcp, NET_GUEST_TCP_BYTES);
	net_guest_put_tx(&g, 2, 0, NET_GUEST_TCP_BYTES,
			 NETTXF_csum_blank | NETTXF_data_validated, 1);
	net_guest_put_tx(&g, 2, 0, NET_GUEST_TCP_BYTES, NETTXF_data_validated,
			 2);
	/* Blank, and nothing there to be completed. */
	net_guest_put_tx(&g, 3, 0, 60, NETTXF_csum_blank, 3);
	net_guest_publish_tx(&g);
	net_guest_run(&g, 1);
	expect_sent(&g, net_guest_tcp, NET_GUEST_TCP_BYTES, &header);
	assert_int_equal(header.flags, VIRTIO_NET_HDR_F_NEEDS_CSUM);
	assert_int_equal(header.csum_start, 34);
	assert_int_equal(header.csum_offset, 16);
	expect_sent(&g, net_guest_tcp, NET_GUEST_TCP_BYTES, &header);
	assert_int_equal(header.flags, VIRTIO_NET_HDR_F_DATA_VALID);
	expect_nothing_sent(&g);
	expect_answer(&g, 1, NETIF_RSP_OKAY);
	expect_answer(&g, 2, NETIF_RSP_OKAY);
	expect_answer(&g, 3, NETIF_RSP_ERROR);
	assert_int_equal(g.heard, 1);
	net_guest_stop(&g);
}

/* Chains of one-byte parts up to the limit; XSA-423 and 432. */
static void test_tx_chains(void **state)
{
	struct virtio_net_hdr header;
	struct net_guest g;
	uint16_t n, i;

	(void)state;
	net_guest_start(&g, ALL, true, FIRST);
	memcpy(g.pages[2], net_guest_tcp, NET_GUEST_TCP_BYTES);
	for (n = 1; n <= 20; n++) {
		uint16_t at = (uint16_t)(NET_GUEST_TCP_BYTES - (n - 1));

		for (i = 0; i < n; i++)
			net_guest_put_tx(&g, 2, i ? at++ : 0,
					 i ? 1 : NET_GUEST_TCP_BYTES,
					 i + 1 < n ? NETTXF_more_data : 0, i);
		net_guest_publish_tx(&g);
		net_guest_run(&g, 1);
		if (n <= 18)
			expect_sent(&g, net_guest_tcp, NET_GUEST_TCP_BYTES,
				    &header);
		for (i = 0; i < n; i++)
			expect_answer(&g, i,
				      n <= 18 ? NETIF_RSP_OKAY
					      : NETIF_RSP_ERROR);
	}
	expect_nothing_sent(&g);
	net_guest_stop(&g);
}

/* A hash is for whoever wants it; multicast control has not been offered. */
static void test_tx_extra(void **state)
{
	struct virtio_net_hdr header;
	struct net_guest g;

	(void)state;
	net_guest_start(&g, ALL, true, FIRST);
	memcpy(g.pages[2], net_guest_tcp, NET_GUEST_TCP_BYTES);
	net_guest_put_tx(&g, 2, 0, NET_GUEST_TCP_BYTES, NETTXF_extra_info, 1);
	net_guest_put_tx(&g, XEN_NETIF_EXTRA_TYPE_HASH, 0, 0, 0, 0);
	net_guest_put_tx(&g, 0, 0, 0, NETTXF_extra_info, 2);
	net_guest_put_tx(&g, XEN_NETIF_EXTRA_TYPE_MCAST_ADD, 0, 0, 0, 0);
	net_guest_publish_tx(&g);
	net_guest_run(&g, 1);
	expect_sent(&g, net_guest_tcp, NET_GUEST_TCP_BYTES, &header);
	expect_nothing_sent(&g);
	expect_answer(&g, 1, NETIF_RSP_OKAY);
	expect_answer(&g, 0, NETIF_RSP_NULL);
	expect_answer(&g, 2, NETIF_RSP_ERROR);
	expect_answer(&g, 0, NETIF_RSP_NULL);
	net_guest_stop(&g);
}

/* A grant that cannot be copied fails its packet and no other. */
static void test_tx_bad_grant(void **state)
{
	struct virtio_net_hdr header;
	struct net_guest g;
	uint16_t bad, i;

	(void)state;
	for (bad = 0; bad < 6; bad++) {
		net_guest_start(&g, ALL, true, FIRST);
		for (i = 0; i < 6; i++)
			memcpy(g.pages[2 + i], net_guest_tcp,
			       NET_GUEST_TCP_BYTES);
		g.refused[2 + bad] = true;
		for (i = 0; i < 6; i += 2) {
			net_guest_put_tx(&g, 2u + i, 0, NET_GUEST_TCP_BYTES,
					 NETTXF_more_data, i);
			net_guest_put_tx(&g, 3u + i, NET_GUEST_TCP_BYTES - 9, 9,
					 0, i + 1);
		}
		net_guest_publish_tx(&g);
		net_guest_run(&g, 1);
		for (i = 0; i < 6; i++) {
			bool ok = i / 2 != bad / 2;

			if (ok && i % 2 == 0)
				expect_sent(&g, net_guest_tcp,
					    NET_GUEST_TCP_BYTES, &header);
			expect_answer(&g, i,
				      ok ? NETIF_RSP_OKAY : NETIF_RSP_ERROR);
		}
		expect_nothing_sent(&g);
		net_guest_stop(&g);
	}
}

/* XSA-39: a ring that cannot be true ends the queue, once and for good. */
static void test_tx_lies(void **state)
{
	static const int32_t lies[] = {257, 1000, -1, INT32_MIN};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		struct net_guest g;

		net_guest_start(&g, ALL, true, FIRST);
		g.tx.sring->req_prod = FIRST + (uint32_t)lies[i];
		net_guest_ring(&g, GUEST_TX_PORT);
		net_guest_run(&g, 5);
		assert_int_equal(g.failures, 1);
		assert_non_null(strstr(g.why.text, "transmit ring is corrupt"));
		net_guest_ring(&g, GUEST_RX_PORT);
		net_guest_run(&g, 5);
		assert_int_equal(g.failures, 1);
		net_guest_stop(&g);
	}
}

static void test_tx_endless(void **state)
{
	struct net_guest g;
	uint16_t i;

	(void)state;
	net_guest_start(&g, ALL, true, FIRST);
	for (i = 0; i < 256; i++)
		net_guest_put_tx(&g, 2, 0, 100, NETTXF_more_data, i);
	net_guest_publish_tx(&g);
	net_guest_run(&g, 5);
	assert_int_equal(g.failures, 1);
	assert_non_null(strstr(g.why.text, "no end"));
	net_guest_stop(&g);
}

/*
 * A full ring at once: every slot is answered once and in order, in more
 * than one pass, and what the wire had no room for is said to be dropped.
 */
static void test_tx_full(void **state)
{
	struct virtio_net_hdr header;
	struct net_guest g;
	unsigned int sent = 0;
	uint16_t i;

	(void)state;
	net_guest_start(&g, ALL, true, FIRST);
	memcpy(g.pages[2], net_guest_tcp, NET_GUEST_TCP_BYTES);
	for (i = 0; i < 256; i++)
		net_guest_put_tx(&g, 2, 0, NET_GUEST_TCP_BYTES, 0, i);
	net_guest_publish_tx(&g);
	net_guest_run(&g, 20);
	for (i = 0; i < 256; i++) {
		struct netif_tx_response rsp = net_guest_tx_response(&g);

		assert_int_equal(rsp.id, i);
		if (rsp.status == NETIF_RSP_OKAY)
			sent++;
		else
			assert_int_equal(rsp.status, NETIF_RSP_DROPPED);
	}
	assert_true(sent > 0);
	while (sent--)
		expect_sent(&g, net_guest_tcp, NET_GUEST_TCP_BYTES, &header);
	expect_nothing_sent(&g);
	assert_int_equal(g.failures, 0);
	net_guest_stop(&g);
}

/* Noise in the ring: every slot is answered, or the ring is given up. */
static void test_tx_noise(void **state)
{
	unsigned int round, given_up = 0;

	(void)state;
	srand(2);
	for (round = 0; round < 300; round++) {
		unsigned int i, n = 1 + (unsigned int)rand() % 256;
		struct net_guest g;

		net_guest_start(&g, ALL, round % 2, FIRST);
		for (i = 0; i < n; i++)
			net_guest_put_tx(&g,
					 (uint32_t)rand() % (GUEST_PAGES + 5),
					 (uint16_t)(rand() % 4500),
					 (uint16_t)(rand() % 200),
					 (uint16_t)(rand() % 50 ? rand() & 3
								: rand() & 15),
					 (uint16_t)i);
		net_guest_publish_tx(&g);
		net_guest_run(&g, 0);
		if (g.failures)
			given_up++;
		else
			assert_int_equal(g.tx.sring->rsp_prod,
					 g.tx.req_prod_pvt);
		net_guest_stop(&g);
	}
	assert_in_range(given_up, 1, 299);
}

/* XSA-332: rings for nothing are answered ever more slowly. */
static void test_noise(void **state)
{
	struct net_guest g;

	(void)state;
	net_guest_start(&g, ALL, false, FIRST);
	g.rings_always = true;
	net_guest_ring(&g, GUEST_TX_PORT);
	net_guest_run(&g, 300);
	assert_in_range(g.unmasked, 8, 30);
	/* And yet it is served. */
	memcpy(g.pages[2], net_guest_tcp, NET_GUEST_TCP_BYTES);
	net_guest_put_tx(&g, 2, 0, NET_GUEST_TCP_BYTES, 0, 1);
	net_guest_publish_tx(&g);
	net_guest_run(&g, 100);
	expect_answer(&g, 1, NETIF_RSP_OKAY);
	net_guest_stop(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tx),
		cmocka_unit_test(test_tx_checksum),
		cmocka_unit_test(test_tx_chains),
		cmocka_unit_test(test_tx_extra),
		cmocka_unit_test(test_tx_bad_grant),
		cmocka_unit_test(test_tx_lies),
		cmocka_unit_test(test_tx_endless),
		cmocka_unit_test(test_tx_full),
		cmocka_unit_test(test_tx_noise),
		cmocka_unit_test(test_noise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
