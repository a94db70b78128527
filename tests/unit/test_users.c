/* SPDX-License-Identifier: MIT */
/* Whom workers become, and that those who share one do not share it. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "daemon/worker/users.h"

/* Of nobody else on this machine, nor of an xnd. */
#define FIRST	 1234567890u
#define MOST	 (FIRST + USERS - 1)
#define LAST_DOM 0x7fefu
#define N_SHARED (USERS - 0x7ff1u)

/* Each has its part of the range. */
static void test_parts(void **state)
{
	uint32_t last = 0;

	(void)state;
	assert_int_equal(users_guest(FIRST, 0), FIRST);
	assert_int_equal(users_guest(FIRST, 7), FIRST + 7);
	assert_int_equal(users_console(FIRST),
			 users_guest(FIRST, LAST_DOM) + 1);
	assert_int_equal(users_shared(FIRST, &last), users_console(FIRST) + 1);
	/* The highest range ends where int does. */
	assert_int_equal(USERS_FIRST_MAX + USERS - 1, INT32_MAX);
}

/* One after the other, as long as there are others. */
static void test_shared(void **state)
{
	uint32_t last = 0;
	uint32_t first = users_shared(FIRST, &last);
	uint32_t i;

	(void)state;
	for (i = 1; i < N_SHARED; i++)
		assert_int_equal(users_shared(FIRST, &last), first + i);
	assert_int_equal(first + i - 1, MOST);
	assert_int_equal(users_shared(FIRST, &last), first);
}

/* A process that an earlier xnd has left is one of them. */
static void test_left(void **state)
{
	uint32_t last = 0;
	uint32_t user = users_shared(FIRST, &last);
	int ends[2];
	char byte;
	pid_t pid;

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(pipe(ends), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (setresuid(user, user, user) < 0 ||
		    write(ends[1], "", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(ends[1]);
	assert_int_equal(read(ends[0], &byte, 1), 1);
	close(ends[0]);
	last = 0;
	assert_int_equal(users_shared(FIRST, &last), user + 1);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	last = 0;
	assert_int_equal(users_shared(FIRST, &last), user);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_shared),
		cmocka_unit_test(test_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
