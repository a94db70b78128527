/* SPDX-License-Identifier: MIT */
/*
 * Requests of a control ring, a row each: what is answered, and that nothing
 * changes when it is refused. XSA-270 was a mapping without these bounds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "backends/net/hash_request.h"

#define QUEUES 3
#define GREF   5

enum {
	OK = XEN_NETIF_CTRL_STATUS_SUCCESS,
	NOT_SUPPORTED = XEN_NETIF_CTRL_STATUS_NOT_SUPPORTED,
	INVALID = XEN_NETIF_CTRL_STATUS_INVALID_PARAMETER,
	OVERFLOWS = XEN_NETIF_CTRL_STATUS_BUFFER_OVERFLOW,
};

enum {
	GET_FLAGS = XEN_NETIF_CTRL_TYPE_GET_HASH_FLAGS,
	SET_FLAGS = XEN_NETIF_CTRL_TYPE_SET_HASH_FLAGS,
	SET_KEY = XEN_NETIF_CTRL_TYPE_SET_HASH_KEY,
	GET_SIZE = XEN_NETIF_CTRL_TYPE_GET_HASH_MAPPING_SIZE,
	SET_SIZE = XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING_SIZE,
	SET_MAPPING = XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING,
	SET_ALGORITHM = XEN_NETIF_CTRL_TYPE_SET_HASH_ALGORITHM,
};

static uint8_t page[4096];
static unsigned int fetched; /* bytes, of the last request */

static bool fetch(void *arg, uint32_t gref, uint32_t size, void *to)
{
	(void)arg;
	assert_in_range(size, 1, sizeof(page));
	fetched = size;
	if (gref != GREF)
		return false;
	memcpy(to, page, size);
	return true;
}

/* A guest that has set everything there is, with a table of eight entries. */
static struct wishes_hash settled(void)
{
	struct wishes_hash h = {
		.algorithm = XEN_NETIF_CTRL_HASH_ALGORITHM_TOEPLITZ,
		.types = 3,
		.mapping_size = 8,
		.mapping = {0, 1, 2, 0, 1, 2, 0, 1},
	};

	memset(h.key, 0x11, sizeof(h.key));
	return h;
}

static uint32_t ask(struct wishes_hash *h, uint16_t type, uint32_t a,
		    uint32_t b, uint32_t c, uint32_t *data)
{
	const struct xen_netif_ctrl_request req = {77, type, {a, b, c}};
	struct xen_netif_ctrl_response rsp;
	const struct wishes_hash before = *h;
	bool changed;

	memset(&rsp, 0xee, sizeof(rsp));
	fetched = 0;
	changed = hash_request(h, QUEUES, fetch, NULL, &req, &rsp);
	assert_int_equal(changed, memcmp(&before, h, sizeof(before)) != 0);
	assert_int_equal(rsp.id, 77);
	assert_int_equal(rsp.type, type);
	if (rsp.status != OK) {
		assert_int_equal(rsp.data, 0);
		assert_false(changed);
	}
	if (data)
		*data = rsp.data;
	return rsp.status;
}

static const struct row {
	const char *name;
	uint16_t type;
	uint32_t data[3];
	uint32_t status;
	unsigned int fetched;
} rows[] = {
	{"no algorithm", SET_ALGORITHM, {0}, OK, 0},
	{"toeplitz", SET_ALGORITHM, {1}, OK, 0},
	{"another algorithm", SET_ALGORITHM, {2}, INVALID, 0},
	{"every type", SET_FLAGS, {15}, OK, 0},
	{"no type", SET_FLAGS, {0}, OK, 0},
	{"a type too many", SET_FLAGS, {16}, INVALID, 0},
	{"all bits", SET_FLAGS, {UINT32_MAX}, INVALID, 0},
	{"a full key", SET_KEY, {GREF, 40}, OK, 40},
	{"a short key", SET_KEY, {GREF, 1}, OK, 1},
	{"no key", SET_KEY, {999, 0}, OK, 0},
	{"a long key", SET_KEY, {GREF, 41}, OVERFLOWS, 0},
	{"an endless key", SET_KEY, {GREF, UINT32_MAX}, OVERFLOWS, 0},
	{"a key nowhere", SET_KEY, {999, 40}, INVALID, 40},
	{"the largest table", SET_SIZE, {128}, OK, 0},
	{"no table", SET_SIZE, {0}, OK, 0},
	{"a table too large", SET_SIZE, {129}, INVALID, 0},
	{"an endless table", SET_SIZE, {UINT32_MAX}, INVALID, 0},
	{"all entries", SET_MAPPING, {GREF, 8, 0}, OK, 32},
	{"the last entry", SET_MAPPING, {GREF, 1, 7}, OK, 4},
	{"no entries", SET_MAPPING, {999, 0, 0}, OK, 0},
	{"no entries at the end", SET_MAPPING, {999, 0, 8}, OK, 0},
	{"no entries beyond", SET_MAPPING, {999, 0, 9}, INVALID, 0},
	{"one too many", SET_MAPPING, {GREF, 9, 0}, INVALID, 0},
	{"one at the end", SET_MAPPING, {GREF, 1, 8}, INVALID, 0},
	{"a sum that wraps", SET_MAPPING, {GREF, 2, UINT32_MAX}, INVALID, 0},
	{"one that wraps to 0", SET_MAPPING, {GREF, 1, UINT32_MAX}, INVALID, 0},
	{"more than is kept", SET_MAPPING, {GREF, 129, 0}, OVERFLOWS, 0},
	{"more than a page", SET_MAPPING, {GREF, 1025, 0}, OVERFLOWS, 0},
	{"bytes that wrap", SET_MAPPING, {GREF, 1u << 30, 0}, OVERFLOWS, 0},
	{"entries nowhere", SET_MAPPING, {999, 8, 0}, INVALID, 32},
	{"invalid", 0, {0}, NOT_SUPPORTED, 0},
	{"grants to be kept", 8, {0}, NOT_SUPPORTED, 0},
	{"a grant to be kept", 9, {0, GREF, 1}, NOT_SUPPORTED, 0},
	{"one no more", 10, {0, GREF, 1}, NOT_SUPPORTED, 0},
	{"unheard of", 11, {0}, NOT_SUPPORTED, 0},
	{"far out", UINT16_MAX, {0}, NOT_SUPPORTED, 0},
};

