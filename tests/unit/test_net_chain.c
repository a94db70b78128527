/* SPDX-License-Identifier: MIT */
/*
 * Chains of transmit slots: good ones, and each malformed one that has an
 * advisory to its name.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "backends/net/tx_chain.h"

#define MORE  NETTXF_more_data
#define EXTRA NETTXF_extra_info
#define BLANK NETTXF_csum_blank
#define VALID NETTXF_data_validated

/* An extra slot is written with its bytes in the place of the grant. */
#define XTRA(type, flags) ((type) | (flags) << 8)
/* GSO, the last extra; its kind is where an offset would be. */
#define GSO(size) (XTRA(1, 0) | (uint32_t)(size) << 16)

struct slot {
	uint32_t gref;
	uint16_t offset, size, flags;
};

/* What is expected: n_slots, n_extras, verdict, spans. */
#define CORRUPT                    \
	-EPROTO, 0, 0, TX_GOOD, 0, \
	{                          \
		{                  \
			0          \
		}                  \
	}
#define REFUSED(n, x, why) \
	0, n, x, why, 0,   \
	{                  \
		{          \
			0  \
		}          \
	}
#define SENT(n, spans, ...)      \
	0, n, 0, TX_GOOD, spans, \
	{                        \
		__VA_ARGS__      \
	}

