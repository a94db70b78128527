/* SPDX-License-Identifier: MIT */
/* Where frames are put: apart, with headroom, and within a page if they fit. */
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
	assert_int_equal(arena_open(&a), 0);
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
	assert_int_equal(arena_open(&a), 0);
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
	assert_int_equal(arena_open(&a), 0);
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
	assert_int_equal(arena_open(&a), 0);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_placing),
		cmocka_unit_test(test_room),
		cmocka_unit_test(test_placing_at),
		cmocka_unit_test(test_beside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
