/* SPDX-License-Identifier: MIT */
/* Sending and receiving messages with descriptors, without ever blocking. */
#include "chan/chan.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>
#include <event2/event.h>

#include "base/err.h"
#include "base/log.h"
#include "base/scope.h"

#define CHAN_QUEUE_MAX 256
#define CHAN_BUDGET    32

struct waiting {
	STAILQ_ENTRY(waiting) link;
	unsigned int n_fds;
	int fds[MSG_MAX_FDS]; /* owned duplicates */
	union msg m;
};

struct chan {
	int fd; /* owned */
	const struct chan_ops *ops;
	void *arg;
	struct event *readable; /* owned */
	struct event *writable; /* owned; added while messages wait */
	STAILQ_HEAD(, waiting) queue;
	unsigned int queued;
	bool *gone; /* set by chan_free for a callback on the stack */
};

static void waiting_free(struct waiting *w)
{
	unsigned int i;

	for (i = 0; i < w->n_fds; i++)
		close(w->fds[i]);
	free(w);
}

static ssize_t chan_write(struct chan *c, const union msg *m, const int *fds,
			  unsigned int n_fds)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int) * MSG_MAX_FDS)];
		struct cmsghdr align;
	} control = {{0}};
	struct iovec iov = {(void *)m, m->head.length};
	struct msghdr mh = {.msg_iov = &iov, .msg_iovlen = 1};
	ssize_t n;

	if (n_fds) {
		struct cmsghdr *cmsg;

		mh.msg_control = control.bytes;
		mh.msg_controllen = CMSG_SPACE(sizeof(int) * n_fds);
		cmsg = CMSG_FIRSTHDR(&mh);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(sizeof(int) * n_fds);
		memcpy(CMSG_DATA(cmsg), fds, sizeof(int) * n_fds);
	}
	do {
		n = sendmsg(c->fd, &mh, MSG_NOSIGNAL | MSG_DONTWAIT);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

/* Fills fds with the descriptors of mh. Returns how many. */
static unsigned int take_fds(struct msghdr *mh, int fds[MSG_MAX_FDS])
{
	struct cmsghdr *cmsg;
	unsigned int n = 0;

	for (cmsg = CMSG_FIRSTHDR(mh); cmsg; cmsg = CMSG_NXTHDR(mh, cmsg)) {
		unsigned int in_this;

		if (cmsg->cmsg_level != SOL_SOCKET ||
		    cmsg->cmsg_type != SCM_RIGHTS)
			continue;
		in_this = (unsigned int)((cmsg->cmsg_len - CMSG_LEN(0)) /
					 sizeof(int));
		memcpy(fds + n, CMSG_DATA(cmsg), in_this * sizeof(int));
		n += in_this;
	}
	return n;
}

/* A worker that was taken over may say anything; it ends in a log. */
static void make_printable(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			*text = '?';
}

/* 1: a message; 0: none now; -errno: the end. */
static int chan_read(struct chan *c, union msg *m, int fds[MSG_MAX_FDS],
		     unsigned int *n_fds)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int) * MSG_MAX_FDS)];
		struct cmsghdr align;
	} control;
	struct iovec iov = {m, sizeof(*m)};
	struct msghdr mh = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	ssize_t n;

	/*
	 * ECONNRESET comes once, when the other end went with messages of ours
	 * unread, and comes before what it said to us.
	 */
	do {
		n = recvmsg(c->fd, &mh, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	} while (n < 0 && (errno == EINTR || errno == ECONNRESET));
	if (n < 0)
		return errno == EAGAIN ? 0 : -errno;
	*n_fds = take_fds(&mh, fds);
	if (n == 0)
		return -EPIPE;
	if (mh.msg_flags & (MSG_TRUNC | MSG_CTRUNC))
		return -EPROTO;
	if (msg_check(m, (size_t)n, *n_fds) < 0)
		return -EPROTO;
	if (m->head.type == MSG_FAILED)
		make_printable(m->failed.text);
	return 1;
}