/* clang-format off */
static const struct {
	const char *name;
	struct slot slots[5];
	unsigned int n;
	int rc;
	unsigned int n_slots, n_extras;
	enum tx_verdict verdict;
	unsigned int n_spans;
	struct tx_span spans[4];
} rows[] = {
	{"one slot",
	 {{9, 100, 60, 0}}, 1, SENT(1, 1, {9, 100, 60})},
	{"the next packet is left alone",
	 {{9, 0, 60, 0}, {8, 0, 60, 0}}, 2, SENT(1, 1, {9, 0, 60})},
	{"three slots, the first carries the total",
	 {{1, 0, 1514, MORE}, {2, 50, 400, MORE}, {3, 4000, 96, 0}}, 3,
	 SENT(3, 3, {1, 0, 1018}, {2, 50, 400}, {3, 4000, 96})},
	{"a whole page",
	 {{1, 0, 4096, 0}}, 1, SENT(1, 1, {1, 0, 4096})},
	{"the last byte of a page",
	 {{1, 0, 61, MORE}, {2, 4095, 1, 0}}, 2,
	 SENT(2, 2, {1, 0, 60}, {2, 4095, 1})},
	{"the least frame",
	 {{1, 0, 14, 0}}, 1, SENT(1, 1, {1, 0, 14})},
	{"XSA-423: a header in parts of one byte",
	 {{1, 7, 63, MORE}, {2, 8, 1, MORE}, {3, 9, 1, MORE}, {4, 0, 60, 0}},
	 4, SENT(4, 4, {1, 7, 1}, {2, 8, 1}, {3, 9, 1}, {4, 0, 60})},

	{"no slot",
	 {{0}}, 0, CORRUPT},
	{"cut short by the producer",
	 {{1, 0, 100, MORE}}, 1, CORRUPT},
	{"cut short later",
	 {{1, 0, 100, MORE}, {2, 0, 10, MORE}}, 2, CORRUPT},
	{"extra announced and not there",
	 {{1, 0, 100, EXTRA}}, 1, CORRUPT},
	{"extras without an end",
	 {{1, 0, 100, EXTRA}, {XTRA(1, 1), 0, 0, 0}, {XTRA(1, 1), 0, 0, 0}},
	 3, CORRUPT},
	{"data after the extra not there",
	 {{1, 0, 100, EXTRA | MORE}, {XTRA(1, 0), 0, 0, 0}}, 2, CORRUPT},

	{"XSA-448: the first part is empty",
	 {{1, 0, 60, MORE}, {2, 0, 60, 0}}, 2, SENT(2, 1, {2, 0, 60})},
	{"XSA-448: an empty part in the middle, its place absurd",
	 {{1, 0, 70, MORE}, {0xffffffff, 0xffff, 0, MORE}, {3, 0, 10, 0}}, 3,
	 SENT(3, 2, {1, 0, 60}, {3, 0, 10})},
	{"XSA-448: an empty part at the end",
	 {{1, 0, 60, MORE}, {2, 0, 0, 0}}, 2, SENT(2, 1, {1, 0, 60})},
	{"XSA-448: all parts empty",
	 {{1, 0, 0, MORE}, {2, 0, 0, MORE}, {3, 0, 0, 0}}, 3,
	 REFUSED(3, 0, TX_TOO_SMALL)},
	{"no byte at all",
	 {{1, 0, 0, 0}}, 1, REFUSED(1, 0, TX_TOO_SMALL)},
	{"less than an Ethernet header",
	 {{1, 0, 13, 0}}, 1, REFUSED(1, 0, TX_TOO_SMALL)},
	{"parts larger than the packet by one",
	 {{1, 0, 60, MORE}, {2, 0, 61, 0}}, 2, REFUSED(2, 0, TX_BAD_SIZES)},
	{"parts that would wrap 16 bits",
	 {{1, 0, 60, MORE}, {2, 0, 0x8000, MORE}, {3, 0, 0x8000, 0}}, 3,
	 REFUSED(3, 0, TX_BAD_SIZES)},
	{"the first part leaves its page",
	 {{1, 4037, 60, 0}}, 1, REFUSED(1, 0, TX_CROSSES_PAGE)},
	{"the first part is larger than a page",
	 {{1, 0, 0xffff, MORE}, {2, 0, 100, 0}}, 2,
	 REFUSED(2, 0, TX_CROSSES_PAGE)},
	{"a later part leaves its page",
	 {{1, 0, 160, MORE}, {2, 3997, 100, 0}}, 2,
	 REFUSED(2, 0, TX_CROSSES_PAGE)},
	{"an offset that would wrap 16 bits",
	 {{1, 0, 160, MORE}, {2, 0xffff, 2, 0}}, 2,
	 REFUSED(2, 0, TX_CROSSES_PAGE)},
	{"an unknown extra, and one more",
	 {{1, 0, 160, EXTRA}, {XTRA(77, 1), 0, 0, 0}, {XTRA(0, 0), 0, 0, 0}}, 3,
	 REFUSED(3, 2, TX_UNKNOWN_EXTRA)},
	{"an extra of no type",
	 {{1, 0, 160, EXTRA}, {XTRA(0, 0), 0, 0, 0}}, 2,
	 REFUSED(2, 1, TX_UNKNOWN_EXTRA)},
	{"the type after the last known one",
	 {{1, 0, 160, EXTRA}, {XTRA(5, 0), 0, 0, 0}}, 2,
	 REFUSED(2, 1, TX_UNKNOWN_EXTRA)},
	{"a hash twice",
	 {{1, 0, 160, EXTRA}, {XTRA(4, 1), 0, 0, 0}, {XTRA(4, 0), 0, 0, 0}}, 3,
	 REFUSED(3, 2, TX_EXTRA_TWICE)},
	{"GSO of no kind",
	 {{1, 0, 160, EXTRA | BLANK}, {GSO(100), 0, 0, 0}}, 2,
	 REFUSED(2, 1, TX_GSO_KIND)},
	{"GSO of a kind that there is not",
	 {{1, 0, 160, EXTRA | BLANK}, {GSO(100), 3, 0, 0}}, 2,
	 REFUSED(2, 1, TX_GSO_KIND)},
	{"GSO of no size",
	 {{1, 0, 160, EXTRA | BLANK}, {GSO(0), 1, 0, 0}}, 2,
	 REFUSED(2, 1, TX_GSO_SIZE)},
	{"GSO with segments as large as the packet",
	 {{1, 0, 160, EXTRA | BLANK}, {GSO(160), 2, 0, 0}}, 2,
	 REFUSED(2, 1, TX_GSO_SIZE)},
	{"GSO of the highest size",
	 {{1, 0, 160, EXTRA | BLANK}, {GSO(0xffff), 1, 0, 0}}, 2,
	 REFUSED(2, 1, TX_GSO_SIZE)},
	{"GSO with a checksum that claims to be whole",
	 {{1, 0, 160, EXTRA | VALID}, {GSO(100), 1, 0, 0}}, 2,
	 REFUSED(2, 1, TX_GSO_SUM)},
	{"GSO with parts larger than the packet",
	 {{1, 0, 160, EXTRA | MORE | BLANK}, {GSO(100), 1, 0, 0},
	  {2, 0, 161, 0}}, 3, REFUSED(3, 1, TX_BAD_SIZES)},
	{"multicast control that has data",
	 {{1, 0, 160, EXTRA | MORE}, {XTRA(2, 0), 0, 0, 0}, {2, 0, 60, 0}}, 3,
	 REFUSED(3, 1, TX_BAD_MULTICAST)},
	{"multicast control both ways",
	 {{1, 0, 0, EXTRA}, {XTRA(2, 1), 0, 0, 0}, {XTRA(3, 0), 0, 0, 0}}, 3,
	 REFUSED(3, 2, TX_BAD_MULTICAST)},
	{"multicast control and GSO",
	 {{1, 0, 160, EXTRA | BLANK}, {XTRA(2, 1), 0, 0, 0}, {GSO(9), 1, 0, 0}},
	 3, REFUSED(3, 2, TX_BAD_MULTICAST)},
};
/* clang-format on */

