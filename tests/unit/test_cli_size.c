/* SPDX-License-Identifier: MIT */
/* Sizes as people write them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "cli/size.h"

static const struct {
	const char *text;
	uint64_t bytes;
	const char *why; /* NULL: it is read */
} rows[] = {
	{"20G", 20ull << 30, NULL},
	{"20g", 20ull << 30, NULL},
	{"512b", 512, NULL},
	{"7B", 7, NULL},
	{"3k", 3072, NULL},
	{"1M", 1 << 20, NULL},
	{"8388607T", 8388607ull << 40, NULL},
	{"9223372036854775807b", INT64_MAX, NULL},
	{"0b", 0, NULL},
	{"", 0, "must be a number and a unit"},
	{"G", 0, "must be a number and a unit"},
	{"20GB", 0, "must be a number and a unit"},
	{"20GiB", 0, "must be a number and a unit"},
	{"20x", 0, "must be a number and a unit"},
	{"1.5G", 0, "must be a number and a unit"},
	{"-1G", 0, "must be a number and a unit"},
	{"+1G", 0, "must be a number and a unit"},
	{" 1G", 0, "must be a number and a unit"},
	{"20", 0, "of which unit? b, k, m, g or t, such as 20g"},
	{"8388608T", 0, "more than there can be"},
	{"9223372036854775808b", 0, "more than there can be"},
	{"00000000000000000000001b", 1, NULL},
	{"000000000000000000000001b", 0, "more than there can be"},
};

static void test_sizes(void **state)
{
	struct err e;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t bytes = 1;
		int rc = size_parse(rows[i].text, &bytes, &e);

		if (!rows[i].why && (rc < 0 || bytes != rows[i].bytes))
			fail_msg("%s: %d, %llu", rows[i].text, rc,
				 (unsigned long long)bytes);
		if (rows[i].why && (rc == 0 || !strstr(e.text, rows[i].why)))
			fail_msg("%s: %s", rows[i].text, rc ? e.text : "taken");
	}
}

static void test_print(void **state)
{
	static const struct {
		int64_t bytes;
		const char *text;
	} prints[] = {
		{0, "0 B"},
		{1023, "1023 B"},
		{1024, "1.0 KiB"},
		{150 << 10, "150 KiB"},
		{INT64_MAX, "8.0 EiB"},
	};
	char text[24];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(prints) / sizeof(prints[0]); i++)
		assert_string_equal(size_print(prints[i].bytes, text),
				    prints[i].text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_print),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
