/* SPDX-License-Identifier: MIT */
/* Real ptys: nobody there, somebody, somebody slow, somebody back again. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <event2/event.h>
#include <cmocka.h>

#include "tests/unit/console_fixture.h"

static int pty_open(void)
{
	int fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(grantpt(fd), 0);
	assert_int_equal(unlockpt(fd), 0);
	return fd;
}

static int slave_open(const char *path)
{
	int fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

static void test_pty(void **state)
{
	struct fixture *f = *state;
	int master = pty_open();
	char path[64];
	struct peer *p;
	int slave;

	assert_int_equal(ptsname_r(master, path, sizeof(path)), 0);
	close(slave_open(path));
	p = peer_new(f->base, master, PEER_PTY, &f->history, &fixture_ops, f);
	assert_non_null(p);
	peer_listen(p, true);

	/* Nobody has it open: nothing blocks, spins or is lost. */
	fixture_say(f, "a\r\n");
	assert_int_equal(peer_flush(p), 0);
	assert_true(peer_is_away(p));
	fixture_settle(f);
	peer_retry(p);
	assert_true(peer_is_away(p));

	/* Somebody does: all there is, raw, and no echo of it. */
	slave = slave_open(path);
	peer_retry(p);
	assert_false(peer_is_away(p));
	fixture_settle(f);
	fixture_expect(slave, "a\r\n");
	assert_int_equal(f->typed_bytes, 0);
	assert_int_equal(write(slave, "\003", 1), 1);
	event_base_loop(f->base, EVLOOP_ONCE);
	assert_int_equal(f->typed_bytes, 1);
	assert_int_equal(f->typed[0], 3);

	/* And leaves, and comes back. */
	close(slave);
	fixture_settle(f);
	assert_true(peer_is_away(p));
	fixture_say(f, "b");
	assert_int_equal(peer_flush(p), 0);
	peer_retry(p);
	assert_true(peer_is_away(p));
	slave = slave_open(path);
	peer_retry(p);
	fixture_settle(f);
	fixture_expect(slave, "b");
	close(slave);
	peer_free(p);
}

static void test_pty_never_opened(void **state)
{
	struct fixture *f = *state;
	int master = pty_open();
	char path[64];
	struct peer *p;
	int slave;

	assert_int_equal(ptsname_r(master, path, sizeof(path)), 0);
	p = peer_new(f->base, master, PEER_PTY, &f->history, &fixture_ops, f);
	peer_listen(p, true);
	fixture_say(f, "first");
	assert_int_equal(peer_flush(p), 1);
	fixture_settle(f);
	assert_int_equal(f->typed_bytes, 0);
	slave = slave_open(path);
	fixture_expect(slave, "first");
	close(slave);
	peer_free(p);
}

/* One who opens a pty and does not read costs nothing, and misses the old. */
static void test_slow_pty(void **state)
{
	struct fixture *f = *state;
	int master = pty_open();
	char path[64], line[1024];
	struct peer *p;
	int slave, i;

	assert_int_equal(ptsname_r(master, path, sizeof(path)), 0);
	p = peer_new(f->base, master, PEER_PTY, &f->history, &fixture_ops, f);
	slave = slave_open(path);
	memset(line, '.', sizeof(line));
	for (i = 0; i < 1024; i++) {
		history_add(&f->history, line, sizeof(line));
		assert_true(peer_flush(p) >= 0);
	}
	assert_false(peer_is_away(p));
	fixture_say(f, "newest");
	for (i = 0; i < 1000; i++) {
		char got[4096];
		ssize_t n = read(slave, got, sizeof(got));

		if (n >= 6 && memcmp(got + n - 6, "newest", 6) == 0)
			break;
		fixture_settle(f);
		peer_flush(p);
	}
	assert_true(i < 1000);
	close(slave);
	peer_free(p);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_pty),
		TEST(test_pty_never_opened),
		TEST(test_slow_pty),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
