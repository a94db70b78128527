/* SPDX-License-Identifier: MIT */
/* Strict numbers: what is one, what is not, and where the bound lies. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/num.h"

static const struct {
	const char *text;
	uint64_t max;
	int rc;
	uint64_t v;
} rows[] = {
	{"0", 0, 0, 0},
	{"7", 7, 0, 7},
	{"8", 7, -ERANGE, 0},
	{"007", 7, 0, 7},
	{"18446744073709551615", UINT64_MAX, 0, UINT64_MAX},
	{"18446744073709551616", UINT64_MAX, -ERANGE, 0},
	{"99999999999999999999999", UINT64_MAX, -ERANGE, 0},
	{"", 7, -EINVAL, 0},
	{NULL, 7, -EINVAL, 0},
	{"-1", 7, -EINVAL, 0},
	{"+1", 7, -EINVAL, 0},
	{" 1", 7, -EINVAL, 0},
	{"1 ", 7, -EINVAL, 0},
	{"0x1", 7, -EINVAL, 0},
	{"1k", 7, -EINVAL, 0},
	{"\xb2", 7, -EINVAL, 0},
};

static void test_u64(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t v = 4711;

		assert_int_equal(num_parse_u64(rows[i].text, rows[i].max, &v),
				 rows[i].rc);
		assert_int_equal(v, rows[i].rc ? 4711 : rows[i].v);
	}
}

static void test_u32(void **state)
{
	uint32_t v = 4711;

	(void)state;
	assert_int_equal(num_parse_u32("4294967296", UINT32_MAX, &v), -ERANGE);
	assert_int_equal(v, 4711);
	assert_int_equal(num_parse_u32("4294967295", UINT32_MAX, &v), 0);
	assert_int_equal(v, UINT32_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_u64),
		cmocka_unit_test(test_u32),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
