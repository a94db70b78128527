/* SPDX-License-Identifier: MIT */
/* Half a close, and reading up to the other half. */
#include "daemon/host/nbd_drain.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <event2/event.h>

#include "base/scope.h"

#define PIECE  16384
#define BUDGET 16 /* pieces a wake-up */

struct nbd_drain {
	int fd;		  /* owned */
	struct event *io; /* owned */
	void (*cb)(void *arg);
	void *arg;
};

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct nbd_drain *n = arg;
	char piece[PIECE];
	ssize_t got = 1;
	int i;

	(void)what;
	for (i = 0; i < BUDGET && got > 0; i++)
		got = recv(fd, piece, sizeof(piece), MSG_DONTWAIT);
	if (got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR)))
		return;
	event_del(n->io);
	n->cb(n->arg);
}

struct nbd_drain *nbd_drain_start(struct event_base *base, int fd,
				  void (*cb)(void *arg), void *arg)
{
	struct nbd_drain *n = calloc(1, sizeof(*n));

	if (!n)
		return NULL;
	n->fd = -1;
	n->cb = cb;
	n->arg = arg;
	n->io = event_new(base, fd, EV_READ | EV_PERSIST, on_readable, n);
	if (!n->io || event_add(n->io, NULL) < 0) {
		nbd_drain_free(n);
		return NULL;
	}
	n->fd = fd;
	shutdown(fd, SHUT_WR);
	return n;
}

void nbd_drain_free(struct nbd_drain *n)
{
	if (!n)
		return;
	if (n->io)
		event_free(n->io);
	fd_drop(&n->fd);
	free(n);
}
