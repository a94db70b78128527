/* SPDX-License-Identifier: MIT */
/* Error texts: set, wrapped, cut to size, and what a NULL error leaves. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"

static void test_set(void **state)
{
	struct err e;

	(void)state;
	memset(&e, 'x', sizeof(e));
	assert_int_equal(err_set(&e, EINVAL, "vdev %s: bad %d", "xvda", 7),
			 -EINVAL);
	assert_int_equal(e.code, EINVAL);
	assert_string_equal(e.text, "vdev xvda: bad 7");
	assert_string_equal(e.key, "");
}

static void test_errno(void **state)
{
	struct err e;

	(void)state;
	assert_int_equal(err_errno(&e, ENOENT, "%s: cannot open", "/a"),
			 -ENOENT);
	assert_int_equal(e.code, ENOENT);
	assert_string_equal(e.text,
			    "/a: cannot open: No such file or directory");
	assert_string_equal(e.key, "");
}

static void test_wrap(void **state)
{
	struct err e;

	(void)state;
	err_set(&e, EBUSY, "image in use");
	err_key(&e, "disks[%d].target", 1);
	assert_int_equal(err_wrap(&e, "disk %s", "xvda"), -EBUSY);
	assert_int_equal(err_wrap(&e, "domain %d", 3), -EBUSY);
	assert_string_equal(e.text, "domain 3: disk xvda: image in use");
	assert_string_equal(e.key, "disks[1].target");
}

static void test_key(void **state)
{
	struct err e;

	(void)state;
	err_set(&e, EINVAL, "no such image");
	assert_int_equal(err_key(&e, "disks[%d].target", 1), -EINVAL);
	err_key(&e, "target");
	assert_int_equal(err_key_in(&e, "disks[%d]", 1), -EINVAL);
	assert_string_equal(e.key, "disks[1].target");
	err_key(&e, "%s", "");
	assert_int_equal(err_key_in(&e, "disks[%d]", 1), -EINVAL);
	assert_string_equal(e.key, "");
	err_key(&e, "target");
	/* An error that is set anew is not about that key any more. */
	err_set(&e, ENOMEM, "no memory");
	assert_string_equal(e.key, "");
}

#define TEXT_MOST (sizeof(((struct err *)0)->text) - 1)

/* True when text begins with n or more of c and ends with the given words. */
static void assert_cut(const char *text, char c, size_t n, const char *end)
{
	size_t size = strlen(text);
	size_t i;

	assert_int_equal(size, TEXT_MOST);
	for (i = 0; i < n; i++)
		assert_int_equal(text[i], c);
	assert_string_equal(text + size - strlen(end), end);
}

/* Texts longer than their room are cut, but not where the reason stands. */
static void test_long(void **state)
{
	char a[2 * TEXT_MOST], b[2 * TEXT_MOST];
	struct err e;

	(void)state;
	memset(a, 'a', sizeof(a) - 1);
	a[sizeof(a) - 1] = '\0';
	memset(b, 'b', sizeof(b) - 1);
	b[sizeof(b) - 1] = '\0';
	err_set(&e, EINVAL, "%s", a);
	assert_cut(e.text, 'a', TEXT_MOST, "");
	err_errno(&e, EINVAL, "%s", a);
	assert_cut(e.text, 'a', 200, "aaa...: Invalid argument");
	err_set(&e, EINVAL, "cause");
	err_wrap(&e, "%s", a);
	assert_cut(e.text, 'a', 300, "aaa...: cause");
	/* Both long: something of each. */
	err_set(&e, EINVAL, "%s", b);
	err_wrap(&e, "%s", a);
	assert_cut(e.text, 'a', 90, "bbb");
	assert_non_null(strstr(e.text, "aaa...: bbb"));
	/* A short one before a long one stays whole. */
	err_set(&e, EINVAL, "%s", b);
	err_wrap(&e, "disk xvda");
	assert_memory_equal(e.text, "disk xvda: bbb", 14);
	assert_cut(e.text, 'd', 1, "bbb");
	/* What fits to the byte is not cut. */
	a[TEXT_MOST - strlen(": cause")] = '\0';
	err_set(&e, EINVAL, "cause");
	err_wrap(&e, "%s", a);
	assert_cut(e.text, 'a', strlen(a), "aaa: cause");

	err_key(&e, "%s", b);
	assert_int_equal(strlen(e.key), sizeof(e.key) - 1);
	err_key_in(&e, "%s", a);
	assert_int_equal(strlen(e.key), sizeof(e.key) - 1);
	err_key(&e, "%s", b);
	err_key_in(&e, "disk");
	assert_memory_equal(e.key, "disk.bbb", 8);
}

static void test_null(void **state)
{
	(void)state;
	assert_int_equal(err_set(NULL, EINVAL, "x"), -EINVAL);
	assert_int_equal(err_errno(NULL, ENOENT, "x"), -ENOENT);
	assert_true(err_wrap(NULL, "x") < 0);
	assert_true(err_key(NULL, "x") < 0);
	assert_true(err_key_in(NULL, "x") < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_set),  cmocka_unit_test(test_errno),
		cmocka_unit_test(test_wrap), cmocka_unit_test(test_key),
		cmocka_unit_test(test_long), cmocka_unit_test(test_null),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
