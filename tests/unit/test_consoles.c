/* SPDX-License-Identifier: MIT */
/*
 * xnd's side of the consoles when xn-console dies or says nothing: its worker
 * is this program again, which notes whose console it was given, and dies the
 * first time.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <event2/event.h>

#include "base/err.h"
#include "chan/worker.h"
#include "daemon/worker/consoles.h"
#include "tests/unit/scratch.h"

/* ---- the worker ---- */

static void on_worker_message(const union msg *m, int *fds, unsigned int n,
			      void *arg)
{
	char name[32];

	(void)fds;
	(void)n;
	if (access("mute", F_OK) == 0)
		return;
	if (m->head.type == MSG_CONSOLE_REMOVE) {
		worker_say(arg, MSG_CONSOLE_REMOVED, m->plain.domid);
		return;
	}
	snprintf(name, sizeof(name), "given-%u", m->console_add.domid);
	close(open(name, O_CREAT | O_WRONLY, 0600));
	worker_say(arg, MSG_CONSOLE_SERVING, m->console_add.domid);
}

static void on_worker_end(void *arg)
{
	(void)arg;
	_exit(0);
}

static int worker_main(void)
{
	static const struct chan_ops ops = {on_worker_message, on_worker_end};
	static struct worker w;
	int first = open("first", O_CREAT | O_EXCL | O_WRONLY, 0600);

	if (first >= 0)
		_exit(1);
	worker_open(&w, "xn-console", &ops, &w);
	close(open("second", O_CREAT | O_WRONLY, 0600));
	return worker_run_trusted(&w);
}

/* ---- the test ---- */

static bool answered, removed;
static int answer;

static void on_serving(const struct err *e, void *arg)
{
	(void)arg;
	answer = e ? e->code : 0;
	answered = true;
}

static void on_removed(void *arg)
{
	(void)arg;
	removed = true;
}

static void on_time_out(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	fail_msg("nothing has come of it in time");
}

static int null_fd(void)
{
	return open("/dev/null", O_RDWR | O_CLOEXEC);
}

static void test_restart(void **state)
{
	struct timeval limit = {60, 0}, tick = {0, 10000};
	struct event_base *base = event_base_new();
	struct event *time_out = evtimer_new(base, on_time_out, NULL);
	struct consoles *cs;
	struct console *served, *building;
	struct err e;

	(void)state;
	evtimer_add(time_out, &limit);
	cs = consoles_new(base, 10, 2000000000, &e);
	assert_non_null(cs);
	served = console_new(cs, null_fd(), null_fd(), &e);
	building = console_new(cs, null_fd(), null_fd(), &e);
	assert_non_null(served);
	assert_non_null(building);
	/* The first one is dead, and that has not been heard of. */
	while (access("first", F_OK) < 0)
		usleep(1000);
	usleep(50000);
	assert_int_equal(console_serve(served, 7, 1, 8, on_serving, NULL, &e),
			 0);
	while (!answered)
		event_base_loop(base, EVLOOP_ONCE);
	assert_int_equal(answer, 0);
	assert_int_equal(access("second", F_OK), 0);
	/* Whatever else it was given, it has been given by now. */
	removed = !console_remove(served, on_removed, NULL);
	while (!removed)
		event_base_loop(base, EVLOOP_ONCE);
	event_base_loopexit(base, &tick);
	event_base_dispatch(base);
	assert_int_equal(access("given-7", F_OK), 0);
	assert_int_equal(access("given-0", F_OK), -1);
	assert_false(console_remove(building, on_removed, NULL));
	consoles_free(cs);
	event_free(time_out);
	event_base_free(base);
}

/* One that neither serves nor lets go: either is heard of in time. */
static void test_mute(void **state)
{
	struct timeval limit = {60, 0};
	struct event_base *base = event_base_new();
	struct event *time_out = evtimer_new(base, on_time_out, NULL);
	struct consoles *cs;
	struct console *c;
	struct err e;

	(void)state;
	close(open("mute", O_CREAT | O_WRONLY, 0600));
	evtimer_add(time_out, &limit);
	cs = consoles_new(base, 1, 2000000000, &e);
	assert_non_null(cs);
	c = console_new(cs, null_fd(), null_fd(), &e);
	assert_non_null(c);
	answered = false;
	assert_int_equal(console_serve(c, 7, 1, 8, on_serving, NULL, &e), 0);
	while (!answered)
		event_base_loop(base, EVLOOP_ONCE);
	assert_int_equal(answer, ETIMEDOUT);
	removed = !console_remove(c, on_removed, NULL);
	while (!removed)
		event_base_loop(base, EVLOOP_ONCE);
	unlink("mute");
	consoles_free(cs);
	event_free(time_out);
	event_base_free(base);
}

/* The same of one that was served well until then. */
static void test_mute_at_the_end(void **state)
{
	struct timeval limit = {60, 0};
	struct event_base *base = event_base_new();
	struct event *time_out = evtimer_new(base, on_time_out, NULL);
	struct consoles *cs;
	struct console *c;
	struct err e;

	(void)state;
	evtimer_add(time_out, &limit);
	cs = consoles_new(base, 1, 2000000000, &e);
	assert_non_null(cs);
	c = console_new(cs, null_fd(), null_fd(), &e);
	assert_non_null(c);
	answered = removed = false;
	assert_int_equal(console_serve(c, 7, 1, 8, on_serving, NULL, &e), 0);
	while (!answered)
		event_base_loop(base, EVLOOP_ONCE);
	assert_int_equal(answer, 0);
	close(open("mute", O_CREAT | O_WRONLY, 0600));
	assert_true(console_remove(c, on_removed, NULL));
	while (!removed)
		event_base_loop(base, EVLOOP_ONCE);
	unlink("mute");
	consoles_free(cs);
	event_free(time_out);
	event_base_free(base);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_restart),
		cmocka_unit_test(test_mute),
		cmocka_unit_test(test_mute_at_the_end),
	};
	int failed;

	if (argc > 0 && strcmp(argv[0], "xn-console") == 0)
		return worker_main();
	if (scratch_enter(NULL) < 0)
		return 1;
	setenv("XN_LIBEXECDIR", scratch_dir(), 1);
	failed = symlink("/proc/self/exe", "xn-console") < 0 ||
		 cmocka_run_group_tests(tests, NULL, NULL);
	scratch_remove(NULL);
	return failed;
}
