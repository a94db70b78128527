/* SPDX-License-Identifier: MIT */
/* The block ring over an ordinary page, with a guest that lies. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "backends/blk/ring.h"
#include "tests/unit/blk_wire.h"

/* Which rings each test runs over: the least, the largest, and the other ABI. */
static const struct shape {
	enum blk_abi abi;
	unsigned int n_pages;
	uint32_t entries;
	size_t entry_bytes;
} shapes[] = {
	{BLK_ABI_X86_64, 1, 32, 112},	{BLK_ABI_X86_32, 1, 32, 108},
	{BLK_ABI_X86_64, 2, 64, 112},	{BLK_ABI_X86_64, 16, 512, 112},
	{BLK_ABI_X86_32, 16, 512, 108},
};

static union {
	unsigned char bytes[BLK_RING_PAGES_MAX * 4096];
	struct blkif_sring sring;
} page __attribute__((aligned(4096)));

static struct blkif_sring *const sring = &page.sring;
static const struct shape *shape; /* of the ring begun last */

static unsigned char *entry(RING_IDX index)
{
	return page.bytes + 64 + index % shape->entries * shape->entry_bytes;
}

/* A ring on which everything before index start has been answered. */
static void begin(struct ring *r, const struct shape *of, RING_IDX start)
{
	shape = of;
	memset(&page, 0, sizeof(page));
	sring->req_prod = start;
	sring->rsp_prod = start;
	sring->req_event = start + 1;
	sring->rsp_event = start + 1;
	assert_int_equal(ring_attach(r, &page, of->n_pages, of->abi), 0);
	assert_int_equal(r->n_entries, of->entries);
}

static void put(uint64_t id)
{
	union blk_wire wire = {{0}};

	wire_put(&wire, shape->abi, id, (uint8_t)(id % 5), id * 3);
	memcpy(entry(sring->req_prod++), &wire, shape->entry_bytes);
}

/* The id of a request that was taken out. */
static uint64_t id_of(const union blk_wire *wire)
{
	return shape->abi == BLK_ABI_X86_32 ? wire->rw32.id : wire->rw64.id;
}

/* Start, what req_prod claims beyond it, and what taking says. */
static const struct {
	const char *name;
	RING_IDX start;
	RING_IDX claim;
	int attach;
	int take;
} claims[] = {
	{"nothing", 0, 0, 0, 0},
	{"one", 0, 1, 0, 1},
	{"full", 0, 32, 0, 1},
	{"one too many", 0, 33, -EPROTO, -EPROTO},
	{"far ahead", 0, 0x80000000u, -EPROTO, -EPROTO},
	{"gone backwards", 0, -1u, -EPROTO, -EPROTO},
	{"full across the wrap", -5u, 32, 0, 1},
	{"one too many across the wrap", -5u, 33, -EPROTO, -EPROTO},
	{"backwards across the wrap", 3, -4u, -EPROTO, -EPROTO},
};

static void test_claims(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(claims) / sizeof(claims[0]); i++) {
		union blk_wire out;
		struct ring r;
		int rc;

		begin(&r, &shapes[0], claims[i].start);
		sring->req_prod = claims[i].start + claims[i].claim;
		rc = ring_take(&r, &out);
		if (rc != claims[i].take)
			fail_msg("%s: take %d", claims[i].name, rc);
		rc = ring_attach(&r, &page, 1, BLK_ABI_X86_64);
		if (rc != claims[i].attach)
			fail_msg("%s: attach %d", claims[i].name, rc);
	}
}

static void test_takes_back(void **state)
{
	union blk_wire out;
	struct ring r;

	(void)state;
	begin(&r, &shapes[0], -2u);
	put(1);
	put(2);
	put(3);
	assert_int_equal(ring_take(&r, &out), 1);
	assert_int_equal(ring_take(&r, &out), 1);
	assert_int_equal(id_of(&out), 2);
	sring->req_prod -= 2; /* below what we have taken */
	assert_int_equal(ring_take(&r, &out), -EPROTO);
}

