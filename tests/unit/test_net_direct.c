/* SPDX-License-Identifier: MIT */
/*
 * From guest to guest without the tap: what arrives, and what either guest can
 * do to the other, which is nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <cmocka.h>

#include "backends/net/queue.h"
#include "backends/net/vif.h"
#include "tests/unit/net_pair.h"

#define TCP   NET_GUEST_TCP_BYTES
#define SLOTS 300u /* the pages that b offers begin here */

static struct net_pair p;
static uint8_t frame[65536];

static void begin(uint32_t flags)
{
	net_pair_start(&p, flags);
	net_guest_post_rx(&p.b, SLOTS, 64);
	/* A frame of the guest's own: bytes that are all different enough. */
	for (size_t i = 0; i < sizeof(frame); i++)
		frame[i] = (uint8_t)(i * 7 + i / 256);
	memcpy(frame, net_guest_tcp, TCP);
}

static void end(void)
{
	assert_int_equal(p.a.failures, 0);
	assert_int_equal(p.b.failures, 0);
	net_pair_stop(&p);
}

/* One slot of b's, and its page's first bytes. */
static struct netif_rx_response expect_slot(uint16_t id, const void *bytes,
					    int16_t size, uint16_t flags)
{
	struct netif_rx_response rsp = net_guest_rx_response(&p.b);

	assert_int_equal(rsp.id, id);
	assert_int_equal(rsp.status, size);
	assert_int_equal(rsp.flags, flags);
	if (size > 0)
		assert_memory_equal(p.b.pages[id] + rsp.offset, bytes,
				    (size_t)size);
	return rsp;
}

static void expect_wire_empty(void)
{
	char byte;

	assert_int_equal(recv(p.a.wire, &byte, 1, 0), -1);
	assert_int_equal(recv(p.b.wire, &byte, 1, 0), -1);
}

static void test_both_ways(void **state)
{
	uint8_t back[TCP];
	unsigned int heard;

	(void)state;
	begin(PAIR_ALL);
	heard = p.b.heard;
	assert_int_equal(net_pair_send(&p.a, frame, TCP, 0), NETIF_RSP_OKAY);
	/* b's queue has not run at all. */
	expect_slot(SLOTS, frame, TCP, 0);
	assert_int_equal(p.b.heard, heard + 1);
	assert_int_equal(net_pair_send(&p.a, frame, TCP, NETTXF_data_validated),
			 NETIF_RSP_OKAY);
	expect_slot(SLOTS + 1, frame, TCP, NETRXF_data_validated);
	assert_int_equal(net_pair_send(&p.a, frame, TCP, NETTXF_csum_blank),
			 NETIF_RSP_OKAY);
	expect_slot(SLOTS + 2, frame, TCP,
		    NETRXF_csum_blank | NETRXF_data_validated);

	net_guest_post_rx(&p.a, SLOTS, 1);
	memcpy(back, frame, TCP);
	memcpy(back, frame + 6, 6);
	memcpy(back + 6, frame, 6);
	assert_int_equal(net_pair_send(&p.b, back, TCP, 0), NETIF_RSP_OKAY);
	assert_int_equal(net_guest_rx_response(&p.a).status, TCP);
	assert_memory_equal(p.a.pages[SLOTS], back, TCP);
	expect_wire_empty();

	assert_int_equal(p.a.figures.tx.direct, 3);
	assert_int_equal(p.a.figures.tx.packets, 3);
	assert_int_equal(p.a.figures.tx.bytes, 3 * TCP);
	assert_int_equal(p.b.figures.rx.direct, 3);
	assert_int_equal(p.b.figures.rx.packets, 3);
	assert_int_equal(p.b.figures.rx.slots, 3);
	assert_int_equal(p.a.figures.rx.direct, 1);
	end();
}

/* A room before each frame is the receiver's wish, and held. */
static void test_headroom(void **state)
{
	struct netif_rx_response rsp;

	(void)state;
	begin(PAIR_ALL);
	net_guest_set_terms(&p.b, (struct msg_net_terms){.xdp_headroom = 256});
	net_pair_send(&p.a, frame, 1000, 0);
	rsp = expect_slot(SLOTS, frame, 1000, NETRXF_extra_info);
	assert_int_equal(rsp.offset, 256);
	end();
}

