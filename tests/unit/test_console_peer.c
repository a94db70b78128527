/* SPDX-License-Identifier: MIT */
/* Clients on real sockets: who is slow, who leaves, what they are told. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <event2/event.h>
#include <cmocka.h>

#include "tests/unit/console_fixture.h"

static struct peer *client(struct fixture *f, int *other)
{
	int pair[2];
	struct peer *p;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	p = peer_new(f->base, pair[0], PEER_CLIENT, &f->history, &fixture_ops,
		     f);
	assert_non_null(p);
	*other = pair[1];
	return p;
}

static void test_history_then_live(void **state)
{
	struct fixture *f = *state;
	struct peer *p;
	int fd;

	fixture_say(f, "early ");
	p = client(f, &fd);
	fixture_say(f, "words");
	assert_int_equal(peer_flush(p), 1);
	fixture_expect(fd, "early words");
	fixture_say(f, "late");
	assert_int_equal(peer_flush(p), 1);
	fixture_expect(fd, "late");
	peer_free(p);
	close(fd);
}

static void test_input_waits_for_room(void **state)
{
	struct fixture *f = *state;
	int fd;
	struct peer *p = client(f, &fd);

	assert_int_equal(write(fd, "0123456789abcdefgh", 18), 18);
	fixture_settle(f);
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
		fixture_settle(f);
		assert_null(f->gone);
		close(fd);
		event_base_loop(f->base, EVLOOP_ONCE);
		assert_ptr_equal(f->gone, p);
		fixture_say(f, "x");
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
			fixture_settle(f);
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
	fixture_say(f, "last words");
	peer_end(p);
	assert_int_equal(peer_flush(p), 0);
	fixture_settle(f);
	assert_null(f->gone);
	used = drain(f, fd, got, sizeof(got));
	assert_int_equal(used, f->history.end);
	assert_memory_equal(got + used - 10, "last words", 10);
	assert_ptr_equal(f->gone, p);
	peer_free(p);
	close(fd);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_history_then_live),
		TEST(test_input_waits_for_room),
		TEST(test_client_leaves),
		TEST(test_slow_client),
		TEST(test_end),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