static void check_full(const struct shape *of)
{
	union blk_wire out;
	struct ring r;
	uint32_t i;

	begin(&r, of, -7u);
	for (i = 0; i < of->entries; i++)
		put(i);
	for (i = 0; i < of->entries; i++) {
		assert_int_equal(ring_take(&r, &out), 1);
		assert_int_equal(id_of(&out), i);
		assert_int_equal(out.operation, i % 5);
	}
	assert_int_equal(ring_take(&r, &out), 0);
	put(i); /* overwrites a request that has no answer yet */
	assert_int_equal(ring_take(&r, &out), -EPROTO);
}

static void test_full_and_unanswered(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
		check_full(&shapes[i]);
}

static void test_copied_once(void **state)
{
	union blk_wire out;
	struct ring r;

	(void)state;
	begin(&r, &shapes[0], 0);
	put(7);
	entry(0)[1] = 3;
	assert_int_equal(ring_take(&r, &out), 1);
	entry(0)[1] = 200;
	assert_int_equal(out.rw64.n_segments, 3);
	assert_int_equal(ring_take(&r, &out), 0);
}

/* Every byte of a response is ours: none is left of what lay on the stack. */
static void check_response(const struct shape *of)
{
	static const unsigned char expected[16] = {
		0x88, 0x77, 0x66,	    0x55, 0x44, 0x33,
		0x22, 0x11, BLKIF_OP_WRITE, 0,	  0xff, 0xff,
	};
	const size_t bytes = of->abi == BLK_ABI_X86_32 ? 12 : 16;
	unsigned char *at;
	struct ring r;

	begin(&r, of, of->entries + 9);
	at = entry(of->entries + 9);
	memset(page.bytes + 64, 0xa5, sizeof(page) - 64);
	ring_answer(&r, 0x1122334455667788ull, BLKIF_OP_WRITE, BLKIF_RSP_ERROR);
	assert_memory_equal(at, expected, bytes);
	assert_int_equal(at[bytes], 0xa5);
	assert_int_equal(at[-1], 0xa5);
	/* not shown before the push */
	assert_int_equal(sring->rsp_prod, of->entries + 9);
	ring_push(&r);
	assert_int_equal(sring->rsp_prod, of->entries + 10);
}

static void test_response_bytes(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
		check_response(&shapes[i]);
}

/* rsp_event relative to what was answered, how many, and who is woken. */
static const struct {
	RING_IDX start;
	RING_IDX event;
	unsigned int n;
	bool notify;
} pushes[] = {
	{0, 1, 1, true},   {0, 2, 1, false},
	{0, 2, 2, true},   {0, 1, 5, true},
	{0, 6, 5, false},  {0, 0, 1, false},
	{-3u, 3, 3, true}, {-3u, 5, 4, false},
	{-1u, 1, 1, true}, {0, 0x80000000u, 3, false},
};

static void test_push(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(pushes) / sizeof(pushes[0]); i++) {
		struct ring r;
		unsigned int n;

		begin(&r, &shapes[0], pushes[i].start);
		sring->rsp_event = pushes[i].start + pushes[i].event;
		for (n = 0; n < pushes[i].n; n++)
			ring_answer(&r, n, BLKIF_OP_READ, BLKIF_RSP_OKAY);
		/* what the guest writes over our index changes nothing */
		sring->rsp_prod = 4711;
		assert_int_equal(ring_push(&r), pushes[i].notify);
		assert_int_equal(sring->rsp_prod, pushes[i].start + n);
	}
}

static void test_rest(void **state)
{
	union blk_wire out;
	struct ring r;

	(void)state;
	begin(&r, &shapes[0], 0);
	put(1);
	assert_true(ring_rest(&r));
	assert_int_equal(ring_take(&r, &out), 1);
	assert_false(ring_rest(&r));
	assert_int_equal(sring->req_event, 2);
	put(2);
	assert_true(ring_rest(&r));
	sring->req_prod = 0; /* a lie must not put us to sleep */
	assert_true(ring_rest(&r));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_claims),
		cmocka_unit_test(test_takes_back),
		cmocka_unit_test(test_full_and_unanswered),
		cmocka_unit_test(test_copied_once),
		cmocka_unit_test(test_response_bytes),
		cmocka_unit_test(test_push),
		cmocka_unit_test(test_rest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
