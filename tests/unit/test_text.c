/* SPDX-License-Identifier: MIT */
/* Making foreign text safe to print, at every size of its room. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/text.h"

static const struct {
	const char *text;
	size_t size;
	const char *out;
} rows[] = {
	{"", 1, ""},
	{"abc", 4, "abc"},
	{"abc", 3, "ab"},
	{"abc", 1, ""},
	{" ~", 8, " ~"},
	{"a\nb", 8, "a\\x0ab"},
	{"\x1b[2J", 16, "\\x1b[2J"},
	{"\x7f\x80\xff", 16, "\\x7f\\x80\\xff"},
	{"a\\b", 8, "a\\\\b"},
	/* An escape is whole or absent. */
	{"a\n", 6, "a\\x0a"},
	{"a\n", 5, "a"},
	{"a\\", 4, "a\\\\"},
	{"a\\", 3, "a"},
};

static void test_escape(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		/* Of the exact size, for the sanitizer to watch its end. */
		char *out = malloc(rows[i].size);

		assert_non_null(out);
		assert_ptr_equal(text_escape(rows[i].text, out, rows[i].size),
				 out);
		assert_string_equal(out, rows[i].out);
		free(out);
	}
}

/* Whatever the byte and the room: printable, terminated, within its room. */
static void test_escape_every_byte(void **state)
{
	char out[32];
	int byte;
	size_t size;

	(void)state;
	for (byte = 1; byte < 256; byte++) {
		char text[] = {'a', (char)byte, 'b', (char)byte, '\0'};

		for (size = 1; size <= sizeof(out); size++) {
			char *end;

			memset(out, '\xee', sizeof(out));
			text_escape(text, out, size);
			end = memchr(out, '\0', size);
			assert_non_null(end);
			while (end-- > out)
				assert_in_range(*end, 0x20, 0x7e);
			if (size < sizeof(out))
				assert_int_equal(out[size], '\xee');
		}
	}
}

static void test_format(void **state)
{
	char *text = text_format("/local/domain/%u/%s", 7u, "name");

	(void)state;
	assert_string_equal(text, "/local/domain/7/name");
	free(text);
}

static void test_begins(void **state)
{
	(void)state;
	assert_true(text_begins("phy:/dev/x", "phy:"));
	assert_true(text_begins("phy:", "phy:"));
	assert_true(text_begins("anything", ""));
	assert_false(text_begins("ph", "phy:"));
	assert_false(text_begins("", "p"));
	assert_false(text_begins("Phy:", "phy:"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_escape),
		cmocka_unit_test(test_escape_every_byte),
		cmocka_unit_test(test_format),
		cmocka_unit_test(test_begins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
