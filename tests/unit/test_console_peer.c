/* SPDX-License-Identifier: MIT */
/* Peers on real sockets and ptys: who is slow, who leaves, who comes back. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <event2/event.h>
#include <cmocka.h>

#include "console/history.h"
#include "console/peer.h"

/* A guest of which only the history is real. */
struct fixture {
	struct event_base *base;
	struct history history;
	size_t room;
	char typed[64];
	size_t typed_bytes;
	struct peer *gone;
};

static size_t on_room(void *arg)
{
	return ((struct fixture *)arg)->room;
}

static void on_input(const char *data, size_t size, void *arg)
{
	struct fixture *f = arg;

	assert_true(size <= f->room && size < sizeof(f->typed));
	memcpy(f->typed, data, size);
	f->typed_bytes = size;
}

static void on_gone(struct peer *p, void *arg)
{
	struct fixture *f = arg;

	f->gone = p;
}

static const struct peer_ops ops = {on_room, on_input, on_gone};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->base = event_base_new();
	f->room = 16;
	*state = f;
	return history_init(&f->history);
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	history_free(&f->history);
	event_base_free(f->base);
	free(f);
	return 0;
}

/* All that can be done without waiting. Fails if it never ends (a spin). */
static void settle(struct fixture *f)
{
	int left = 1000;

	do {
		struct timeval soon = {.tv_usec = 1000};

		event_base_loopexit(f->base, &soon);
		event_base_dispatch(f->base);
		assert_true(left-- > 0);
	} while (event_base_get_num_events(f->base, EVENT_BASE_COUNT_ACTIVE));
}

static void say(struct fixture *f, const char *text)
{
	history_add(&f->history, text, strlen(text));
}

/* What waits at fd is exactly text. */
static void expect(int fd, const char *text)
{
	char got[256];
	ssize_t n = read(fd, got, sizeof(got) - 1);

	assert_true(n >= 0);
	got[n] = '\0';
	assert_string_equal(got, text);
}

static struct peer *client(struct fixture *f, int *other)
{
	int pair[2];
	struct peer *p;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	p = peer_new(f->base, pair[0], PEER_CLIENT, &f->history, &ops, f);
	assert_non_null(p);
	*other = pair[1];
	return p;
}

static void test_history_then_live(void **state)
{
	struct fixture *f = *state;
	struct peer *p;
	int fd;

	say(f, "early ");
	p = client(f, &fd);
	say(f, "words");
	assert_int_equal(peer_flush(p), 1);
	expect(fd, "early words");
	say(f, "late");
	assert_int_equal(peer_flush(p), 1);
	expect(fd, "late");
	peer_free(p);
	close(fd);
}

static void test_input_waits_for_room(void **state)
{
	struct fixture *f = *state;
	int fd;
	struct peer *p = client(f, &fd);

	assert_int_equal(write(fd, "0123456789abcdefgh", 18), 18);
	settle(f);
	assert_int_equal(f->typed_bytes, 0);
	peer_listen(p, true);
	event_base_loop(f->base, EVLOOP_ONCE);
	assert_int_equal(f->typed_bytes, 16);
	f->room = 0;
	event_base_loop(f->base, EVLOOP_ONCE); /* stops listening by itself */
	assert_int_equal(f->typed_bytes, 16);
	f->room = 16;
	peer_listen(p, true);
	event_base_loop(f->base, EVLOOP_ONCE);
	assert_int_equal(f->typed_bytes, 2);
	assert_memory_equal(f->typed, "gh", 2);
	peer_free(p);
	close(fd);
}

/* It is noticed whether or not input is read at the time. */
static void test_client_leaves(void **state)
{
	struct fixture *f = *state;
	int listen;

	for (listen = 0; listen < 2; listen++) {
		int fd;
		struct peer *p = client(f, &fd);

		f->gone = NULL;
		peer_listen(p, listen);
		settle(f);
		assert_null(f->gone);
		close(fd);
		event_base_loop(f->base, EVLOOP_ONCE);
		assert_ptr_equal(f->gone, p);
		say(f, "x");
		assert_int_equal(peer_flush(p), -EPIPE);
		peer_free(p);
	}
}

/* Reads fd to the end of what comes, the loop running. Returns how much. */
static size_t drain(struct fixture *f, int fd, char *bytes, size_t size)
{
	size_t used = 0;

	for (;;) {
		ssize_t n = recv(fd, bytes + used, size - used, MSG_DONTWAIT);

		if (n <= 0 && (n == 0 || errno == EAGAIN)) {
			settle(f);
			n = recv(fd, bytes + used, size - used, MSG_DONTWAIT);
		}
		if (n <= 0)
			return used;
		used += (size_t)n;
	}
}

/*
 * A client that does not read is told what it missed: what it got, what it
 * was told to have missed and what came after are all that was said.
 */
