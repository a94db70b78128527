/* SPDX-License-Identifier: MIT */
/* The two ends of a channel under test. */
#include <dirent.h>
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
#include "chan_peer.h"

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

void peer_open(struct peer *p)
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

void peer_close(struct peer *p)
{
	chan_free(p->chan);
	event_base_free(p->base);
	if (p->other >= 0)
		close(p->other);
}

void peer_run(struct peer *p)
{
	event_base_loop(p->base, EVLOOP_NONBLOCK);
}

void peer_sends(struct peer *p, const void *m, size_t size, int fd,
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

void peer_says(struct peer *p, enum msg_type type, uint32_t domid)
{
	union msg m;

	msg_init(&m, type);
	m.plain.domid = domid;
	peer_sends(p, &m, m.head.length, -1, 0);
}

unsigned int peer_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned int n = 0;

	assert_non_null(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

bool peer_reads(struct peer *p, union msg *m, int *fd)
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
