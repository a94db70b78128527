/* SPDX-License-Identifier: MIT */
/* A channel whose other end sends, sends rubbish, and goes away. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/log.h"
#include "chan_peer.h"

static void test_order(void **state)
{
	struct peer p;

	(void)state;
	peer_open(&p);
	peer_says(&p, MSG_READY, 1);
	peer_says(&p, MSG_DESTROYED, 2);
	peer_run(&p);
	assert_int_equal(p.messages, 2);
	assert_int_equal(p.last_domid, 2);
	assert_int_equal(p.ends, 0);
	peer_close(&p);
}

static void test_descriptor(void **state)
{
	unsigned int before = peer_fds();
	struct peer p;
	union msg m;
	int pipes[2];
	char c = 0;

	(void)state;
	peer_open(&p);
	p.keep = true;
	assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
	msg_init(&m, MSG_CONSOLE_ATTACH);
	peer_sends(&p, &m, m.head.length, pipes[1], 1);
	peer_run(&p);
	assert_true(fcntl(p.fd, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(write(p.fd, "x", 1), 1);
	assert_int_equal(read(pipes[0], &c, 1), 1);
	assert_int_equal(c, 'x');
	close(p.fd);

	/* One that is not kept is closed behind the callback. */
	p.keep = false;
	peer_sends(&p, &m, m.head.length, pipes[1], 1);
	peer_run(&p);
	assert_int_equal(p.messages, 2);
	close(pipes[0]);
	close(pipes[1]);
	peer_close(&p);
	assert_int_equal(peer_fds(), before);
}

/* Each breaks the protocol in its own way; none may leave a descriptor. */
static void test_malformed(void **state)
{
	static const struct {
		const char *what;
		size_t size;
		uint16_t version;
		uint32_t length;
		unsigned int fds;
	} rows[] = {
		{"short header", 4, MSG_VERSION, 4, 0},
		{"other version", 16, MSG_VERSION + 1, 16, 0},
		{"length over packet", 16, MSG_VERSION, 24, 0},
		{"packet over length", 24, MSG_VERSION, 16, 0},
		{"an unexpected descriptor", 16, MSG_VERSION, 16, 1},
		{"too many descriptors", 16, MSG_VERSION, 16, MSG_MAX_FDS},
		{"more than there is room for", 16, MSG_VERSION, 16,
		 MSG_MAX_FDS + 1},
		{"more bytes than any message", sizeof(union msg) + 8,
		 MSG_VERSION, sizeof(union msg) + 8, 2},
	};
	unsigned int before = peer_fds();
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct {
			union msg m;
			char more[64];
		} packet;
		struct peer p;

		memset(&packet, 0, sizeof(packet));
		packet.m.head.version = rows[i].version;
		packet.m.head.type = MSG_READY;
		packet.m.head.length = rows[i].length;
		peer_open(&p);
		peer_says(&p, MSG_READY, 7);
		peer_sends(&p, &packet, rows[i].size, STDIN_FILENO,
			   rows[i].fds);
		peer_says(&p, MSG_READY, 8);
		peer_run(&p);
		peer_run(&p);
		if (p.messages != 1 || p.ends != 1)
			print_error("%s\n", rows[i].what);
		assert_int_equal(p.messages, 1); /* what came before it */
		assert_int_equal(p.ends, 1);
		peer_close(&p);
		assert_int_equal(peer_fds(), before);
	}
}

static void test_end(void **state)
{
	struct peer p;

	(void)state;
	peer_open(&p);
	peer_says(&p, MSG_STOPPED, 0);
	close(p.other);
	p.other = -1;
	peer_run(&p);
	peer_run(&p);
	assert_int_equal(p.messages, 1);
	assert_int_equal(p.ends, 1);
	assert_int_equal(chan_say(p.chan, MSG_STOP, 0), -EPIPE);
	peer_close(&p);
}

static void test_free_in_callback(void **state)
{
	struct peer p;

	(void)state;
	peer_open(&p);
	p.free_self = true;
	peer_says(&p, MSG_READY, 1);
	peer_says(&p, MSG_READY, 2);
	peer_run(&p);
	assert_null(p.chan);
	assert_int_equal(p.messages, 1);
	assert_int_equal(p.ends, 0);
	peer_close(&p);

	peer_open(&p);
	p.free_self = true;
	close(p.other);
	p.other = -1;
	peer_run(&p);
	assert_null(p.chan);
	assert_int_equal(p.ends, 1);
	peer_close(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_descriptor),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_end),
		cmocka_unit_test(test_free_in_callback),
	};

	log_open("test_chan", false);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