/* The largest frame of GSO, its parts cut where neither page ends. */
static void test_gso(void **state)
{
	const struct netif_extra_info *extra;
	struct netif_rx_response rsp;
	union {
		struct netif_extra_info extra;
		struct netif_tx_request req;
	} gso = {.extra = {.type = XEN_NETIF_EXTRA_TYPE_GSO,
			   .u.gso = {.size = 1448,
				     .type = XEN_NETIF_GSO_TYPE_TCPV4}}};
	uint32_t i, at, size = 65535, first = 61;

	(void)state;
	begin(PAIR_ALL);
	/* 61 bytes, then 17 parts at changing places of their pages. */
	memcpy(p.a.pages[GUEST_DATA] + 4000, frame, first);
	net_guest_put_tx(
		&p.a, GUEST_DATA, 4000, (uint16_t)size,
		NETTXF_csum_blank | NETTXF_extra_info | NETTXF_more_data, 0);
	net_guest_put_tx(&p.a, gso.req.gref, gso.req.offset, 0, gso.req.flags,
			 0);
	for (i = 1, at = first; at < size; i++) {
		const uint32_t in_page = i * 11;
		uint32_t part = 4096 - in_page;

		part = part < size - at ? part : size - at;
		memcpy(p.a.pages[GUEST_DATA + i] + in_page, frame + at, part);
		at += part;
		net_guest_put_tx(&p.a, GUEST_DATA + i, (uint16_t)in_page,
				 (uint16_t)part,
				 at < size ? NETTXF_more_data : 0, 0);
	}
	assert_int_equal(i, 18);
	net_guest_publish_tx(&p.a);
	net_guest_run(&p.a, 1);
	assert_int_equal(net_guest_tx_response(&p.a).status, NETIF_RSP_OKAY);
	expect_slot(SLOTS, frame, 4096,
		    NETRXF_csum_blank | NETRXF_data_validated |
			    NETRXF_extra_info | NETRXF_more_data);
	extra = (const void *)RING_GET_RESPONSE(&p.b.rx, p.b.rx.rsp_cons);
	assert_int_equal(extra->type, XEN_NETIF_EXTRA_TYPE_GSO);
	assert_int_equal(extra->u.gso.size, 1448);
	assert_int_equal(extra->u.gso.type, XEN_NETIF_GSO_TYPE_TCPV4);
	net_guest_rx_response(&p.b);
	for (i = 1; i < 15; i++) {
		rsp = expect_slot((uint16_t)(SLOTS + 1 + i), frame + i * 4096,
				  4096, NETRXF_more_data);
		assert_int_equal(rsp.offset, 0);
	}
	expect_slot(SLOTS + 16, frame + 15 * 4096, 4095, 0);
	expect_wire_empty();
	assert_int_equal(p.a.figures.tx.gso, 1);
	assert_int_equal(p.b.figures.rx.gso, 1);
	end();
}

/* ---- what a guest can do to another ---- */

static unsigned int batches;

static void overwrite(void)
{
	if (++batches == 1)
		memset(p.a.pages[GUEST_DATA], 0xee, 600);
}

/* What was looked at is what arrives; only what nobody looked at may change. */
static void test_second_look(void **state)
{
	(void)state;
	begin(PAIR_ALL);
	batches = 0;
	net_guest_copied = overwrite;
	net_pair_send(&p.a, frame, 600, NETTXF_csum_blank);
	net_guest_copied = NULL;
	assert_int_equal(batches, 2);
	memset(frame + 256, 0xee, 600 - 256);
	expect_slot(SLOTS, frame, 600,
		    NETRXF_csum_blank | NETRXF_data_validated);
	end();
}

/*
 * A grant that the sender has not given is its error, and in the receiver's
 * slots, which were taken for the frame, an error too; the frames around it
 * arrive.
 */
static void test_senders_grant(void **state)
{
	uint16_t i;

	(void)state;
	begin(PAIR_ALL);
	p.a.refused[GUEST_DATA + 3] = true;
	for (i = 0; i < 3; i++) {
		memcpy(p.a.pages[GUEST_DATA + 2 * i], frame, 500);
		net_guest_put_tx(&p.a, GUEST_DATA + 2u * i, 0, 900,
				 NETTXF_more_data, i);
		net_guest_put_tx(&p.a, GUEST_DATA + 1 + 2u * i, 0, 400, 0, i);
	}
	net_guest_publish_tx(&p.a);
	net_guest_run(&p.a, 1);
	for (i = 0; i < 3; i++) {
		const int16_t status =
			i == 1 ? NETIF_RSP_ERROR : NETIF_RSP_OKAY;

		assert_int_equal(net_guest_tx_response(&p.a).status, status);
		assert_int_equal(net_guest_tx_response(&p.a).status, status);
		assert_int_equal(net_guest_rx_response(&p.b).status,
				 i == 1 ? NETIF_RSP_ERROR : 900);
	}
	expect_wire_empty();
	assert_int_equal(p.a.figures.tx.failed, 1);
	assert_int_equal(p.a.figures.tx.direct, 2);
	end();
}

