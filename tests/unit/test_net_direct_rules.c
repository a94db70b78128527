/* SPDX-License-Identifier: MIT */
/* What goes from guest to guest without the tap, and what does not: a row each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <cmocka.h>

#include "tests/unit/net_pair.h"

#define SLOTS 300u /* the pages that b offers begin here */

static struct net_pair p;
static uint8_t frame[65536];

static void begin(uint32_t flags)
{
	size_t i;

	net_pair_start(&p, flags);
	net_guest_post_rx(&p.a, SLOTS, 64);
	net_guest_post_rx(&p.b, SLOTS, 64);
	for (i = 0; i < sizeof(frame); i++)
		frame[i] = (uint8_t)(i * 7 + i / 256);
	memcpy(frame, net_guest_tcp, NET_GUEST_TCP_BYTES);
}

static void expect_wire_empty(void)
{
	char byte;

	assert_int_equal(recv(p.a.wire, &byte, 1, 0), -1);
}

enum change {
	NOTHING,
	TO_ALL,
	TO_MANY,
	TO_NOBODY,
	TO_ITSELF,
	FROM_ANOTHER,
	TAGGED,
	TAGGED_AD,
	OTHER_SEGMENT,
	NO_SEGMENT,
	B_UNPLUGGED,
	B_STEERS,
	B_HASHES,
	B_TWICE,
	A_LEFT,
	LONG_HEADERS,
};

static void change(enum change what)
{
	struct msg_net_terms terms = net_pair_terms(&p, &p.b);
	const struct wishes_hash hash = {.algorithm = 1, .types = 1};
	struct fdb_member *third = &p.fdb.members[1];

	switch (what) {
	case NOTHING:
		break;
	case TO_ALL:
		memset(frame, 0xff, 6);
		break;
	case TO_MANY:
		frame[0] |= 1;
		/* Not even if it should be somebody's own. */
		memcpy(terms.mac, frame, 6);
		net_pair_join(&p.b, &terms);
		break;
	case TO_NOBODY:
		frame[5] = 9;
		break;
	case TO_ITSELF:
		frame[5] = 1;
		break;
	case FROM_ANOTHER:
		frame[11] = 9;
		break;
	case TAGGED:
	case TAGGED_AD:
		memmove(frame + 16, frame + 12, 1000);
		memcpy(frame + 12,
		       what == TAGGED ? "\x81\0\0\5" : "\x88\xa8\0\5", 4);
		break;
	case OTHER_SEGMENT:
		terms.segment++;
		net_pair_join(&p.b, &terms);
		break;
	case NO_SEGMENT:
		terms.segment = 0;
		net_pair_join(&p.b, &terms);
		terms = net_pair_terms(&p, &p.a);
		terms.segment = 0;
		net_pair_join(&p.a, &terms);
		break;
	case B_UNPLUGGED:
		terms.flags = MSG_NET_UNPLUGGED;
		net_pair_join(&p.b, &terms);
		break;
	case B_STEERS:
		fdb_join(p.b.vif.member, &terms, NULL, 0);
		break;
	case B_HASHES:
		keeper_set_hash(&p.b.keeper, &hash);
		break;
	case B_TWICE:
		fdb_join(third, &terms, &p.b.queue, 1);
		break;
	case A_LEFT:
		fdb_leave(p.a.vif.member);
		break;
	case LONG_HEADERS: /* IPv6, eight options of 40 bytes, TCP */
		memset(frame + 12, 0, 600);
		memcpy(frame + 12, "\x86\xdd\x60", 3);
		for (unsigned int i = 0; i < 8; i++)
			frame[54 + i * 40 + 1] = 4;
		frame[54 + 7 * 40] = 6;
		frame[54 + 8 * 40 + 12] = 0x50;
		break;
	}
}

static const struct row {
	const char *name;
	enum change change;
	uint32_t offers; /* b */
	uint16_t flags;	 /* NETTXF_… */
	uint16_t gso;	 /* 0: none */
	uint32_t size;
	bool direct;
} rows[] = {
	{"as it should be", NOTHING, PAIR_ALL, 0, 0, 600, true},
	{"broadcast", TO_ALL, PAIR_ALL, 0, 0, 600, false},
	{"multicast", TO_MANY, PAIR_ALL, 0, 0, 600, false},
	{"to nobody known", TO_NOBODY, PAIR_ALL, 0, 0, 600, false},
	{"to itself", TO_ITSELF, PAIR_ALL, 0, 0, 600, false},
	{"from another's address", FROM_ANOTHER, PAIR_ALL, 0, 0, 600, false},
	{"tagged", TAGGED, PAIR_ALL, 0, 0, 600, false},
	{"tagged by a provider", TAGGED_AD, PAIR_ALL, 0, 0, 600, false},
	{"to another segment", OTHER_SEGMENT, PAIR_ALL, 0, 0, 600, false},
	{"in no segment", NO_SEGMENT, PAIR_ALL, 0, 0, 600, false},
	{"the receiver has no cable", B_UNPLUGGED, PAIR_ALL, 0, 0, 600, false},
	{"the receiver steers", B_STEERS, PAIR_ALL, 0, 0, 600, false},
	{"the receiver wants hashes", B_HASHES, PAIR_ALL, 0, 0, 600, false},
	{"two have the address", B_TWICE, PAIR_ALL, 0, 0, 600, false},
	{"the sender has left", A_LEFT, PAIR_ALL, 0, 0, 600, false},
	{"as large as may be", NOTHING, PAIR_ALL, 0, 0, 1514, true},
	{"too large", NOTHING, PAIR_ALL, 0, 0, 1515, false},
	{"a blank checksum", NOTHING, PAIR_ALL, NETTXF_csum_blank, 0, 600,
	 true},
	{"one to be completed", NOTHING, PAIR_ALL | MSG_NET_NO_CSUM,
	 NETTXF_csum_blank, 0, 600, false},
	{"no checksum, wherever the headers end", LONG_HEADERS, PAIR_ALL, 0, 0,
	 600, true},
	{"headers beyond the head", LONG_HEADERS, PAIR_ALL, NETTXF_csum_blank,
	 0, 600, false},
	{"GSO", NOTHING, PAIR_ALL, NETTXF_csum_blank, 1000, 4000, true},
	{"GSO that is not taken", NOTHING, PAIR_ALL & ~MSG_NET_GSO_TCPV4,
	 NETTXF_csum_blank, 1000, 4000, false},
	{"GSO of too many slots", NOTHING, PAIR_ALL & ~MSG_NET_SG,
	 NETTXF_csum_blank, 1000, 4096, false},
};

