/* SPDX-License-Identifier: MIT */
/*
 * A channel and what its other end may do to it: send, send rubbish, not
 * read, go away. That end is a plain socket here.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>
#include <event2/event.h>

#include "base/err.h"
#include "base/log.h"
#include "chan/chan.h"

/* A channel, its other end, and what its callbacks have seen. */
struct peer {
	struct event_base *base;
	struct chan *chan;
	int other;
	unsigned int messages;
	unsigned int ends;
	uint32_t last_domid;
	int fd;		/* the last descriptor that came */
	bool keep;	/* keep that descriptor */
	bool free_self; /* free the channel within the next callback */
};

static void on_message(const union msg *m, int *fds, unsigned int n, void *arg)
{
	struct peer *p = arg;

	p->messages++;
	p->last_domid = m->plain.domid;
	if (n) {
		p->fd = fds[0];
		if (p->keep)
			fds[0] = -1;
	}
	if (p->free_self) {
		chan_free(p->chan);
		p->chan = NULL;
	}
}

static void on_end(void *arg)
{
	struct peer *p = arg;

	p->ends++;
	if (p->free_self) {
		chan_free(p->chan);
		p->chan = NULL;
	}
}

static const struct chan_ops ops = {on_message, on_end};

static void peer_open(struct peer *p)
{
	int fds[2];
	struct err e;

	memset(p, 0, sizeof(*p));
	p->fd = -1;
	assert_int_equal(
		socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds), 0);
	p->other = fds[1];
	p->base = event_base_new();
	assert_non_null(p->base);
	p->chan = chan_new(p->base, fds[0], &ops, p, &e);
	assert_non_null(p->chan);
}

static void peer_close(struct peer *p)
{
	chan_free(p->chan);
	event_base_free(p->base);
	if (p->other >= 0)
		close(p->other);
}

static void run(struct peer *p)
{
	event_base_loop(p->base, EVLOOP_NONBLOCK);
}

/* Sends size bytes of m with n copies of fd, as the other end. */
static void other_sends(struct peer *p, const void *m, size_t size, int fd,
			unsigned int n)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int) * 2 * MSG_MAX_FDS)];
		struct cmsghdr align;
	} control = {{0}};
	struct iovec iov = {(void *)m, size};
	struct msghdr mh = {.msg_iov = &iov, .msg_iovlen = 1};
	struct cmsghdr *cmsg = &control.align;
	unsigned int i;

	if (n) {
		mh.msg_control = control.bytes;
		mh.msg_controllen = CMSG_SPACE(sizeof(int) * n);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(sizeof(int) * n);
		for (i = 0; i < n; i++)
			memcpy(CMSG_DATA(cmsg) + i * sizeof(int), &fd,
			       sizeof(int));
	}
	assert_int_equal(sendmsg(p->other, &mh, MSG_NOSIGNAL), (ssize_t)size);
}

static void other_says(struct peer *p, enum msg_type type, uint32_t domid)
{
	union msg m;

	msg_init(&m, type);
	m.plain.domid = domid;
	other_sends(p, &m, m.head.length, -1, 0);
}

