/* SPDX-License-Identifier: MIT */
/*
 * Workers that nobody here has started: found, and ended with the last guest
 * that they serve. They are copies of this very program, which map what they
 * are told to.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include <event2/event.h>

#include "base/err.h"
#include "daemon/worker/orphans.h"
#include "tests/unit/scratch.h"

#define A	"11111111-2222-3333-4444-555555555555"
#define B	"11111111-2222-3333-4444-555555555556"
#define C	"11111111-2222-3333-4444-555555555557"

#define MAP_ARG "map="

/* What it maps stays mapped. It answers each byte with another. */
static int worker_main(char **argv)
{
	char byte = 0;

	for (; *argv; argv++) {
		const char *name = *argv + strlen(MAP_ARG);
		int fd;

		if (strncmp(*argv, MAP_ARG, strlen(MAP_ARG)) != 0)
			continue;
		fd = open(name, O_RDWR);
		if (fd < 0 || mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0) ==
				      MAP_FAILED)
			return 1;
		close(fd);
	}
	while (read(0, &byte, 1) == 1)
		if (write(0, &byte, 1) != 1)
			return 1;
	return 0;
}

struct worker {
	pid_t pid;
	int fd;
};

/* A signal that it was sent before is taken before it answers. */
static bool runs(const struct worker *w)
{
	char byte = 0;

	return send(w->fd, &byte, 1, MSG_NOSIGNAL) == 1 &&
	       read(w->fd, &byte, 1) == 1;
}

static struct worker start(const char *const argv[])
{
	struct worker w;
	int pair[2];

	assert_int_equal(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	w.fd = pair[0];
	w.pid = fork();
	if (w.pid == 0) {
		dup2(pair[1], 0);
		execv("xn-net", (char *const *)argv);
		_exit(1);
	}
	close(pair[1]);
	assert_true(runs(&w));
	return w;
}

static void await_end(const struct worker *w)
{
	int status;

	assert_int_equal(waitpid(w->pid, &status, 0), w->pid);
	assert_true(WIFSIGNALED(status));
	close(w->fd);
}

static void note_guest(uint32_t domid, const char *uuid, void *arg)
{
	char *seen = arg;

	snprintf(seen + strlen(seen), 200 - strlen(seen), "%u:%c ", domid,
		 uuid[35]);
}

static struct orphans *find(void)
{
	struct orphans *o;
	struct err e;