static void test_slow_client(void **state)
{
	static char got[4 << 20];
	static const char tag[] = "\r\n[xn: ";
	struct fixture *f = *state;
	int fd;
	struct peer *p = client(f, &fd);
	unsigned long long skipped = 0;
	size_t used, own = 0;
	char line[1024];
	char *at;
	int i, notices = 0;

	memset(line, '.', sizeof(line));
	for (i = 0; i < 2048; i++) {
		history_add(&f->history, line, sizeof(line));
		assert_true(peer_flush(p) >= 0);
	}
	used = drain(f, fd, got, sizeof(got) - 1);
	got[used] = '\0';
	for (at = got; (at = strstr(at, tag)); at += strlen(tag)) {
		unsigned long long n;
		int length = 0;

		assert_int_equal(sscanf(at, "\r\n[xn: %llu bytes skipped]%n",
					&n, &length),
				 1);
		assert_true(length > 0);
		assert_memory_equal(at + length, "\r\n", 2);
		skipped += n;
		own += (size_t)length + 2;
		notices++;
	}
	assert_true(notices > 0);
	assert_int_equal(used - own + skipped, 2048 * sizeof(line));
	assert_int_equal(peer_flush(p), 1);
	peer_free(p);
	close(fd);
}

/* Promised the rest, a client gets the rest and then the end. */
static void test_end(void **state)
{
	static char got[1 << 20];
	struct fixture *f = *state;
	int fd;
	struct peer *p = client(f, &fd);
	char line[1024];
	size_t used;

	memset(line, '.', sizeof(line));
	while (peer_flush(p) == 1) /* until the socket is full */
		history_add(&f->history, line, sizeof(line));
	say(f, "last words");
	peer_end(p);
	assert_int_equal(peer_flush(p), 0);
	settle(f);
	assert_null(f->gone);
	used = drain(f, fd, got, sizeof(got));
	assert_int_equal(used, f->history.end);
	assert_memory_equal(got + used - 10, "last words", 10);
	assert_ptr_equal(f->gone, p);
	peer_free(p);
	close(fd);
}

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
	p = peer_new(f->base, master, PEER_PTY, &f->history, &ops, f);
	assert_non_null(p);
	peer_listen(p, true);

	/* Nobody has it open: nothing blocks, spins or is lost. */
	say(f, "a\r\n");
	assert_int_equal(peer_flush(p), 0);
	assert_true(peer_is_away(p));
	settle(f);
	peer_retry(p);
	assert_true(peer_is_away(p));

	/* Somebody does: all there is, raw, and no echo of it. */
	slave = slave_open(path);
	peer_retry(p);
	assert_false(peer_is_away(p));
	settle(f);
	expect(slave, "a\r\n");
	assert_int_equal(f->typed_bytes, 0);
	assert_int_equal(write(slave, "\003", 1), 1);
	event_base_loop(f->base, EVLOOP_ONCE);
	assert_int_equal(f->typed_bytes, 1);
	assert_int_equal(f->typed[0], 3);

	/* And leaves, and comes back. */
	close(slave);
	settle(f);
	assert_true(peer_is_away(p));
	say(f, "b");
	assert_int_equal(peer_flush(p), 0);
	peer_retry(p);
	assert_true(peer_is_away(p));
	slave = slave_open(path);
	peer_retry(p);
	settle(f);
	expect(slave, "b");
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
	p = peer_new(f->base, master, PEER_PTY, &f->history, &ops, f);
	peer_listen(p, true);
	say(f, "first");
	assert_int_equal(peer_flush(p), 1);
	settle(f);
	assert_int_equal(f->typed_bytes, 0);
	slave = slave_open(path);
	expect(slave, "first");
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
	p = peer_new(f->base, master, PEER_PTY, &f->history, &ops, f);
	slave = slave_open(path);
	memset(line, '.', sizeof(line));
	for (i = 0; i < 1024; i++) {
		history_add(&f->history, line, sizeof(line));
		assert_true(peer_flush(p) >= 0);
	}
	assert_false(peer_is_away(p));
	say(f, "newest");
	for (i = 0; i < 1000; i++) {
		char got[4096];
		ssize_t n = read(slave, got, sizeof(got));

		if (n >= 6 && memcmp(got + n - 6, "newest", 6) == 0)
			break;
		settle(f);
		peer_flush(p);
	}
	assert_true(i < 1000);
	close(slave);
	peer_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_history_then_live, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_input_waits_for_room,
						setup, teardown),
		cmocka_unit_test_setup_teardown(test_client_leaves, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_slow_client, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_end, setup, teardown),
		cmocka_unit_test_setup_teardown(test_pty, setup, teardown),
		cmocka_unit_test_setup_teardown(test_pty_never_opened, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_slow_pty, setup, teardown),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
