/* SPDX-License-Identifier: MIT */
/* What a channel sends, to an end that reads and to one that does not. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/err.h"
#include "chan_peer.h"

/*
 * The other end does not read: what the socket does not take waits in order,
 * with descriptors of its own, up to a bound; then it reads it all.
 */
static void test_queue(void **state)
{
	unsigned int before = peer_fds();
	unsigned int sent = 0;
	unsigned int seen = 0;
	unsigned int queued;
	struct peer p;
	int rc, fd, pipes[2];
	union msg m;

	(void)state;
	peer_open(&p);
	assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
	msg_init(&m, MSG_CONSOLE_ATTACH);
	do {
		m.plain.domid = sent;
		rc = chan_send(p.chan, &m, &pipes[1], 1);
	} while (rc == 0 && ++sent < 100000);
	assert_int_equal(rc, -ENOBUFS);
	queued = peer_fds() - before - 5; /* pair, base, pipe */
	assert_in_range(queued, 250, 258);

	/* There is room in the socket again, but nothing overtakes. */
	for (; seen < 16; seen++) {
		assert_true(peer_reads(&p, &m, &fd));
		assert_int_equal(m.plain.domid, seen);
		close(fd);
	}
	m.plain.domid = sent;
	assert_int_equal(chan_send(p.chan, &m, &pipes[1], 1), -ENOBUFS);
	close(pipes[1]);

	while (seen < sent) {
		if (!peer_reads(&p, &m, &fd)) {
			peer_run(&p);
			assert_true(peer_reads(&p, &m, &fd));
		}
		assert_int_equal(m.plain.domid, seen);
		assert_true(fd >= 0);
		close(fd);
		seen++;
	}
	peer_run(&p);
	assert_false(peer_reads(&p, &m, &fd));
	/* The last writer's end is closed: nothing kept a duplicate. */
	assert_int_equal(read(pipes[0], &m, 1), 0);

	m.plain.domid = 4711;
	assert_int_equal(chan_say(p.chan, MSG_STOP, 4711), 0);
	assert_true(peer_reads(&p, &m, &fd));
	assert_int_equal(m.plain.domid, 4711);
	close(pipes[0]);
	peer_close(&p);
	assert_int_equal(peer_fds(), before);
}

static void test_free_with_queue(void **state)
{
	unsigned int before = peer_fds();
	struct peer p;
	union msg m;
	int stdin_fd = STDIN_FILENO;

	(void)state;
	peer_open(&p);
	msg_init(&m, MSG_CONSOLE_ATTACH);
	while (chan_send(p.chan, &m, &stdin_fd, 1) == 0)
		;
	peer_close(&p);
	assert_int_equal(peer_fds(), before);
}

static void test_failed(void **state)
{
	struct peer p;
	struct err e;
	union msg m;
	int fd;

	(void)state;
	peer_open(&p);
	err_set(&e, EBUSY, "image in use");
	assert_int_equal(chan_say_failed(p.chan, 7, &e), 0);
	assert_true(peer_reads(&p, &m, &fd));
	assert_int_equal(msg_check(&m, m.head.length, 0), 0);
	assert_int_equal(m.head.type, MSG_FAILED);
	assert_int_equal(m.failed.domid, 7);
	assert_int_equal(m.failed.code, EBUSY);
	assert_string_equal(m.failed.text, "image in use");
	peer_close(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_queue),
		cmocka_unit_test(test_free_with_queue),
		cmocka_unit_test(test_failed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
