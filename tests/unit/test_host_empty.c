/* SPDX-License-Identifier: MIT */
/* The folder in which nothing is: made, found again, and refused. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/err.h"
#include "daemon/host/empty.h"
#include "tests/unit/scratch.h"

static void test_made(void **state)
{
	struct stat st;
	struct err e;

	(void)state;
	assert_int_equal(empty_make("made", &e), 0);
	assert_int_equal(stat("made", &st), 0);
	assert_int_equal(st.st_uid, geteuid());
	assert_int_equal(st.st_mode & 0777 & ~0555u, 0);
	assert_int_equal(empty_make("made", &e), 0);
}

static void refused(const char *path, int rc, const char *says)
{
	struct err e;

	assert_int_equal(empty_make(path, &e), rc);
	assert_string_equal(e.text, says);
}

static void test_refused(void **state)
{
	(void)state;
	refused("none/empty", -ENOENT,
		"none/empty: cannot make the folder: No such file or "
		"directory");
	scratch_file("file", 0, 0600);
	refused("file", -ENOTDIR,
		"file: cannot open the folder: Not a directory");
	assert_int_equal(mkdir("full", 0755), 0);
	scratch_file("full/.hidden", 0, 0600);
	refused("full", -ENOTEMPTY,
		"full must be empty, and has something in it");
	unlink("full/.hidden");
	assert_int_equal(symlink("full", "link"), 0);
	refused("link", -ENOTDIR,
		"link: cannot open the folder: Not a directory");
	assert_int_equal(chmod("full", 01777), 0);
	refused("full", -EPERM,
		"full: others may write to the folder, which must stay empty");
	assert_int_equal(chmod("full", 0775), 0);
	refused("full", -EPERM,
		"full: others may write to the folder, which must stay empty");
}

static void test_another_s(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(mkdir("theirs", 0755), 0);
	assert_int_equal(chown("theirs", 1000, 1000), 0);
	refused("theirs", -EPERM,
		"theirs: others may write to the folder, which must stay "
		"empty");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_made),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_another_s),
	};

	return cmocka_run_group_tests(tests, scratch_enter, scratch_remove);
}