static void close_fds(int *fds, unsigned int n)
{
	while (n--)
		fd_drop(&fds[n]);
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct chan *c = arg;
	unsigned int left = CHAN_BUDGET;
	bool gone = false;

	(void)fd;
	(void)what;
	c->gone = &gone;
	while (left--) {
		int fds[MSG_MAX_FDS] = {[0 ... MSG_MAX_FDS - 1] = -1};
		unsigned int n_fds = 0;
		union msg m;
		int rc = chan_read(c, &m, fds, &n_fds);

		if (rc > 0)
			c->ops->on_message(&m, fds, n_fds, c->arg);
		close_fds(fds, n_fds);
		if (gone)
			return;
		if (rc == 0)
			break;
		if (rc < 0) {
			if (rc == -EPROTO)
				log_error("channel: a malformed message");
			event_del(c->readable);
			event_del(c->writable);
			c->gone = NULL;
			c->ops->on_end(c->arg);
			return;
		}
	}
	c->gone = NULL;
}

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct chan *c = arg;
	struct waiting *w;

	(void)fd;
	(void)what;
	while ((w = STAILQ_FIRST(&c->queue))) {
		if (chan_write(c, &w->m, w->fds, w->n_fds) == -EAGAIN)
			return;
		/* Any other failure means the end, which on_readable sees. */
		STAILQ_REMOVE_HEAD(&c->queue, link);
		c->queued--;
		waiting_free(w);
	}
	event_del(c->writable);
}

struct chan *chan_new(struct event_base *base, int fd,
		      const struct chan_ops *ops, void *arg, struct err *e)
{
	struct chan *c = calloc(1, sizeof(*c));

	if (!c) {
		close(fd);
		err_set(e, ENOMEM, "no memory for a channel");
		return NULL;
	}
	c->fd = fd;
	c->ops = ops;
	c->arg = arg;
	STAILQ_INIT(&c->queue);
	c->readable = event_new(base, fd, EV_READ | EV_PERSIST, on_readable, c);
	c->writable =
		event_new(base, fd, EV_WRITE | EV_PERSIST, on_writable, c);
	if (!c->readable || !c->writable || event_add(c->readable, NULL) < 0 ||
	    fcntl(fd, F_SETFL, O_NONBLOCK) < 0) {
		err_set(e, ENOMEM, "cannot watch a channel");
		chan_free(c);
		return NULL;
	}
	return c;
}

void chan_free(struct chan *c)
{
	struct waiting *w;

	if (!c)
		return;
	if (c->gone)
		*c->gone = true;
	if (c->readable)
		event_free(c->readable);
	if (c->writable)
		event_free(c->writable);
	while ((w = STAILQ_FIRST(&c->queue))) {
		STAILQ_REMOVE_HEAD(&c->queue, link);
		waiting_free(w);
	}
	close(c->fd);
	free(c);
}

static int chan_enqueue(struct chan *c, const union msg *m, const int *fds,
			unsigned int n_fds)
{
	struct waiting *w;

	if (c->queued >= CHAN_QUEUE_MAX)
		return -ENOBUFS;
	w = calloc(1, sizeof(*w));
	if (!w)
		return -ENOMEM;
	memcpy(&w->m, m, m->head.length);
	for (; w->n_fds < n_fds; w->n_fds++) {
		w->fds[w->n_fds] = fcntl(fds[w->n_fds], F_DUPFD_CLOEXEC, 3);
		if (w->fds[w->n_fds] < 0) {
			int code = errno;

			waiting_free(w);
			return -code;
		}
	}
	STAILQ_INSERT_TAIL(&c->queue, w, link);
	c->queued++;
	event_add(c->writable, NULL);
	return 0;
}

int chan_send(struct chan *c, const union msg *m, const int *fds,
	      unsigned int n_fds)
{
	ssize_t n;

	if (c->queued)
		return chan_enqueue(c, m, fds, n_fds);
	n = chan_write(c, m, fds, n_fds);
	if (n == -EAGAIN)
		return chan_enqueue(c, m, fds, n_fds);
	return n < 0 ? (int)n : 0;
}

int chan_say(struct chan *c, enum msg_type type, uint32_t domid)
{
	union msg m;

	msg_init(&m, type);
	m.plain.domid = domid;
	return chan_send(c, &m, NULL, 0);
}

int chan_say_failed(struct chan *c, uint32_t domid, const struct err *e)
{
	union msg m;

	_Static_assert(sizeof(m.failed.text) >= sizeof(e->text),
		       "an error fits its message");
	msg_init(&m, MSG_FAILED);
	m.failed.domid = domid;
	m.failed.code = (uint32_t)e->code;
	strcpy(m.failed.text, e->text); /* what is behind it stays here */
	return chan_send(c, &m, NULL, 0);
}