static void put(union tx_slot *wire, const struct slot *s, uint16_t id)
{
	wire->req.gref = s->gref;
	wire->req.offset = s->offset;
	wire->req.size = s->size;
	wire->req.flags = s->flags;
	wire->req.id = id;
}

static void check(size_t row)
{
	union tx_slot wire[5];
	struct tx_packet p;
	unsigned int i;

	for (i = 0; i < 5; i++)
		put(&wire[i], &rows[row].slots[i], (uint16_t)i);
	assert_int_equal(tx_chain_parse(wire, rows[row].n, &p), rows[row].rc);
	if (rows[row].rc < 0)
		return;
	assert_int_equal(p.n_slots, rows[row].n_slots);
	assert_int_equal(p.n_extras, rows[row].n_extras);
	assert_int_equal(p.verdict, rows[row].verdict);
	if (p.verdict != TX_GOOD)
		return;
	assert_int_equal(p.size, rows[row].slots[0].size);
	assert_int_equal(p.n_spans, rows[row].n_spans);
	assert_memory_equal(p.spans, rows[row].spans,
			    p.n_spans * sizeof(p.spans[0]));
}

static void test_rows(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("# %s\n", rows[i].name);
		check(i);
	}
}

/* XSA-432: as many slots as may be, and together less than a header area. */
static void test_length(void **state)
{
	static union tx_slot wire[256];
	struct tx_packet p;
	unsigned int n, i;

	(void)state;
	for (n = 1; n <= 256; n++) {
		for (i = 0; i < n; i++) {
			struct slot s = {i, 0, 1, i + 1 < n ? MORE : 0};

			if (i == 0)
				s.size = (uint16_t)(n + 20);
			put(&wire[i], &s, (uint16_t)i);
		}
		assert_int_equal(tx_chain_parse(wire, n, &p), 0);
		assert_int_equal(p.n_slots, n);
		assert_int_equal(p.verdict,
				 n <= 18 ? TX_GOOD : TX_TOO_MANY_SLOTS);
		assert_int_equal(tx_chain_parse(wire, n - 1, &p), -EPROTO);
	}
}

/* Extra slots stand apart from the 18 that may hold data. */
static void test_extras(void **state)
{
	static union tx_slot wire[21];
	struct tx_packet p;
	unsigned int i;

	(void)state;
	for (i = 3; i < 20; i++)
		wire[i].req = (struct netif_tx_request){i, 0, i < 19 ? MORE : 0,
							(uint16_t)i, 1000};
	wire[0].req =
		(struct netif_tx_request){9, 0, EXTRA | MORE | BLANK, 0, 18000};
	wire[1].extra = (struct netif_extra_info){
		.type = XEN_NETIF_EXTRA_TYPE_HASH,
		.flags = XEN_NETIF_EXTRA_FLAG_MORE,
		.u.hash = {7, 1, {0x12, 0x34, 0x56, 0xf8}}};
	wire[2].extra =
		(struct netif_extra_info){.type = XEN_NETIF_EXTRA_TYPE_GSO,
					  .u.gso = {.size = 1448, .type = 2}};
	assert_int_equal(tx_chain_parse(wire, 20, &p), 0);
	assert_int_equal(p.n_slots, 20);
	assert_int_equal(p.n_extras, 2);
	assert_int_equal(p.verdict, TX_GOOD);
	assert_int_equal(p.n_spans, 18);
	assert_int_equal(p.spans[0].gref, 9);
	assert_int_equal(p.spans[1].gref, 3);
	assert_int_equal(p.extras.gso_type, XEN_NETIF_GSO_TYPE_TCPV6);
	assert_int_equal(p.extras.gso_size, 1448);
	assert_true(p.extras.hashed);
	assert_int_equal(p.extras.hash_type, 7);
	assert_int_equal(p.extras.hash_algorithm, 1);
	assert_int_equal(p.extras.hash, 0xf8563412);
	assert_int_equal(p.extras.multicast, 0);
	/* One more slot with data is one too many. */
	wire[19].req.flags = MORE;
	wire[20].req = wire[18].req;
	wire[20].req.flags = 0;
	assert_int_equal(tx_chain_parse(wire, 21, &p), 0);
	assert_int_equal(p.n_slots, 21);
	assert_int_equal(p.verdict, TX_TOO_MANY_SLOTS);
	/* What a chain has said, the next one has not. */
	wire[0].req = (struct netif_tx_request){9, 0, 0, 0, 60};
	assert_int_equal(tx_chain_parse(wire, 1, &p), 0);
	assert_int_equal(p.extras.gso_type, XEN_NETIF_GSO_TYPE_NONE);
	assert_false(p.extras.hashed);
}

