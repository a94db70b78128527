/* SPDX-License-Identifier: MIT */
/* What a queue keeps: mapped grants, by age; and pieces of its own memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "backends/blk/arena.h"
#include "backends/blk/grants.h"
#include "backends/blk/uring.h"
#include "base/err.h"
#include "tests/unit/blk_guest.h"

static int guest_setup(void **state)
{
	(void)state;
	guest_begin();
	return 0;
}

static int guest_teardown(void **state)
{
	(void)state;
	guest_end();
	return guest.data_mapped != 0;
}

/* Uses n pages from first on, as one pass does. */
static void use(struct grants *g, uint64_t now_ms, uint32_t first, uint32_t n)
{
	uint32_t i;

	grants_begin(g, now_ms);
	for (i = 0; i < n; i++)
		if (!grants_find(g, GUEST_PAGE_REF + first + i))
			grants_want(g, GUEST_PAGE_REF + first + i);
	grants_map(g);
}

static uint32_t count_mapped(struct grants *g, uint32_t first, uint32_t n)
{
	uint32_t i, found = 0;

	for (i = first; i < first + n; i++) {
		uint8_t *at = grants_find(g, GUEST_PAGE_REF + i);

		if (at) {
			found++;
			assert_int_equal(at[7], guest.pages[i][7]);
		}
	}
	return found;
}

static void test_same_page_twice(void **state)
{
	struct grants *g = grants_new(NULL, GUEST_DOMID);

	(void)state;
	grants_begin(g, 1);
	grants_want(g, GUEST_PAGE_REF + 5);
	grants_want(g, GUEST_PAGE_REF + 5);
	grants_want(g, GUEST_PAGE_REF + 5 + 2048); /* of the same bucket */
	assert_null(grants_find(g, GUEST_PAGE_REF + 5));
	grants_map(g);
	/* One of the two does not exist, and so neither was mapped. */
	assert_null(grants_find(g, GUEST_PAGE_REF + 5));
	use(g, 500, 5, 1);
	use(g, 501, 5, 1);
	assert_int_equal(guest.data_mapped, 1);
	guest.pages[5][7] = 9;
	assert_int_equal(count_mapped(g, 5, 1), 1);
	grants_free(g);
}

static void test_oldest_go(void **state)
{
	struct grants *g = grants_new(NULL, GUEST_DOMID);
	uint32_t i;

	(void)state;
	for (i = 0; i < 1056; i += 32)
		use(g, 10 + i, i, 32);
	assert_int_equal(guest.data_mapped, 1056);
	use(g, 5000, 0, 32);	 /* the first are in use again */
	use(g, 5001, 1100, 100); /* no room for these */
	assert_int_equal(count_mapped(g, 1100, 100), 0);
	use(g, 5002, 1100, 100);
	assert_true(guest.data_mapped <= 1056);
	assert_int_equal(count_mapped(g, 1100, 100), 64);
	assert_int_equal(count_mapped(g, 0, 32), 32);
	assert_int_equal(count_mapped(g, 32, 64), 0);
	assert_int_equal(count_mapped(g, 96, 960), 960);
	use(g, 5003, 1100, 100); /* too early for the next twentieth */
	assert_int_equal(count_mapped(g, 1100, 100), 64);
	use(g, 5200, 1100, 100);
	assert_int_equal(count_mapped(g, 1100, 100), 100);
	grants_free(g);
}

static void test_idle_go(void **state)
{
	struct grants *g = grants_new(NULL, GUEST_DOMID);

	(void)state;
	use(g, 1000, 0, 40);
	use(g, 2000, 100, 40);
	use(g, 40000, 39, 1); /* of a group of 32 */
	grants_rest(g, 60999);
	assert_int_equal(guest.data_mapped, 80);
	grants_rest(g, 62000);
	assert_int_equal(guest.data_mapped, 32);
	grants_rest(g, 100000);
	assert_int_equal(guest.data_mapped, 0);
	grants_free(g);
}

static struct arena arena;

static void mark(const struct arena_piece *piece, int value)
{
	memset(piece->at, value, (size_t)piece->n_pages * 4096);
}

static bool is_marked(const struct arena_piece *piece, int value)
{
	size_t i;

	for (i = 0; i < (size_t)piece->n_pages * 4096; i++)
		if (piece->at[i] != value)
			return false;
	return true;
}

/* Pieces come and go at random: none overlaps another, none is lost. */
static void test_pieces(void **state)
{
	static struct arena_piece pieces[64];
	struct err e;
	struct uring *u = uring_open(&e);
	uint32_t x = 1, n, pages = 0, refused = 0;

	(void)state;
	if (!u)
		skip();
	assert_int_equal(uring_enable(u), 0);
	assert_int_equal(arena_open(&arena, uring_store(u)), 0);
	for (n = 0; n < 20000; n++) {
		uint32_t which, bytes;

		x = x * 1664525 + 1013904223;
		which = x >> 26;
		bytes = 1 + (x >> 8) % (x & 64 ? ARENA_CHUNK_BYTES : 40000);
		if (pieces[which].n_pages) {
			assert_true(is_marked(&pieces[which], (int)which));
			pages -= pieces[which].n_pages;
			arena_put(&arena, &pieces[which]);
		} else if (arena_get(&arena, bytes, &pieces[which])) {
			assert_true(pieces[which].n_pages * 4096u >= bytes);
			pages += pieces[which].n_pages;
			mark(&pieces[which], (int)which);
		} else {
			refused++;
		}
		assert_true(pages <= ARENA_CHUNKS * ARENA_CHUNK_PAGES);
	}
	assert_true(refused > 100 && refused < 15000);
	for (n = 0; n < 64; n++)
		arena_put(&arena, &pieces[n]);
	for (n = 0; n < ARENA_CHUNKS; n++)
		assert_true(arena_get(&arena, ARENA_CHUNK_BYTES, &pieces[n]));
	assert_false(arena_get(&arena, 1, &pieces[n]));
	arena_put(&arena, &pieces[1]);
	arena_trim(&arena);
	assert_null(arena.chunks[1]);
	assert_non_null(arena.chunks[2]);
	for (n = 0; n < ARENA_CHUNKS; n++)
		arena_put(&arena, &pieces[n]);
	arena_trim(&arena);
	assert_non_null(arena.chunks[0]);
	assert_null(arena.chunks[2]);
	uring_close(u);
	arena_close(&arena);
}

#define GUEST_TEST(name) \
	cmocka_unit_test_setup_teardown(name, guest_setup, guest_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		GUEST_TEST(test_same_page_twice),
		GUEST_TEST(test_oldest_go),
		GUEST_TEST(test_idle_go),
		cmocka_unit_test(test_pieces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
