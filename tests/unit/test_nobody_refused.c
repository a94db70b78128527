/* SPDX-License-Identifier: MIT */
/*
 * Who cannot become nobody hears why: one who is not root, or not everybody's;
 * and where there is no folder for it. Each case is a child.
 */
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/err.h"
#include "chan/nobody.h"
#include "tests/unit/child.h"
#include "tests/unit/scratch.h"

#define USER 2000000007

static bool refused(uint32_t user, const char *dir, const char *says)
{
	struct err e = {0};

	if (nobody_become(user, dir, &e) < 0 && strcmp(e.text, says) == 0)
		return true;
	fprintf(stderr, "\"%s\", not \"%s\"\n", e.text, says);
	return false;
}

static bool check_not_root(void)
{
	if (geteuid() == 0 && setresuid(USER, USER, USER) < 0)
		return false;
	return refused(USER, "empty",
		       "cannot make empty the root folder: Operation not "
		       "permitted");
}

static bool check_no_folder(void)
{
	return refused(USER, "none",
		       "cannot make none the root folder: No such file or "
		       "directory");
}

static bool check_root(void)
{
	return refused(0, "empty", "root is not nobody");
}

/* A container's root, who cannot be just anybody. 77: there are no containers */
static int in_namespace(int told, int mapped)
{
	char byte;

	if (unshare(CLONE_NEWUSER) < 0)
		return 77;
	if (write(told, "", 1) != 1 || read(mapped, &byte, 1) != 1)
		return 1;
	return refused(USER, "empty",
		       "cannot become user 2000000007, who is not of this user "
		       "namespace: Invalid argument")
		       ? 0
		       : 1;
}

/* Its root is this one's, and it has no other user. */
static bool map_root(pid_t pid, const char *name)
{
	char path[40];
	int fd;
	bool ok;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	ok = fd >= 0 && write(fd, "0 0 1\n", 6) == 6;
	close(fd);
	return ok;
}

static void test_not_root(void **state)
{
	(void)state;
	in_child(check_not_root);
	in_child(check_root);
}

static void test_no_folder(void **state)
{
	(void)state;
	need_root();
	in_child(check_no_folder);
}

static void test_namespace(void **state)
{
	int told[2], mapped[2], status;
	char byte;
	pid_t pid;

	(void)state;
	need_root();
	assert_int_equal(pipe(told), 0);
	assert_int_equal(pipe(mapped), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(in_namespace(told[1], mapped[0]));
	close(told[1]);
	if (read(told[0], &byte, 1) == 1) {
		assert_true(map_root(pid, "uid_map"));
		assert_true(map_root(pid, "gid_map"));
		assert_int_equal(write(mapped[1], "", 1), 1);
	}
	close(told[0]);
	close(mapped[0]);
	close(mapped[1]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		skip(); /* this kernel makes none */
	assert_int_equal(status, 0);
}

static int enter(void **state)
{
	if (scratch_enter(state) < 0)
		return -1;
	/* Others may find it. */
	return chmod(".", 0755) < 0 ? -1 : mkdir("empty", 0555);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_not_root),
		cmocka_unit_test(test_no_folder),
		cmocka_unit_test(test_namespace),
	};

	return cmocka_run_group_tests(tests, enter, scratch_remove);
}
