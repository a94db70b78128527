/* SPDX-License-Identifier: MIT */
/* Clients and ptys on the loop. */
#include "console/peer.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <termios.h>
#include <unistd.h>
#include <event2/event.h>

#include "console/history.h"

#define PEER_INPUT_BYTES 1024
#define PEER_WRITES	 4 /* a flush, so that no peer takes all the time */

struct peer {
	int fd; /* owned */
	enum peer_kind kind;
	const struct history *history;
	const struct peer_ops *ops;
	void *arg;
	uint64_t seen;	     /* offset of the next byte it is to get */
	char notice[48];     /* goes before that byte */
	size_t notice_bytes; /* of the notice, still to be written */
	bool listening;
	bool away;		/* a pty that nobody has open */
	bool ending;		/* gone once it has seen all */
	struct event *readable; /* owned; added while listening */
	struct event *writable; /* owned; added while it has not seen all */
	struct event *closed;	/* owned; a client's, while not listening */
};

static void watch(struct event *event, bool wanted)
{
	if (wanted)
		event_add(event, NULL);
	else
		event_del(event);
}

/* Interest in input, or in its end alone, follows from what is set. */
static void peer_watch_input(struct peer *p)
{
	watch(p->readable, p->listening && !p->away);
	if (p->closed)
		watch(p->closed, !p->listening && !p->ending);
}

/*
 * When the history has left p behind: a pty goes on with the oldest byte. A
 * client goes on with the newer half, so that it is not left behind again at
 * once and reads more than notices.
 */
static void peer_skip(struct peer *p)
{
	uint64_t to = history_begin(p->history);
	int n;

	if (p->seen >= to)
		return;
	if (p->kind == PEER_CLIENT) {
		to += HISTORY_BYTES / 2;
		n = snprintf(p->notice, sizeof(p->notice),
			     "\r\n[xn: %" PRIu64 " bytes skipped]\r\n",
			     to - p->seen);
		p->notice_bytes = (size_t)n;
	}
	p->seen = to;
}

/* What is to be written next. Returns how many entries of iov it took. */
static int peer_span(struct peer *p, struct iovec iov[2])
{
	if (!p->notice_bytes)
		peer_skip(p);
	if (!p->notice_bytes)
		return history_span(p->history, p->seen, iov);
	iov[0].iov_base = p->notice + strlen(p->notice) - p->notice_bytes;
	iov[0].iov_len = p->notice_bytes;
	return 1;
}

static void peer_advance(struct peer *p, size_t n)
{
	if (p->notice_bytes)
		p->notice_bytes -= n;
	else
		p->seen += n;
}

/* 1, 0 or -errno, as peer_flush; knows nothing of the loop. */
static int peer_write(struct peer *p)
{
	unsigned int left = PEER_WRITES;

	while (left--) {
		struct iovec iov[2];
		int count = peer_span(p, iov);
		ssize_t n;

		if (!count)
			return 1;
		n = writev(p->fd, iov, count);
		if (n < 0 && errno == EAGAIN)
			return 0;
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0)
			peer_advance(p, (size_t)n);
	}
	return 0;
}

/*
 * Not so from a last close to the next open. A pty that never was opened
 * looks open, and keeps some 64 KiB for the first who does.
 */
static bool pty_is_open(int fd)
{
	struct pollfd state = {.fd = fd, .events = POLLIN};

	return poll(&state, 1, 0) >= 0 && !(state.revents & POLLHUP);
}

/* Somebody opens it some day; until then it would report EIO for ever. */
static void pty_leave(struct peer *p)
{
	p->away = true;
	event_del(p->writable);
	peer_watch_input(p);
}

int peer_flush(struct peer *p)
{
	int rc;

	if (p->away)
		return 0;
	if (p->kind == PEER_PTY && !pty_is_open(p->fd))
		rc = -EIO;
	else
		rc = peer_write(p);
	if (rc < 0 && p->kind == PEER_PTY) {
		pty_leave(p);
		return 0;
	}
	watch(p->writable, rc == 0);
	return rc < 0 ? -EPIPE : rc;
}

