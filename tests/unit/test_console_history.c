/* SPDX-License-Identifier: MIT */
/* The history keeps exactly the last bytes, whatever the sizes added. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "console/history.h"

#define MAX HISTORY_BYTES

/* Byte number at of an endless text; its period divides no power of two. */
static char text_at(uint64_t at)
{
	return (char)(at % 251);
}

static void add(struct history *h, size_t size)
{
	static char bytes[2 * MAX + 1];
	size_t i;

	for (i = 0; i < size; i++)
		bytes[i] = text_at(h->end + i);
	history_add(h, bytes, size);
}

/* From from to the end, the history is the text. */
static void check(const struct history *h, uint64_t from)
{
	struct iovec iov[2];
	int n = history_span(h, from, iov);
	int i;

	for (i = 0; i < n; i++) {
		const char *bytes = iov[i].iov_base;
		size_t j;

		assert_true(iov[i].iov_len > 0);
		for (j = 0; j < iov[i].iov_len; j++)
			if (bytes[j] != text_at(from++))
				fail_msg("byte %zu is wrong", (size_t)from - 1);
	}
	assert_int_equal(from, h->end);
}

static void test_history(void **state)
{
	static const struct {
		size_t size;
		uint64_t begin, end; /* afterwards */
	} rows[] = {
		{0, 0, 0},
		{1, 0, 1},
		{2047, 0, 2048},
		{MAX - 2048, 0, MAX},
		{1, 1, MAX + 1},
		{MAX, MAX + 1, 2 * MAX + 1},
		{100, MAX + 101, 2 * MAX + 101},
		{MAX + 1, 2 * MAX + 102, 3 * MAX + 102},
		{2 * MAX + 1, 4 * MAX + 103, 5 * MAX + 103},
		{MAX - 103, 5 * MAX, 6 * MAX},
	};
	struct history h;
	size_t i;

	(void)state;
	assert_int_equal(history_init(&h), 0);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		add(&h, rows[i].size);
		assert_int_equal(history_begin(&h), rows[i].begin);
		assert_int_equal(h.end, rows[i].end);
		check(&h, history_begin(&h));
		check(&h, (history_begin(&h) + h.end) / 2);
		check(&h, h.end);
	}
	history_free(&h);
	history_free(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_history),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