static void put_row(const struct row *row)
{
	union {
		struct netif_extra_info extra;
		struct netif_tx_request req;
	} gso = {.extra = {.type = XEN_NETIF_EXTRA_TYPE_GSO,
			   .u.gso = {.size = row->gso,
				     .type = XEN_NETIF_GSO_TYPE_TCPV4}}};

	memcpy(p.a.pages[GUEST_DATA], frame, row->size);
	net_guest_put_tx(
		&p.a, GUEST_DATA, 0, (uint16_t)row->size,
		(uint16_t)(row->flags | (row->gso ? NETTXF_extra_info : 0)), 0);
	if (row->gso)
		net_guest_put_tx(&p.a, gso.req.gref, gso.req.offset, 0,
				 gso.req.flags, 0);
	net_guest_publish_tx(&p.a);
	net_guest_run(&p.a, 1);
}

static void test_rules(void **state)
{
	static uint8_t got[10 + 65536];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];

		print_message("# %s\n", row->name);
		begin(row->offers);
		change(row->change);
		put_row(row);
		assert_int_equal(net_guest_tx_response(&p.a).status,
				 NETIF_RSP_OKAY);
		assert_int_equal(p.a.figures.tx.direct, row->direct);
		assert_int_equal(net_guest_has_rx(&p.b), row->direct);
		if (!row->direct) {
			assert_int_equal(recv(p.a.wire, got, sizeof(got), 0),
					 10 + row->size);
			assert_memory_equal(got + 10, frame, row->size);
		}
		expect_wire_empty();
		fdb_leave(&p.fdb.members[1]);
		assert_int_equal(p.a.failures, 0);
		assert_int_equal(p.b.failures, 0);
		net_pair_stop(&p);
	}
}

/* It is the receiver's mtu that counts, as it is in the bridge. */
static void test_other_mtu(void **state)
{
	static uint8_t large[1100];
	struct msg_net_terms terms;
	unsigned int i;

	(void)state;
	net_pair_start(&p, PAIR_ALL);
	memcpy(large, "\x00\x16\x3e\x00\x00\x02\x00\x16\x3e\x00\x00\x01", 12);
	for (i = 0; i < 2; i++) {
		struct net_guest *g = i == 0 ? &p.a : &p.b;

		terms = net_pair_terms(&p, g);
		terms.mtu = 1000;
		net_pair_join(g, &terms);
		net_guest_post_rx(&p.b, GUEST_DATA + 100 + i, 1);
		assert_int_equal(net_pair_send(&p.a, large, 1015, 0),
				 NETIF_RSP_OKAY);
		assert_int_equal(p.b.figures.rx.direct, 1);
		assert_int_equal(net_pair_bridge(&p.a, &p.b), i);
	}
	net_pair_stop(&p);
}

/* The same said again, which a guest can bring about, disturbs nobody. */
static void test_said_again(void **state)
{
	struct msg_net_terms terms;
	uint32_t changes;

	(void)state;
	net_pair_start(&p, PAIR_ALL);
	changes = p.fdb.changes;
	terms = net_pair_terms(&p, &p.b);
	terms.xdp_headroom = 256;
	net_pair_join(&p.b, &terms);
	assert_int_equal(p.fdb.changes, changes);
	terms.mtu++;
	net_pair_join(&p.b, &terms);
	assert_int_equal(p.fdb.changes, changes + 1);
	net_pair_stop(&p);
}

/*
 * Only what has been copied is looked at: not what an earlier frame has left
 * in the same memory.
 */
static void test_left_over(void **state)
{
	static const struct row row = {
		"", LONG_HEADERS, PAIR_ALL, NETTXF_csum_blank, 0, 600, false};
	unsigned int i;

	(void)state;
	begin(PAIR_ALL);
	change(LONG_HEADERS);
	for (i = 0; i < 3; i++) {
		put_row(&row);
		assert_int_equal(net_guest_tx_response(&p.a).status,
				 NETIF_RSP_OKAY);
	}
	assert_int_equal(p.a.figures.tx.packets, 3);
	assert_int_equal(p.a.figures.tx.direct, 0);
	net_pair_stop(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_other_mtu),
		cmocka_unit_test(test_said_again),
		cmocka_unit_test(test_left_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
