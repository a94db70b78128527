/* SPDX-License-Identifier: MIT */
/*
 * Where frames are put: apart, with headroom, and within a page if they fit;
 * and by what number a page goes that is granted.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "backends/net/arena.h"

static void test_placing(void **state)
{
	unsigned int round;
	struct arena a;

	(void)state;
	srand(3);
	assert_int_equal(arena_open(&a, NULL), 0);
	for (round = 0; round < 200; round++) {
		const uint8_t *end = a.base;
		unsigned int frames = 0;

		arena_reset(&a);
		for (;; frames++) {
			size_t size = 1 + (size_t)rand() % 6000;
			uint8_t *frame = arena_place(&a, size);

			if (!frame)
				break;
			assert_true(frame - end >= ARENA_HEADROOM);
			assert_true(frame + ARENA_FRAME_MAX <= a.base + a.size);
			if (size <= 4096)
				assert_int_equal((uintptr_t)frame / 4096,
						 ((uintptr_t)frame + size - 1) /
							 4096);
			arena_keep(&a, frame, size);
			end = frame + size;
		}
		assert_in_range(frames, 60, 250);
	}
	arena_close(&a);
}

/* A pass of 64 ordinary frames fits. */
static void test_room(void **state)
{
	struct arena a;
	int i;

	(void)state;
	assert_int_equal(arena_open(&a, NULL), 0);
	for (i = 0; i < 64; i++) {
		uint8_t *frame = arena_place(&a, 1518);

		assert_non_null(frame);
		arena_keep(&a, frame, 1518);
	}
	arena_close(&a);
}

/* A frame lies in its page as it is told to. */
static void test_placing_at(void **state)
{
	unsigned int round;
	struct arena a;

	(void)state;
	srand(4);
	assert_int_equal(arena_open(&a, NULL), 0);
	for (round = 0; round < 100; round++) {
		const uint8_t *end = a.base;
		unsigned int frames = 0;

		arena_reset(&a);
		for (;; frames++) {
			size_t in_page = (size_t)rand() % 4096;
			size_t size = 1 + (size_t)rand() % 60000;
			uint8_t *frame = arena_place_at(&a, in_page);

			if (!frame)
				break;
			assert_int_equal((uintptr_t)frame % 4096, in_page);
			assert_true(frame - end >= ARENA_HEADROOM);
			assert_true(frame + ARENA_FRAME_MAX <= a.base + a.size);
			arena_keep(&a, frame, size);
			end = frame + size;
		}
		assert_in_range(frames, 7, 60);
	}
	arena_close(&a);
}

/* One frame stays where it is for ever, and there is room beside it. */
static void test_beside(void **state)
{
	uint8_t *kept, *other;
	unsigned int round;
	struct arena a;

	(void)state;
	srand(5);
	assert_int_equal(arena_open(&a, NULL), 0);
	for (round = 0; round < 100; round++) {
		size_t size = 1 + (size_t)rand() % 66000;
		unsigned int before = (unsigned int)rand() % 7;

		arena_reset(&a);
		while (before--)
			arena_keep(&a, arena_place_at(&a, 0), 60000);
		kept = arena_place_at(&a, 0);
		arena_keep(&a, kept, size);
		memset(kept, 0x11, size);
		arena_reset_beside(&a, kept, size);
		before = 0;
		while ((other = arena_place_at(&a, 0))) {
			memset(other - ARENA_HEADROOM, 0x22,
			       ARENA_HEADROOM + ARENA_FRAME_MAX);
			arena_keep(&a, other, ARENA_FRAME_MAX);
			before++;
		}
		assert_in_range(before, 2, 7);
		assert_int_equal(kept[0], 0x11);
		assert_memory_equal(kept, kept + 1, size - 1);
	}
	arena_close(&a);
}

/* ---- granted ---- */

#define FIRST_REF 700u

static int granter; /* its address is the handle */
static bool has_room;
static void *granted;
static uint32_t n_granted;

void *xengntshr_share_pages(xengntshr_handle *xgs, uint32_t domid, int count,
			    uint32_t *refs, int writable)
{
	uint32_t i;

	assert_ptr_equal(xgs, &granter);
	assert_int_equal(domid, ARENA_DOMID);
	assert_true(writable);
	if (!has_room)
		return NULL;
	n_granted = (uint32_t)count;
	granted = aligned_alloc(4096, 4096 * (size_t)count);
	/* not in the order of the pages */
	for (i = 0; i < n_granted; i++)
		refs[i] = FIRST_REF + (i ^ 5);
	return granted;
}

int xengntshr_unshare(xengntshr_handle *xgs, void *start, uint32_t count)
{
	assert_ptr_equal(xgs, &granter);
	assert_ptr_equal(start, granted);
	assert_int_equal(count, n_granted);
	free(granted);
	granted = NULL;
	return 0;
}

/* Every place within a page has a number; none that crosses to the next has. */
static void test_granted(void **state)
{
	struct arena_grant grant;
	struct arena a;
	size_t at;

	(void)state;
	has_room = true;
	assert_int_equal(arena_open(&a, (xengntshr_handle *)&granter), 0);
	assert_ptr_equal(a.base, granted);
	assert_int_equal(a.size, (size_t)n_granted * 4096);
	for (at = 0; at < a.size; at += 61) {
		const size_t left = 4096 - at % 4096;

		assert_true(arena_grant(&a, a.base + at, left, &grant));
		assert_int_equal(grant.ref, FIRST_REF + (at / 4096 ^ 5));
		assert_int_equal(grant.offset, at % 4096);
		assert_true(arena_grant(&a, a.base + at, 1, &grant));
		assert_int_equal(grant.ref, FIRST_REF + (at / 4096 ^ 5));
		assert_false(arena_grant(&a, a.base + at, left + 1, &grant));
	}
	arena_close(&a);
	assert_null(granted);
}

/* When no more pages may be granted, an arena is as good. */
static void test_no_room(void **state)
{
	struct arena_grant grant;
	struct arena a;

	(void)state;
	has_room = false;
	assert_int_equal(arena_open(&a, (xengntshr_handle *)&granter), 0);
	memset(a.base, 0x33, a.size);
	assert_false(arena_grant(&a, a.base, 1, &grant));
	arena_close(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_placing),
		cmocka_unit_test(test_room),
		cmocka_unit_test(test_placing_at),
		cmocka_unit_test(test_beside),
		cmocka_unit_test(test_granted),
		cmocka_unit_test(test_no_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