/* One that the receiver has not given is not the sender's: there is the tap. */
static void test_receivers_grant(void **state)
{
	(void)state;
	begin(PAIR_ALL);
	p.b.refused[SLOTS] = true;
	assert_int_equal(net_pair_send(&p.a, frame, 600, 0), NETIF_RSP_OKAY);
	assert_int_equal(net_guest_rx_response(&p.b).status, NETIF_RSP_ERROR);
	assert_int_equal(net_pair_bridge(&p.a, &p.b), 1);
	net_guest_run(&p.b, 1);
	expect_slot(SLOTS + 1, frame, 600, 0);
	end();
}

/* A receive ring that lies ends its own queue, and not before that hears. */
static void test_corrupt_ring(void **state)
{
	(void)state;
	begin(PAIR_ALL);
	p.b.rx.sring->req_prod += 1000;
	assert_int_equal(net_pair_send(&p.a, frame, 600, 0), NETIF_RSP_OKAY);
	assert_int_equal(p.a.failures, 0);
	assert_int_equal(p.b.failures, 0);
	assert_int_equal(net_pair_bridge(&p.a, &p.b), 1);
	net_guest_run(&p.b, 1);
	assert_int_equal(p.b.failures, 1);
	assert_int_equal(net_pair_send(&p.a, frame, 600, 0), NETIF_RSP_OKAY);
	p.b.failures = 0;
	net_pair_bridge(&p.a, &p.b);
	end();
}

static void test_no_cable(void **state)
{
	(void)state;
	begin(PAIR_ALL);
	net_guest_set_terms(&p.a,
			    (struct msg_net_terms){.flags = MSG_NET_UNPLUGGED});
	assert_int_equal(net_pair_send(&p.a, frame, 600, 0), NETIF_RSP_DROPPED);
	assert_false(net_guest_has_rx(&p.b));
	expect_wire_empty();
	end();
}

/* The rate is for what goes directly as well. */
static void test_rate(void **state)
{
	(void)state;
	begin(PAIR_ALL);
	net_guest_set_terms(&p.a, (struct msg_net_terms){
					  .rate_bytes = 600,
					  .rate_interval = 1000000,
				  });
	net_pair_send(&p.a, frame, 600, 0);
	net_guest_put_tx(&p.a, GUEST_DATA, 0, 600, 0, 0);
	net_guest_put_tx(&p.a, GUEST_DATA, 0, 600, 0, 0);
	net_guest_publish_tx(&p.a);
	net_guest_run(&p.a, 1);
	assert_in_range(p.a.figures.tx.direct, 1, 2);
	assert_in_range(p.a.figures.held, 1, 2);
	end();
}

static struct net_guest other;

/* A sender's queue has one of the receiver's, by number. */
static void test_queues(void **state)
{
	struct msg_net_terms terms;
	struct queue *queues[2];

	(void)state;
	begin(PAIR_ALL);
	terms = net_pair_terms(&p, &p.b);
	net_guest_begin(&other, PAIR_ALL, 0);
	other.vif.member = p.b.vif.member;
	net_guest_serve(&other, false);
	net_guest_post_rx(&other, SLOTS, 8);
	queues[0] = other.queue;
	queues[1] = p.b.queue;
	fdb_join(p.b.vif.member, &terms, queues, 2);
	net_pair_send(&p.a, frame, 600, 0);
	assert_true(net_guest_has_rx(&other));
	assert_false(net_guest_has_rx(&p.b));

	/* Queue number 3. */
	queue_detach(p.a.queue);
	p.a.vif.queue = 3;
	assert_int_equal(queue_attach(p.a.queue, &p.a.vif,
				      &(struct queue_wires){
					      .tx_ring_ref = GUEST_TX_REF,
					      .rx_ring_ref = GUEST_RX_REF,
					      .tx_port = GUEST_TX_PORT,
					      .rx_port = GUEST_RX_PORT,
				      },
				      &p.a.why),
			 0);
	net_guest_run(&p.a, 1);
	net_pair_send(&p.a, frame, 600, 0);
	assert_true(net_guest_has_rx(&p.b));
	fdb_leave(p.b.vif.member);
	net_guest_stop(&other);
	end();
}

static void count_batch(void)
{
	batches++;
}

/* Who has no peers is served as ever: a packet is one batch of copies. */
static void test_alone(void **state)
{
	(void)state;
	begin(PAIR_ALL);
	fdb_leave(p.b.vif.member);
	batches = 0;
	net_guest_copied = count_batch;
	net_pair_send(&p.a, frame, 600, 0);
	net_guest_copied = NULL;
	assert_int_equal(batches, 1);
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_ways),
		cmocka_unit_test(test_headroom),
		cmocka_unit_test(test_gso),
		cmocka_unit_test(test_second_look),
		cmocka_unit_test(test_senders_grant),
		cmocka_unit_test(test_receivers_grant),
		cmocka_unit_test(test_corrupt_ring),
		cmocka_unit_test(test_no_cable),
		cmocka_unit_test(test_rate),
		cmocka_unit_test(test_queues),
		cmocka_unit_test(test_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