static void test_rows(void **state)
{
	size_t i;

	(void)state;
	memset(page, 0, sizeof(page));
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		struct wishes_hash h = settled();
		uint32_t status = ask(&h, row->type, row->data[0], row->data[1],
				      row->data[2], NULL);

		if (status != row->status || fetched != row->fetched)
			fail_msg("%s: status %u, %u bytes", row->name, status,
				 fetched);
	}
}

static void test_what_is_asked_for(void **state)
{
	struct wishes_hash h = {0};
	uint32_t data;

	(void)state;
	assert_int_equal(ask(&h, GET_FLAGS, 0, 0, 0, &data), NOT_SUPPORTED);
	assert_int_equal(ask(&h, SET_FLAGS, 1, 0, 0, &data), INVALID);
	assert_int_equal(ask(&h, GET_SIZE, 0, 0, 0, &data), OK);
	assert_int_equal(data, WISHES_MAPPING_MAX);
	assert_int_equal(ask(&h, SET_ALGORITHM, 1, 0, 0, &data), OK);
	assert_int_equal(ask(&h, GET_FLAGS, 0, 0, 0, &data), OK);
	assert_int_equal(data, 15);
	assert_int_equal(ask(&h, SET_FLAGS, 5, 0, 0, &data), OK);
	assert_int_equal(h.types, 5);
}

/* What is not given of a key is zero, whatever was there. */
static void test_key(void **state)
{
	struct wishes_hash h = settled();
	size_t i;

	(void)state;
	memset(page, 0x22, sizeof(page));
	assert_int_equal(ask(&h, SET_KEY, GREF, 3, 0, NULL), OK);
	for (i = 0; i < WISHES_KEY_BYTES; i++)
		assert_int_equal(h.key[i], i < 3 ? 0x22 : 0);
	assert_int_equal(ask(&h, SET_KEY, 0, 0, 0, NULL), OK);
	assert_int_equal(h.key[0], 0);
}

static void test_mapping(void **state)
{
	static const uint8_t expected[] = {0, 1, 2, 2, 1, 2, 0, 1};
	struct wishes_hash h = settled();
	const uint32_t entries[] = {2, 1, QUEUES};

	(void)state;
	memcpy(page, entries, sizeof(entries));
	assert_int_equal(ask(&h, SET_MAPPING, GREF, 2, 3, NULL), OK);
	assert_memory_equal(h.mapping, expected, sizeof(expected));
	/* One bad entry and none is taken. */
	assert_int_equal(ask(&h, SET_MAPPING, GREF, 3, 0, NULL), INVALID);
	assert_memory_equal(h.mapping, expected, sizeof(expected));
	/* A new table is zero, and so is what becomes visible of it later. */
	assert_int_equal(ask(&h, SET_SIZE, 2, 0, 0, NULL), OK);
	assert_int_equal(ask(&h, SET_SIZE, 128, 0, 0, NULL), OK);
	assert_int_equal(h.mapping[3], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_what_is_asked_for),
		cmocka_unit_test(test_key),
		cmocka_unit_test(test_mapping),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
