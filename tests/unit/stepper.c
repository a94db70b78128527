/* SPDX-License-Identifier: MIT */
/* Tracing a child by PTRACE_SINGLESTEP. */
#include "tests/unit/stepper.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#define NOT_TRACEABLE 99

void stepper_begin(void)
{
	raise(SIGSTOP);
}

static pid_t begin(void (*run)(void *arg), void *arg)
{
	pid_t pid = fork();

	if (pid == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
			_exit(NOT_TRACEABLE);
		run(arg);
		_exit(0);
	}
	assert_true(pid > 0);
	return pid;
}

static void end(pid_t pid)
{
	int status;

	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
}

unsigned long stepper_run(void (*run)(void *arg), bool (*look)(void *arg),
			  void *arg)
{
	pid_t pid = begin(run, arg);
	unsigned long steps = 0;
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == NOT_TRACEABLE)
		skip();
	ptrace(PTRACE_SETOPTIONS, pid, NULL,
	       (void *)(intptr_t)PTRACE_O_EXITKILL);
	for (;;) {
		int signal = WSTOPSIG(status);

		assert_true(WIFSTOPPED(status));
		if (signal == SIGSTOP || signal == SIGTRAP)
			signal = 0;
		assert_int_equal(ptrace(PTRACE_SINGLESTEP, pid, NULL,
					(void *)(intptr_t)signal),
				 0);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (WIFEXITED(status) || WIFSIGNALED(status))
			break;
		steps++;
		if (!look(arg)) {
			end(pid);
			return steps;
		}
	}
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		fail_msg("the child ended with status %#x", status);
	return steps;
}
