/* SPDX-License-Identifier: MIT */
/* What is around the command and fails it: no daemon, a full disk. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/unit/fake_xnd.h"

static void test_no_daemon(void **state)
{
	static const char *const args[] = {"list", NULL};
	struct fake_xnd nobody = {.path = "/nonexistent/xnd.sock"};
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), status;
	int stdio[3] = {null, null, fake_xnd_file()};
	char err[512];
	pid_t pid;

	(void)state;
	pid = fake_xnd_run(&nobody, args, stdio);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	fake_xnd_read(stdio[2], err, sizeof(err));
	assert_non_null(strstr(err, "xn: xnd is not running "
				    "(/nonexistent/xnd.sock: "));
	assert_non_null(strstr(err, "systemctl start xnd"));
	assert_int_equal(WEXITSTATUS(status), 1);
	close(null);
}

/* Output that cannot be written is a failure, not a success. */
static void test_full_disk(void **state)
{
	static const char *const args[] = {"help", NULL};
	struct fake_xnd nobody = {.path = "/nonexistent/xnd.sock"};
	int full = open("/dev/full", O_RDWR | O_CLOEXEC), status;
	int stdio[3] = {full, full, fake_xnd_file()};
	char err[512];
	pid_t pid;

	(void)state;
	pid = fake_xnd_run(&nobody, args, stdio);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	fake_xnd_read(stdio[2], err, sizeof(err));
	assert_non_null(strstr(err, "could not be written"));
	assert_int_equal(WEXITSTATUS(status), 1);
	close(full);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_daemon),
		cmocka_unit_test(test_full_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
