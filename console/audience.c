/* SPDX-License-Identifier: MIT */
/* The pty and the clients of one guest, all treated alike where they can be. */
#include "console/audience.h"

#include <errno.h>
#include <stddef.h>

#include "base/err.h"
#include "base/scope.h"

int audience_set_pty(struct audience *a, struct event_base *base, int *fd,
		     const struct history *history, const struct peer_ops *ops,
		     void *arg, struct err *e)
{
	a->pty = peer_new(base, fd_take(fd), PEER_PTY, history, ops, arg);
	if (!a->pty)
		return err_errno(e, errno, "cannot use a pty");
	peer_listen(a->pty, a->listening);
	return 0;
}

int audience_add(struct audience *a, struct event_base *base, int *fd,
		 const struct history *history, const struct peer_ops *ops,
		 void *arg, struct err *e)
{
	struct peer *p;

	if (a->clients_count >= AUDIENCE_CLIENTS)
		return err_set(e, EBUSY, "%u clients follow it already",
			       a->clients_count);
	p = peer_new(base, fd_take(fd), PEER_CLIENT, history, ops, arg);
	if (!p)
		return err_errno(e, errno, "cannot use a client's socket");
	peer_listen(p, a->listening);
	if (peer_flush(p) < 0)
		peer_free(p);
	else
		a->clients[a->clients_count++] = p;
	return 0;
}

/* Moves the last client to place i. */
static void drop_at(struct audience *a, unsigned int i)
{
	peer_free(a->clients[i]);
	a->clients[i] = a->clients[--a->clients_count];
}

void audience_drop(struct audience *a, const struct peer *p)
{
	unsigned int i;

	for (i = a->clients_count; i-- > 0;)
		if (a->clients[i] == p)
			drop_at(a, i);
}

void audience_flush(struct audience *a)
{
	unsigned int i;

	if (a->pty)
		peer_flush(a->pty);
	for (i = a->clients_count; i-- > 0;)
		if (peer_flush(a->clients[i]) < 0)
			drop_at(a, i);
}

void audience_wake(struct audience *a)
{
	unsigned int i;

	if (a->pty)
		peer_wake(a->pty);
	for (i = 0; i < a->clients_count; i++)
		peer_wake(a->clients[i]);
}

void audience_listen(struct audience *a, bool listen)
{
	unsigned int i;

	if (a->listening == listen)
		return;
	a->listening = listen;
	if (a->pty)
		peer_listen(a->pty, listen);
	for (i = 0; i < a->clients_count; i++)
		peer_listen(a->clients[i], listen);
}

static void audience_end_pty(struct audience *a)
{
	peer_flush(a->pty);
	if (peer_is_away(a->pty)) {
		peer_free(a->pty);
		a->pty = NULL;
	} else {
		peer_end(a->pty);
	}
}

void audience_end(struct audience *a)
{
	unsigned int i;

	if (a->pty)
		audience_end_pty(a);
	for (i = a->clients_count; i-- > 0;) {
		peer_end(a->clients[i]);
		if (peer_flush(a->clients[i]) != 0)
			drop_at(a, i);
	}
}

bool audience_is_empty(const struct audience *a)
{
	return !a->pty && !a->clients_count;
}

void audience_free(struct audience *a)
{
	while (a->clients_count)
		drop_at(a, a->clients_count - 1);
	peer_free(a->pty);
	a->pty = NULL;
}
