/* SPDX-License-Identifier: MIT */
/*
 * Hashes of frames: the verification suite that Microsoft publishes for
 * receive-side scaling, which <xen/io/netif.h>'s Toeplitz is, and which frames
 * have which hash.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <arpa/inet.h>
#include <cmocka.h>

#include "backends/net/hash.h"
#include "xen/abi.h"

#define ALL_TYPES WISHES_TYPES

static const uint8_t key[WISHES_KEY_BYTES] = {
	0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67,
	0x25, 0x3d, 0x43, 0xa3, 0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb,
	0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3, 0x80, 0x30,
	0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa,
};

static const struct row {
	int family;
	const char *source;
	uint16_t source_port;
	const char *destination;
	uint16_t destination_port;
	uint32_t over_ip;
	uint32_t over_tcp;
} rows[] = {
	{AF_INET, "66.9.149.187", 2794, "161.142.100.80", 1766, 0x323e8fc2,
	 0x51ccc178},
	{AF_INET, "199.92.111.2", 14230, "65.69.140.83", 4739, 0xd718262a,
	 0xc626b0ea},
	{AF_INET, "24.19.198.95", 12898, "12.22.207.184", 38024, 0xd2d0a5de,
	 0x5c2b394a},
	{AF_INET, "38.27.205.30", 48228, "209.142.163.6", 2217, 0x82989176,
	 0xafc7327f},
	{AF_INET, "153.39.163.191", 44251, "202.188.127.2", 1303, 0x5d1809c5,
	 0x10e828a2},
	{AF_INET6, "3ffe:2501:200:1fff::7", 2794, "3ffe:2501:200:3::1", 1766,
	 0x2cc18cd5, 0x40207d3d},
	{AF_INET6, "3ffe:501:8::260:97ff:fe40:efab", 14230, "ff02::1", 4739,
	 0x0f0c461c, 0xdde51bbf},
	{AF_INET6, "3ffe:1900:4545:3:200:f8ff:fe21:67cf", 44251,
	 "fe80::200:f8ff:fe21:67cf", 38024, 0x4b61e985, 0x02d1feef},
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static void put16(uint8_t *at, uint16_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

/* A segment of TCP (or other protocol) without payload, from a row's words. */
static size_t make_frame(const struct row *row, uint8_t protocol,
			 uint8_t frame[128])
{
	const bool v6 = row->family == AF_INET6;
	uint8_t *ip = frame + 14;
	uint8_t *tcp = ip + (v6 ? 40 : 20);

	memset(frame, 0, 128);
	put16(frame + 12, v6 ? 0x86dd : 0x0800);
	ip[0] = v6 ? 0x60 : 0x45;
	ip[v6 ? 6 : 9] = protocol;
	assert_int_equal(
		inet_pton(row->family, row->source, ip + (v6 ? 8 : 12)), 1);
	assert_int_equal(
		inet_pton(row->family, row->destination, ip + (v6 ? 24 : 16)),
		1);
	put16(tcp, row->source_port);
	put16(tcp + 2, row->destination_port);
	tcp[12] = 0x50;
	return (size_t)(tcp + 20 - frame);
}

static struct wishes_hash wishes(uint32_t types)
{
	struct wishes_hash h = {
		.algorithm = XEN_NETIF_CTRL_HASH_ALGORITHM_TOEPLITZ,
		.types = types,
	};

	memcpy(h.key, key, sizeof(key));
	return h;
}

static void test_verification_suite(void **state)
{
	const struct wishes_hash all = wishes(ALL_TYPES);
	const struct wishes_hash ip = wishes(XEN_NETIF_CTRL_HASH_TYPE_IPV4 |
					     XEN_NETIF_CTRL_HASH_TYPE_IPV6);
	uint8_t frame[128];
	size_t i;

	(void)state;
	for (i = 0; i < ROWS; i++) {
		const bool v6 = rows[i].family == AF_INET6;
		size_t size = make_frame(&rows[i], 6, frame);
		struct hash hash = hash_frame(&all, frame, size);

		assert_true(hash.known);
		assert_int_equal(hash.value, rows[i].over_tcp);
		assert_int_equal(hash.type,
				 v6 ? _XEN_NETIF_CTRL_HASH_TYPE_IPV6_TCP
				    : _XEN_NETIF_CTRL_HASH_TYPE_IPV4_TCP);
		hash = hash_frame(&ip, frame, size);
		assert_true(hash.known);
		assert_int_equal(hash.value, rows[i].over_ip);
		assert_int_equal(hash.type,
				 v6 ? _XEN_NETIF_CTRL_HASH_TYPE_IPV6
				    : _XEN_NETIF_CTRL_HASH_TYPE_IPV4);
	}
}

