/* SPDX-License-Identifier: MIT */
/* Where frames are put: apart, with headroom, and within a page if they fit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
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
		assert_in_range(frames, 20, 100);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_placing),
		cmocka_unit_test(test_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
