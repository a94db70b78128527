/* SPDX-License-Identifier: MIT */
/*
 * A worker's way to READY: it says so as nobody and confined, or says why it
 * cannot be that and ends. Each is a child of the test, which is its xnd.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "chan/nobody.h"
#include "chan/worker.h"
#include "tests/unit/scratch.h"

#define USER 2000000007u

int __real_nobody_become(uint32_t id, const char *dir, struct err *e);
int __wrap_nobody_become(uint32_t id, const char *dir, struct err *e);

/* In a folder of ours; where there is no root to give up, it is not. */
int __wrap_nobody_become(uint32_t id, const char *dir, struct err *e)
{
	if (id != USER || strcmp(dir, "/run/xn/empty") != 0)
		_exit(3);
	return geteuid() == 0 ? __real_nobody_become(id, "empty", e) : 0;
}

/* ---- the worker ---- */

static uid_t before;

/* MSG_STOP, its only one: it tells by its status what it has become. */
static void on_message(const union msg *m, int *fds, unsigned int n, void *arg)
{
	bool ok = geteuid() == (before ? before : USER);

	(void)m;
	(void)fds;
	(void)n;
	ok &= socket(AF_UNIX, SOCK_STREAM, 0) == -1 && errno == EPERM;
	worker_stop(arg);
	if (!ok)
		_exit(4);
}

static void on_end(void *arg)
{
	worker_stop(arg);
}

static int worker_main(const char *user)
{
	static const struct chan_ops ops = {on_message, on_end};
	char name[] = "xn-test", other[] = "queues=4", who[32];
	char *argv[] = {name, other, who, NULL};
	struct worker w;
	int status;

	before = geteuid();
	strcpy(who, user);
	worker_open(&w, name, &ops, &w);
	status = worker_run(&w, argv);
	worker_close(&w);
	return status;
}

/* ---- the test ---- */

struct child {
	pid_t pid;
	int channel;
};

static void child_start(struct child *c, const char *user)
{
	int ends[2];

	assert_int_equal(
		socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
	c->pid = fork();
	assert_true(c->pid >= 0);
	if (c->pid == 0) {
		close(ends[0]);
		dup2(ends[1], WORKER_CHANNEL_FD);
		_exit(worker_main(user));
	}
	close(ends[1]);
	c->channel = ends[0];
}

static void child_says(struct child *c, union msg *m)
{
	struct pollfd p = {.fd = c->channel, .events = POLLIN};

	assert_int_equal(poll(&p, 1, 10000), 1);
	assert_true(recv(c->channel, m, sizeof(*m), 0) > 0);
}

static void child_ends(struct child *c, int expected)
{
	int status;

	assert_int_equal(waitpid(c->pid, &status, 0), c->pid);
	close(c->channel);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), expected);
}

static void test_ready(void **state)
{
	struct child c;
	union msg m;

	(void)state;
	child_start(&c, "user=2000000007");
	child_says(&c, &m);
	assert_int_equal(m.head.type, MSG_READY);
	msg_init(&m, MSG_STOP);
	assert_int_equal(send(c.channel, &m, m.head.length, 0), m.head.length);
	child_ends(&c, 0);
}

static void check_refusal(const char *user, const char *words)
{
	struct child c;
	union msg m;

	child_start(&c, user);
	child_says(&c, &m);
	assert_int_equal(m.head.type, MSG_FAILED);
	if (!strstr(m.failed.text, words))
		fail_msg("\"%s\" is not in \"%s\"", words, m.failed.text);
	child_ends(&c, 1);
}

/* It serves nobody as root. */
static void test_no_user(void **state)
{
	static const char *const users[] = {"", "user=", "user=0", "user=-1",
					    "user=4294967295"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(users) / sizeof(users[0]); i++)
		check_refusal(users[i],
			      "xnd has not said which user to become");
}

static void test_no_folder(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(rmdir("empty"), 0);
	check_refusal("user=2000000007",
		      "cannot make empty the root folder: No such file");
	assert_int_equal(mkdir("empty", 0755), 0);
}

static int enter(void **state)
{
	return scratch_enter(state) < 0 ? -1 : mkdir("empty", 0755);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ready),
		cmocka_unit_test(test_no_user),
		cmocka_unit_test(test_no_folder),
	};

	return cmocka_run_group_tests(tests, enter, scratch_remove);
}
