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
	assert_string_equal(e.key, "disks[1].target");
	/* An error that is set anew is not about that key any more. */
	err_set(&e, ENOMEM, "no memory");
	assert_string_equal(e.key, "");
}

/* Texts longer than their room end early, and always end. */
static void test_long(void **state)
{
	char text[2 * sizeof(((struct err *)0)->text)];
	struct err e;
	size_t i;

	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	for (i = 0; i < 3; i++) {
		memset(&e, 'x', sizeof(e));
		if (i == 0)
			err_set(&e, EINVAL, "%s", text);
		if (i == 1)
			err_errno(&e, EINVAL, "%s", text);
		if (i == 2) {
			err_set(&e, EINVAL, "cause");
			err_wrap(&e, "%s", text);
		}
		assert_int_equal(strlen(e.text), sizeof(e.text) - 1);
		assert_int_equal(strspn(e.text, "a"), sizeof(e.text) - 1);
		err_key(&e, "%s", text);
		assert_int_equal(strlen(e.key), sizeof(e.key) - 1);
	}
}

static void test_null(void **state)
{
	(void)state;
	assert_int_equal(err_set(NULL, EINVAL, "x"), -EINVAL);
	assert_int_equal(err_errno(NULL, ENOENT, "x"), -ENOENT);
	assert_true(err_wrap(NULL, "x") < 0);
	assert_true(err_key(NULL, "x") < 0);
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