static unsigned int open_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned int n = 0;

	assert_non_null(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

static void test_order(void **state)
{
	struct peer p;

	(void)state;
	peer_open(&p);
	other_says(&p, MSG_READY, 1);
	other_says(&p, MSG_DESTROYED, 2);
	run(&p);
	assert_int_equal(p.messages, 2);
	assert_int_equal(p.last_domid, 2);
	assert_int_equal(p.ends, 0);
	peer_close(&p);
}

static void test_descriptor_kept(void **state)
{
	unsigned int before = open_fds();
	struct peer p;
	union msg m;
	int pipes[2];
	char c = 0;

	(void)state;
	peer_open(&p);
	p.keep = true;
	assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
	msg_init(&m, MSG_CONSOLE_ATTACH);
	other_sends(&p, &m, m.head.length, pipes[1], 1);
	close(pipes[1]);
	run(&p);
	assert_int_equal(p.messages, 1);
	assert_true(p.fd >= 0);
	assert_true(fcntl(p.fd, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(write(p.fd, "x", 1), 1);
	assert_int_equal(read(pipes[0], &c, 1), 1);
	assert_int_equal(c, 'x');
	close(p.fd);
	close(pipes[0]);
	peer_close(&p);
	assert_int_equal(open_fds(), before);
}

static void test_descriptor_left(void **state)
{
	struct peer p;
	union msg m;

	(void)state;
	peer_open(&p);
	msg_init(&m, MSG_CONSOLE_ATTACH);
	other_sends(&p, &m, m.head.length, STDIN_FILENO, 1);
	run(&p);
	assert_int_equal(p.messages, 1);
	assert_int_equal(fcntl(p.fd, F_GETFD), -1);
	assert_int_equal(errno, EBADF);
	peer_close(&p);
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
	unsigned int before = open_fds();
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
		other_says(&p, MSG_READY, 7);
		other_sends(&p, &packet, rows[i].size, STDIN_FILENO,
			    rows[i].fds);
		other_says(&p, MSG_READY, 8);
		run(&p);
		run(&p);
		if (p.messages != 1 || p.ends != 1)
			print_error("%s\n", rows[i].what);
		assert_int_equal(p.messages, 1); /* what came before it */
		assert_int_equal(p.ends, 1);
		peer_close(&p);
		assert_int_equal(open_fds(), before);
	}
}

static void test_end(void **state)
{
	struct peer p;

	(void)state;
	peer_open(&p);
	other_says(&p, MSG_STOPPED, 0);
	close(p.other);
	p.other = -1;
	run(&p);
	run(&p);
	assert_int_equal(p.messages, 1);
	assert_int_equal(p.ends, 1);
	assert_int_equal(chan_say(p.chan, MSG_STOP, 0), -EPIPE);
	peer_close(&p);
}

static void test_free_in_message(void **state)
{
	struct peer p;

	(void)state;
	peer_open(&p);
	p.free_self = true;
	other_says(&p, MSG_READY, 1);
	other_says(&p, MSG_READY, 2);
	run(&p);
	assert_null(p.chan);
	assert_int_equal(p.messages, 1);
	assert_int_equal(p.ends, 0);
	peer_close(&p);
}

static void test_free_in_end(void **state)
{
	struct peer p;

	(void)state;
	peer_open(&p);
	p.free_self = true;
	close(p.other);
	p.other = -1;
	run(&p);
	assert_null(p.chan);
	assert_int_equal(p.ends, 1);
	peer_close(&p);
}

/* Receives one message as the other end. False when there is none. */
static bool other_reads(struct peer *p, union msg *m, int *fd)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec iov = {m, sizeof(*m)};
	struct msghdr mh = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	ssize_t n = recvmsg(p->other, &mh, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	struct cmsghdr *cmsg = n > 0 ? CMSG_FIRSTHDR(&mh) : NULL;

	*fd = -1;
	if (cmsg)
		memcpy(fd, CMSG_DATA(cmsg), sizeof(int));
	return n > 0;
}

/*
 * The other end does not read: what the socket does not take waits in order,
 * with descriptors of its own, up to a bound; then it reads it all.
 */
static void test_queue(void **state)
{
	unsigned int before = open_fds();
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
	queued = open_fds() - before - 5; /* pair, base, pipe */
	assert_in_range(queued, 250, 258);
	close(pipes[1]);

	while (seen < sent) {
		if (!other_reads(&p, &m, &fd)) {
			run(&p);
			assert_true(other_reads(&p, &m, &fd));
		}
		assert_int_equal(m.plain.domid, seen);
		assert_true(fd >= 0);
		close(fd);
		seen++;
	}
	run(&p);
	assert_false(other_reads(&p, &m, &fd));
	/* The last writer's end is closed: nothing kept a duplicate. */
	assert_int_equal(read(pipes[0], &m, 1), 0);

	m.plain.domid = 4711;
	assert_int_equal(chan_say(p.chan, MSG_STOP, 4711), 0);
	assert_true(other_reads(&p, &m, &fd));
	assert_int_equal(m.plain.domid, 4711);
	close(pipes[0]);
	peer_close(&p);
	assert_int_equal(open_fds(), before);
}

static void test_free_with_queue(void **state)
{
	unsigned int before = open_fds();
	struct peer p;
	union msg m;
	int stdin_fd = STDIN_FILENO;

	(void)state;
	peer_open(&p);
	msg_init(&m, MSG_CONSOLE_ATTACH);
	while (chan_send(p.chan, &m, &stdin_fd, 1) == 0)
		;
	peer_close(&p);
	assert_int_equal(open_fds(), before);
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
	assert_true(other_reads(&p, &m, &fd));
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
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_descriptor_kept),
		cmocka_unit_test(test_descriptor_left),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_end),
		cmocka_unit_test(test_free_in_message),
		cmocka_unit_test(test_free_in_end),
		cmocka_unit_test(test_queue),
		cmocka_unit_test(test_free_with_queue),
		cmocka_unit_test(test_failed),
	};

	log_open("test_chan", false);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