/* Only TCP's ports are hashed: UDP has the hash of its addresses. */
static void test_other_protocols(void **state)
{
	const struct wishes_hash all = wishes(ALL_TYPES);
	const struct wishes_hash tcp =
		wishes(XEN_NETIF_CTRL_HASH_TYPE_IPV4_TCP |
		       XEN_NETIF_CTRL_HASH_TYPE_IPV6_TCP);
	uint8_t frame[128];
	size_t i;

	(void)state;
	for (i = 0; i < ROWS; i++) {
		size_t size = make_frame(&rows[i], 17, frame);
		struct hash hash = hash_frame(&all, frame, size);

		assert_true(hash.known);
		assert_int_equal(hash.value, rows[i].over_ip);
		assert_false(hash_frame(&tcp, frame, size).known);
	}
}

/* A later fragment has no ports, whatever stands where they would be. */
static void test_fragment(void **state)
{
	const struct wishes_hash all = wishes(ALL_TYPES);
	uint8_t frame[128];
	size_t size = make_frame(&rows[0], 6, frame);

	(void)state;
	frame[14 + 7] = 1;
	assert_int_equal(hash_frame(&all, frame, size).value, rows[0].over_ip);
}

static void test_options_and_tags(void **state)
{
	const struct wishes_hash all = wishes(ALL_TYPES);
	uint8_t frame[128], longer[128] = {0};
	size_t size = make_frame(&rows[0], 6, frame);

	(void)state;
	/* Four bytes of options between addresses and ports. */
	memcpy(longer, frame, 34);
	memcpy(longer + 38, frame + 34, size - 34);
	longer[14] = 0x46;
	assert_int_equal(hash_frame(&all, longer, size + 4).value,
			 rows[0].over_tcp);
	/* A VLAN tag before the IP header. */
	memcpy(longer, frame, 12);
	put16(longer + 12, 0x8100);
	put16(longer + 14, 7);
	memcpy(longer + 16, frame + 12, size - 12);
	assert_int_equal(hash_frame(&all, longer, size + 4).value,
			 rows[0].over_tcp);
}

/* What is cut short anywhere has the hash of what is there, or none. */
static void test_cut_short(void **state)
{
	const struct wishes_hash all = wishes(ALL_TYPES);
	size_t i, size, cut;

	(void)state;
	for (i = 0; i < ROWS; i++) {
		uint8_t frame[128];

		size = make_frame(&rows[i], 6, frame);
		for (cut = 0; cut < size; cut++) {
			uint8_t *exact = test_malloc(cut + 1);
			struct hash hash;

			memcpy(exact, frame, cut);
			hash = hash_frame(&all, exact, cut);
			if (hash.known)
				assert_int_equal(hash.value, rows[i].over_ip);
			else
				assert_true(cut < size - 20);
			test_free(exact);
		}
	}
}

static void test_without_key(void **state)
{
	struct wishes_hash h = wishes(ALL_TYPES);
	uint8_t frame[128];
	size_t size = make_frame(&rows[0], 6, frame);

	(void)state;
	memset(h.key, 0, sizeof(h.key));
	assert_true(hash_frame(&h, frame, size).known);
	assert_int_equal(hash_frame(&h, frame, size).value, 0);
}

static void test_queue(void **state)
{
	const struct hash none = {.known = false, .value = 5};
	const struct hash five = {.known = true, .value = 5};
	const struct hash far = {.known = true, .value = UINT32_MAX};
	struct wishes_hash h = wishes(ALL_TYPES);

	(void)state;
	assert_int_equal(hash_queue(&h, &five, 3), 2);
	assert_int_equal(hash_queue(&h, &none, 3), 0);
	assert_int_equal(hash_queue(&h, &far, 4), 3);
	h.mapping_size = 4;
	memcpy(h.mapping, "\x2\x1\x0\x3", 4);
	assert_int_equal(hash_queue(&h, &five, 4), 1);
	assert_int_equal(hash_queue(&h, &none, 4), 2);
	assert_int_equal(hash_queue(&h, &far, 4), 3);
}

static void test_wanted(void **state)
{
	struct wishes_hash h = wishes(ALL_TYPES);

	(void)state;
	assert_true(hash_is_wanted(&h));
	h.types = 0;
	assert_false(hash_is_wanted(&h));
	h.types = ALL_TYPES;
	h.algorithm = XEN_NETIF_CTRL_HASH_ALGORITHM_NONE;
	assert_false(hash_is_wanted(&h));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_verification_suite),
		cmocka_unit_test(test_other_protocols),
		cmocka_unit_test(test_fragment),
		cmocka_unit_test(test_options_and_tags),
		cmocka_unit_test(test_cut_short),
		cmocka_unit_test(test_without_key),
		cmocka_unit_test(test_queue),
		cmocka_unit_test(test_wanted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
