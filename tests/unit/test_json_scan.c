/* SPDX-License-Identifier: MIT */
/* Where a value ends in a stream of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "json/json.h"

/* In, and the size of its first value; 0: it has no end yet. */
static const struct {
	const char *in;
	size_t size;
} streams[] = {
	{"{}{}", 2},
	{" \n[1] {}", 5},
	{"{\"a\":[{}]}[", 10},
	{"[\"]\"]", 5},
	{"[\"\\\"]\\\\\"]1", 9},
	{"[\"\\", 0},
	{"{\"a\":[}", 0},
	{"", 0},
	{" ", 0},
	{"[[]", 0},
	{"]", 1},
	{"nul", 1},
	{" \"a", 2},
};

/* However it comes: all at once, or byte by byte. */
static void test_streams(void **state)
{
	size_t i, n, all, each;

	(void)state;
	for (i = 0; i < sizeof(streams) / sizeof(streams[0]); i++) {
		struct json_scan at_once = {0}, bytes = {0};

		all = json_scan_end(&at_once, streams[i].in,
				    strlen(streams[i].in));
		for (n = 0, each = 0; !each && n < strlen(streams[i].in); n++)
			each = json_scan_end(&bytes, streams[i].in, n + 1);
		if (all != streams[i].size || each != streams[i].size)
			fail_msg("%s: %zu, %zu", streams[i].in, all, each);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_streams),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
