/* SPDX-License-Identifier: MIT */
/* The limit of pages that dom0 grants: raised, never lowered. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "daemon/host/limits.h"
#include "tests/unit/scratch.h"

static void expect(const char *before, const char *after)
{
	char now[32] = "";
	int fd = open("limit", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, before, strlen(before)), strlen(before));
	limits_raise_grants("limit");
	assert_true(pread(fd, now, sizeof(now) - 1, 0) >= 0);
	assert_string_equal(now, after);
	close(fd);
}

static void test_grants(void **state)
{
	(void)state;
	expect("1024\n", "16384\n");
	expect("0\n", "16384\n");
	expect("16383\n", "16384\n");
	expect("16384\n", "16384\n");
	expect("20000\n", "20000\n");
	expect("2147483647\n", "2147483647\n");
	expect("lots\n", "lots\n");
	expect("", "");
}

/* Without the module. */
static void test_no_file(void **state)
{
	(void)state;
	limits_raise_grants("nothing");
	assert_int_equal(access("nothing", F_OK), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_grants),
		cmocka_unit_test(test_no_file),
	};

	return cmocka_run_group_tests(tests, scratch_enter, scratch_remove);
}