static void test_multicast(void **state)
{
	static const uint8_t address[6] = {1, 0, 0x5e, 0, 0, 0xfb};
	union tx_slot wire[2] = {{.req = {.flags = EXTRA}}};
	struct tx_packet p;
	uint8_t type;

	(void)state;
	for (type = XEN_NETIF_EXTRA_TYPE_MCAST_ADD;
	     type <= XEN_NETIF_EXTRA_TYPE_MCAST_DEL; type++) {
		wire[1].extra = (struct netif_extra_info){.type = type};
		memcpy(wire[1].extra.u.mcast.addr, address, sizeof(address));
		assert_int_equal(tx_chain_parse(wire, 2, &p), 0);
		assert_int_equal(p.n_slots, 2);
		assert_int_equal(p.verdict, TX_MULTICAST);
		assert_int_equal(p.extras.multicast, type);
		assert_memory_equal(p.extras.address, address, 6);
		assert_int_equal(p.n_spans, 0);
	}
}

static void test_flags(void **state)
{
	static const uint16_t flags[] = {0, BLANK, VALID, BLANK | VALID,
					 0xfff0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		struct slot s = {1, 0, 60, flags[i]};
		union tx_slot wire;
		struct tx_packet p;

		put(&wire, &s, 0);
		assert_int_equal(tx_chain_parse(&wire, 1, &p), 0);
		assert_int_equal(p.verdict, TX_GOOD);
		assert_int_equal(p.csum_blank, !!(flags[i] & BLANK));
		assert_int_equal(p.csum_valid, !!(flags[i] & VALID));
	}
}

/* The promise, on a hundred thousand chains of noise. */
static void test_promise(void **state)
{
	unsigned int round, good = 0;

	(void)state;
	srand(1);
	for (round = 0; round < 100000; round++) {
		union tx_slot wire[24];
		struct tx_packet p;
		uint32_t sum = 0;
		unsigned int i;

		for (i = 0; i < 24; i++) {
			struct slot s = {(uint32_t)rand(),
					 (uint16_t)(rand() % 5000),
					 (uint16_t)(rand() % 1500),
					 (uint16_t)(rand() % 8)};

			put(&wire[i], &s, (uint16_t)i);
		}
		if (tx_chain_parse(wire, 24, &p) < 0)
			continue;
		assert_in_range(p.n_slots, 1, 24);
		if (p.verdict != TX_GOOD)
			continue;
		good++;
		assert_in_range(p.n_spans, 1, XEN_NETIF_NR_SLOTS_MIN);
		for (i = 0; i < p.n_spans; i++) {
			assert_in_range(p.spans[i].size, 1, 4096);
			assert_in_range(p.spans[i].offset + p.spans[i].size, 1,
					4096);
			sum += p.spans[i].size;
		}
		assert_int_equal(sum, p.size);
		assert_in_range(p.size, 14, 65535);
	}
	assert_true(good > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),   cmocka_unit_test(test_length),
		cmocka_unit_test(test_extras), cmocka_unit_test(test_multicast),
		cmocka_unit_test(test_flags),  cmocka_unit_test(test_promise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