void peer_wake(struct peer *p)
{
	watch(p->writable, !p->away);
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct peer *p = arg;
	char data[PEER_INPUT_BYTES];
	size_t room = p->ops->room(p->arg);
	ssize_t n;

	(void)what;
	if (room > sizeof(data))
		room = sizeof(data);
	if (!room) {
		peer_listen(p, false);
		return;
	}
	n = read(fd, data, room);
	if (n > 0)
		p->ops->on_input(data, (size_t)n, p->arg);
	else if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	else if (p->kind == PEER_PTY)
		pty_leave(p);
	else
		p->ops->on_gone(p, p->arg);
}

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct peer *p = arg;
	int rc = peer_flush(p);

	(void)fd;
	(void)what;
	if (rc < 0 || (rc > 0 && p->ending && p->kind == PEER_CLIENT))
		p->ops->on_gone(p, p->arg);
}

static void on_closed(evutil_socket_t fd, short what, void *arg)
{
	struct peer *p = arg;

	(void)fd;
	(void)what;
	p->ops->on_gone(p, p->arg);
}

/* What is written to a raw pty is not echoed back as if it were typed. */
static int pty_set_raw(int fd)
{
	struct termios t;

	if (tcgetattr(fd, &t) < 0)
		return -1;
	cfmakeraw(&t);
	return tcsetattr(fd, TCSANOW, &t);
}

static int peer_make_events(struct peer *p, struct event_base *base)
{
	p->readable =
		event_new(base, p->fd, EV_READ | EV_PERSIST, on_readable, p);
	p->writable =
		event_new(base, p->fd, EV_WRITE | EV_PERSIST, on_writable, p);
	if (p->kind == PEER_CLIENT)
		p->closed = event_new(base, p->fd, EV_CLOSED | EV_PERSIST,
				      on_closed, p);
	if (!p->readable || !p->writable ||
	    (p->kind == PEER_CLIENT && !p->closed)) {
		errno = ENOMEM;
		return -1;
	}
	return 0;
}

struct peer *peer_new(struct event_base *base, int fd, enum peer_kind kind,
		      const struct history *history, const struct peer_ops *ops,
		      void *arg)
{
	struct peer *p = calloc(1, sizeof(*p));
	int flags;

	if (!p) {
		close(fd);
		return NULL;
	}
	p->fd = fd;
	p->kind = kind;
	p->history = history;
	p->ops = ops;
	p->arg = arg;
	p->seen = history_begin(history);
	p->away = kind == PEER_PTY;
	flags = fcntl(fd, F_GETFL);
	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 ||
	    (kind == PEER_PTY && pty_set_raw(fd) < 0) ||
	    peer_make_events(p, base) < 0) {
		int code = errno;

		peer_free(p);
		errno = code;
		return NULL;
	}
	peer_watch_input(p);
	peer_retry(p);
	return p;
}

void peer_free(struct peer *p)
{
	if (!p)
		return;
	if (p->readable)
		event_free(p->readable);
	if (p->writable)
		event_free(p->writable);
	if (p->closed)
		event_free(p->closed);
	close(p->fd);
	free(p);
}

void peer_listen(struct peer *p, bool listen)
{
	if (p->ending || p->listening == listen)
		return;
	p->listening = listen;
	peer_watch_input(p);
}

void peer_retry(struct peer *p)
{
	if (!p->away || !pty_is_open(p->fd))
		return;
	p->away = false;
	peer_watch_input(p);
	peer_flush(p);
}

bool peer_is_away(const struct peer *p)
{
	return p->away;
}

void peer_end(struct peer *p)
{
	peer_listen(p, false);
	p->ending = true;
	peer_watch_input(p);
}
