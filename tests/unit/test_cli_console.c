/* SPDX-License-Identifier: MIT */
/*
 * xn console on a terminal and in a pipe: no byte is lost, Ctrl-] leaves, and
 * the terminal is given back whatever ends it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/unit/fake_xnd.h"

#define ATTACHED                                                \
	"{\"jsonrpc\":\"2.0\",\"id\":%d,\"result\":{\"domid\":" \
	"3,\"name\":\"g\",\"tty\":\"/dev/pts/9\"}}\nfirst bytes"

static const char *const replies[] = {ATTACHED, NULL};
static const char *const args[] = {"console", "g", NULL};

/* Reads until text has come; fails after five seconds without. */
static void await(int fd, const char *text)
{
	struct pollfd in = {fd, POLLIN, 0};
	char seen[4096] = "";
	size_t used = 0;
	ssize_t r;

	while (!strstr(seen, text)) {
		assert_int_equal(poll(&in, 1, 60000), 1);
		r = read(fd, seen + used, sizeof(seen) - 1 - used);
		assert_true(r > 0);
		used += (size_t)r;
	}
}

static bool is_raw(int fd)
{
	struct termios now;

	tcgetattr(fd, &now);
	return !(now.c_lflag & (ICANON | ECHO | ISIG));
}

/* Types keys, or else sends the signal, and tells how xn ended. */
static int on_terminal(const char *keys, int number, char *sent, size_t size)
{
	struct termios before = {0}, after = {0};
	int master, slave, status;
	struct fake_xnd fake;
	pid_t pid;

	assert_int_equal(openpty(&master, &slave, NULL, NULL, NULL), 0);
	tcgetattr(slave, &before);
	fake_xnd_start(&fake, replies);
	pid = fake_xnd_run(&fake, args, (const int[]){slave, slave, slave});
	await(master, "first bytes");
	assert_true(is_raw(slave));
	if (keys)
		assert_int_equal(write(master, keys, strlen(keys)),
				 strlen(keys));
	else
		kill(pid, number);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	tcgetattr(slave, &after);
	assert_memory_equal(&before, &after, sizeof(before));
	usleep(50000); /* what was sent may still be on its way */
	fake_xnd_stop(&fake, sent, size);
	close(master);
	close(slave);
	return status;
}

static void test_escape(void **state)
{
	char sent[4096];
	int status;

	(void)state;
	status = on_terminal("abc\003\034\032\x1d"
			     "def",
			     0, sent, sizeof(sent));
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	assert_non_null(strstr(sent, "\nabc\003\034\032"));
	assert_null(strstr(sent, "def"));
}

static void test_guest_closes(void **state)
{
	char sent[4096];
	int status;

	(void)state;
	status = on_terminal("Q", 0, sent, sizeof(sent));
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void test_signals(void **state)
{
	static const int numbers[] = {SIGTERM, SIGHUP, SIGINT, SIGQUIT};
	char sent[4096];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		int status = on_terminal(NULL, numbers[i], sent, sizeof(sent));

		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), numbers[i]);
	}
}

/* Past the end of stdin it prints on until the guest's end closes. */
static void test_pipe(void **state)
{
	char sent[4096], out[4096];
	struct fake_xnd fake;
	int in[2], status;
	int file = fake_xnd_file();
	pid_t pid;

	(void)state;
	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	fake_xnd_start(&fake, replies);
	pid = fake_xnd_run(&fake, args, (const int[]){in[0], file, 2});
	assert_int_equal(write(in[1], "from a pipe", 11), 11);
	usleep(100000);
	assert_int_equal(waitpid(pid, &status, WNOHANG), 0);
	assert_int_equal(write(in[1], "\nQ", 2), 2);
	close(in[1]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	fake_xnd_stop(&fake, sent, sizeof(sent));
	assert_non_null(strstr(sent, "from a pipe\nQ"));
	fake_xnd_read(file, out, sizeof(out));
	assert_string_equal(out, "first bytes");
	close(in[0]);
}

/* Nothing on stdin at all must not end it. */
static void test_no_input(void **state)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), status;
	struct fake_xnd fake;
	char sent[4096];
	pid_t pid;

	(void)state;
	fake_xnd_start(&fake, replies);
	pid = fake_xnd_run(&fake, args, (const int[]){null, null, null});
	usleep(200000);
	assert_int_equal(waitpid(pid, &status, WNOHANG), 0);
	kill(pid, SIGINT);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT);
	fake_xnd_stop(&fake, sent, sizeof(sent));
	close(null);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_escape),
		cmocka_unit_test(test_guest_closes),
		cmocka_unit_test(test_signals),
		cmocka_unit_test(test_pipe),
		cmocka_unit_test(test_no_input),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
