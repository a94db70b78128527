/* SPDX-License-Identifier: MIT */
/* The console ring: honest guests, full and empty rings, hostile indices. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include "xen/abi.h"
#include <cmocka.h>

#include "console/ring.h"

#define OUT RING_OUT_BYTES
#define IN  RING_IN_BYTES

static const struct {
	uint32_t prod, cons, size;
	int filled;
} indices[] = {
	{0, 0, OUT, 0},
	{1, 0, OUT, 1},
	{OUT, 0, OUT, OUT},
	{OUT + 1, 0, OUT, -EPROTO},
	{0, 1, OUT, -EPROTO},
	{5, UINT32_MAX - 4, OUT, 10},
	{UINT32_MAX, UINT32_MAX, OUT, 0},
	{0, UINT32_MAX, OUT, 1},
	{UINT32_MAX, 0, OUT, -EPROTO},
	{0x80000000u, 0, OUT, -EPROTO},
	{0x7fffffffu, 0x80000000u, OUT, -EPROTO},
	{IN, 0, IN, IN},
	{IN + 1, 0, IN, -EPROTO},
};

static void test_filled(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(indices) / sizeof(indices[0]); i++)
		assert_int_equal(ring_filled(indices[i].prod, indices[i].cons,
					     indices[i].size),
				 indices[i].filled);
}

/* What a guest does to say something. */
static void guest_write(struct xencons_interface *page, const char *text,
			size_t size)
{
	while (size--)
		page->out[page->out_prod++ % OUT] = *text++;
}

static void guest_read(struct xencons_interface *page, char *text, size_t size)
{
	while (size--)
		*text++ = page->in[page->in_cons++ % IN];
}

static void pattern_fill(char *bytes, size_t size, unsigned int seed)
{
	size_t i;

	for (i = 0; i < size; i++)
		bytes[i] = (char)(i * 7 + seed);
}

/* Sizes that cross the ends of ring and of index in every way. */
static void test_take(void **state)
{
	static const size_t sizes[] = {1, OUT, 0, OUT - 1, 3, 1000, 2000, OUT};
	static const uint32_t starts[] = {0, 1, OUT - 1, UINT32_MAX - 700};
	size_t s, i;

	(void)state;
	for (s = 0; s < sizeof(starts) / sizeof(starts[0]); s++) {
		struct xencons_interface page = {0};
		struct ring r;

		page.out_cons = page.out_prod = starts[s];
		ring_init(&r, &page);
		for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
			char said[OUT], heard[OUT];

			pattern_fill(said, sizes[i], (unsigned int)i);
			guest_write(&page, said, sizes[i]);
			assert_int_equal(ring_take(&r, heard), sizes[i]);
			assert_memory_equal(heard, said, sizes[i]);
			ring_release(&r);
			assert_int_equal(page.out_cons, page.out_prod);
			assert_int_equal(ring_take(&r, heard), 0);
		}
	}
}

static void test_put(void **state)
{
	static const struct {
		size_t put, in, read;
	} rows[] = {
		{1, 1, 1},	 {IN, IN, 0},	     {1, 0, 24},
		{100, 24, IN},	 {IN + 1, IN, IN},   {0, 0, 0},
		{700, 700, 600}, {IN, IN - 100, IN},
	};
	static const uint32_t starts[] = {0, IN - 1, UINT32_MAX - 900};
	size_t s, i;

	(void)state;
	for (s = 0; s < sizeof(starts) / sizeof(starts[0]); s++) {
		struct xencons_interface page = {0};
		char typed[8 * IN], got[8 * IN];
		size_t n_typed = 0, n_got = 0;
		struct ring r;

		page.in_cons = page.in_prod = starts[s];
		ring_init(&r, &page);
		for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			pattern_fill(typed + n_typed, rows[i].put,
				     (unsigned int)i);
			assert_int_equal(
				ring_put(&r, typed + n_typed, rows[i].put),
				rows[i].in);
			n_typed += rows[i].in;
			guest_read(&page, got + n_got, rows[i].read);
			n_got += rows[i].read;
			assert_int_equal(ring_room(&r), IN - (n_typed - n_got));
		}
		assert_int_equal(n_got, n_typed);
		assert_memory_equal(got, typed, n_typed);
	}
}

/* A lying guest gets an error, and nothing of it has been touched. */
static void test_hostile(void **state)
{
	static const struct {
		uint32_t out_prod, in_cons;
	} lies[] = {
		{OUT + 1, 1}, {UINT32_MAX, 0x80000000u}, {0x80000000u, OUT}};
	struct xencons_interface page = {0};
	struct xencons_interface before;
	char bytes[OUT] = "";
	struct ring r;
	size_t i;

	(void)state;
	ring_init(&r, &page);
	for (i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		page.out_prod = lies[i].out_prod;
		page.in_cons = lies[i].in_cons;
		before = page;
		assert_int_equal(ring_take(&r, bytes), -EPROTO);
		assert_int_equal(ring_room(&r), -EPROTO);
		assert_int_equal(ring_put(&r, bytes, 1), -EPROTO);
		assert_memory_equal(&page, &before, sizeof(page));
	}
}

/* Our own indices in the page are the guest's to spoil, not ours to believe. */
static void test_own_indices(void **state)
{
	struct xencons_interface page = {0};
	char heard[OUT], got[4];
	struct ring r;

	(void)state;
	ring_init(&r, &page);
	guest_write(&page, "ab", 2);
	page.out_cons = 77;
	page.in_prod = 99;
	assert_int_equal(ring_take(&r, heard), 2);
	ring_release(&r);
	assert_int_equal(page.out_cons, 2);
	assert_int_equal(ring_put(&r, "xyz", 3), 3);
	assert_int_equal(page.in_prod, 3);
	guest_read(&page, got, 3);
	assert_memory_equal(got, "xyz", 3);
}

/* A new worker goes on where the dead one stopped. */
static void test_again(void **state)
{
	struct xencons_interface page = {0};
	char heard[OUT];
	struct ring first, second;

	(void)state;
	ring_init(&first, &page);
	guest_write(&page, "seen", 4);
	assert_int_equal(ring_take(&first, heard), 4);
	ring_release(&first);
	assert_int_equal(ring_put(&first, "typed", 5), 5);
	guest_write(&page, "unseen", 6);
	ring_init(&second, &page);
	assert_int_equal(ring_take(&second, heard), 6);
	assert_memory_equal(heard, "unseen", 6);
	assert_int_equal(ring_room(&second), IN - 5);
}

/* What was taken and not released is the next one's, all of it. */
static void test_died_between(void **state)
{
	struct xencons_interface page = {0};
	char heard[OUT];
	struct ring first, second;

	(void)state;
	ring_init(&first, &page);
	guest_write(&page, "said", 4);
	assert_int_equal(ring_take(&first, heard), 4);
	assert_int_equal(page.out_cons, 0);
	guest_write(&page, "more", 4);
	ring_init(&second, &page);
	assert_int_equal(ring_take(&second, heard), 8);
	assert_memory_equal(heard, "saidmore", 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_filled),
		cmocka_unit_test(test_take),
		cmocka_unit_test(test_put),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_own_indices),
		cmocka_unit_test(test_again),
		cmocka_unit_test(test_died_between),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