	o = orphans_find(&e);
	assert_non_null(o);
	return o;
}

/* Two vifs of one guest, one of another; and a journal that was removed. */
static void test_shared(void **state)
{
	const char *const argv[] = {
		"xn-net",	  "vifs=16",	    "queues=4",
		"bridge=xenbr0",  MAP_ARG A ".7.0", MAP_ARG A ".7.1",
		MAP_ARG B ".8.0", MAP_ARG C ".9.0", NULL};
	char seen[200] = "";
	struct orphans *o;
	struct worker w;

	(void)state;
	scratch_file(A ".7.0", 4096, 0600);
	scratch_file(A ".7.1", 4096, 0600);
	scratch_file(B ".8.0", 4096, 0600);
	scratch_file(C ".9.0", 4096, 0600);
	w = start(argv);
	unlink(C ".9.0");
	o = find();
	orphans_each(o, note_guest, seen);
	assert_true(strcmp(seen, "7:5 8:6 ") == 0 ||
		    strcmp(seen, "8:6 7:5 ") == 0);
	assert_true(orphans_have(7, A, o) && orphans_have(8, B, o));
	assert_false(orphans_have(8, A, o) || orphans_have(9, C, o));
	orphans_end_guest(o, 9, C);
	orphans_end_consoles(o);
	orphans_end_guest(o, 7, A);
	assert_false(orphans_have(7, A, o));
	assert_true(runs(&w));
	orphans_end_guest(o, 8, B);
	await_end(&w);
	orphans_free(o);
}

/*
 * While there are too few descriptors to read whom it serves, it must not pass
 * for one that serves nobody: that would be ended.
 */
static void test_shared_unread(void **state)
{
	const char *const argv[] = {"xn-net", "vifs=16", MAP_ARG A ".7.0",
				    NULL};
	struct rlimit before, few;
	struct orphans *o = NULL;
	unsigned int failed = 0;
	struct worker w;
	struct err e;

	(void)state;
	scratch_file(A ".7.0", 4096, 0600);
	w = start(argv);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	for (few = before, few.rlim_cur = 3; !o; few.rlim_cur++) {
		assert_true(few.rlim_cur < 64);
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
		o = orphans_find(&e);
		failed += !o;
	}
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_true(failed > 3);
	orphans_end_consoles(o);
	assert_true(runs(&w));
	orphans_end_guest(o, 7, A);
	await_end(&w);
	orphans_free(o);
}

/* That serves nobody any more goes with the consoles. */
static void test_shared_by_none(void **state)
{
	const char *const argv[] = {"xn-net", "vifs=16", "bridge=xenbr0", NULL};
	char seen[200] = "";
	struct worker w = start(argv);
	struct orphans *o = find();

	(void)state;
	orphans_each(o, note_guest, seen);
	assert_string_equal(seen, "");
	orphans_end_consoles(o);
	await_end(&w);
	orphans_free(o);
}

static void test_of_one_guest(void **state)
{
	const char *const argv[] = {"xn-net", "domain=7", "uuid=" A, NULL};
	const char *const other[] = {"xn-net", "domain=8", "uuid=" A, NULL};
	char seen[200] = "";
	struct worker w = start(argv), second = start(other);
	struct orphans *o = find();

	(void)state;
	orphans_each(o, note_guest, seen);
	assert_int_equal(strlen(seen), strlen("7:5 8:5 "));
	orphans_end_consoles(o);
	orphans_end_guest(o, 7, B);
	assert_true(orphans_have(7, A, o));
	orphans_end_guest(o, 7, A);
	await_end(&w);
	assert_true(runs(&second));
	orphans_end_guest(o, 8, A);
	await_end(&second);
	orphans_free(o);
}

/* ---- told of their end ---- */

static unsigned int ended;

static void on_ended(void *base)
{
	ended++;
	event_base_loopbreak(base);
}

static void await_told(struct event_base *base, unsigned int count)
{
	struct timeval limit = {10, 0};

	event_base_loopexit(base, &limit);
	event_base_dispatch(base);
	assert_int_equal(ended, count);
}

/* Nothing of it is left by then: it was the only one with the other end. */
static void assert_closed(const struct worker *w)
{
	char byte;

	assert_int_equal(recv(w->fd, &byte, 1, MSG_DONTWAIT), 0);
}

static void test_told(void **state)
{
	const char *const argv[] = {"xn-net", "domain=7", "uuid=" A, NULL};
	const char *const other[] = {"xn-net", "domain=8", "uuid=" B, NULL};
	const char *const last[] = {"xn-net", "domain=9", "uuid=" C, NULL};
	struct worker w = start(argv), second = start(other),
		      third = start(last);
	struct event_base *base = event_base_new();
	struct orphans *o = find();
	struct err e;

	(void)state;
	ended = 0;
	assert_int_equal(orphans_watch(o, base, on_ended, base, &e), 0);
	orphans_end_guest(o, 7, A);
	await_told(base, 1);
	assert_closed(&w);
	await_end(&w);
	/* Unasked: it is its guest's still, of whom nothing is known. */
	kill(second.pid, SIGTERM);
	await_told(base, 2);
	assert_closed(&second);
	assert_true(orphans_have(8, B, o));
	orphans_end_guest(o, 8, B);
	assert_false(orphans_have(8, B, o));
	await_end(&second);
	/* It may be on its way when we end. */
	orphans_end_guest(o, 9, C);
	orphans_free(o);
	await_end(&third);
	event_base_loop(base, EVLOOP_NONBLOCK);
	assert_int_equal(ended, 2);
	event_base_free(base);
}

/* A copy of this program, in the folder where workers are. */
static int enter(void **state)
{
	struct stat st;
	int from, to;

	if (scratch_enter(state) < 0)
		return -1;
	setenv("XN_LIBEXECDIR", scratch_dir(), 1);
	from = open("/proc/self/exe", O_RDONLY);
	to = open("xn-net", O_WRONLY | O_CREAT | O_EXCL, 0700);
	if (from < 0 || to < 0 || fstat(from, &st) < 0)
		return -1;
	while (st.st_size > 0) {
		ssize_t n = sendfile(to, from, NULL, (size_t)st.st_size);

		if (n <= 0)
			return -1;
		st.st_size -= n;
	}
	close(from);
	close(to);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shared),
		cmocka_unit_test(test_shared_unread),
		cmocka_unit_test(test_shared_by_none),
		cmocka_unit_test(test_of_one_guest),
		cmocka_unit_test(test_told),
	};

	if (argc > 0 && strcmp(argv[0], "xn-net") == 0)
		return worker_main(argv);
	return cmocka_run_group_tests(tests, enter, scratch_remove);
}
