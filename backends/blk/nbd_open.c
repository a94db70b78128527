/* SPDX-License-Identifier: MIT */
/* Waiting, for so long, until an NBD server has agreed. */
#include "nbd_open.h"

#include <errno.h>
#include <stdlib.h>
#include <event2/event.h>

#include "base/err.h"
#include "nbd_link.h"

static const struct timeval patience = {.tv_sec = 20};

struct nbd_open {
	struct nbd_link *link; /* owned, until it is open */
	struct event *moved;   /* owned: look at it, from the loop */
	struct event *late;    /* owned */
	bool writable;
	const struct nbd_open_ops *ops;
	void *arg;
};

static void open_fail(struct nbd_open *o, const struct err *e)
{
	event_del(o->late);
	nbd_link_leave(o->link);
	o->ops->on_failed(e, o->arg);
}

static int check(struct nbd_open *o, struct err *e)
{
	int rc = nbd_link_measure(o->link, e);

	if (rc == 0 && o->writable && o->link->read_only)
		rc = err_set(e, EROFS,
			     "image server: the export is read-only, and the "
			     "disk is writable");
	return rc;
}

/* From the loop, where the link and this may be given away and freed. */
static void on_look(evutil_socket_t fd, short what, void *arg)
{
	struct nbd_open *o = arg;
	struct nbd_link *link = o->link;
	struct err e;

	(void)fd;
	(void)what;
	if (nbd_link_is_dead(link)) {
		err_set(&e, EPROTO, "image server: %s", link->why);
		open_fail(o, &e);
	} else if (nbd_link_is_ready(link) && check(o, &e) < 0) {
		open_fail(o, &e);
	} else if (nbd_link_is_ready(link)) {
		event_del(o->late);
		nbd_link_leave(link);
		o->link = NULL;
		o->ops->on_open(link, o->arg);
	}
}

static void on_moved(void *arg)
{
	struct nbd_open *o = arg;

	event_active(o->moved, EV_TIMEOUT, 0);
}

static void on_late(evutil_socket_t fd, short what, void *arg)
{
	struct err e;

	(void)fd;
	(void)what;
	err_set(&e, ETIMEDOUT, "image server: has not greeted in %lld seconds",
		(long long)patience.tv_sec);
	open_fail(arg, &e);
}

struct nbd_open *nbd_open_new(struct event_base *base, int fd,
			      const char *export, bool writable,
			      const struct nbd_open_ops *ops, void *arg,
			      struct err *e)
{
	struct nbd_link *link = nbd_link_open(fd, export, e);
	struct nbd_open *o;

	if (!link)
		return NULL;
	o = calloc(1, sizeof(*o));
	if (!o) {
		nbd_link_close(link);
		err_set(e, ENOMEM, "no memory for a connection");
		return NULL;
	}
	o->link = link;
	o->writable = writable;
	o->ops = ops;
	o->arg = arg;
	o->moved = event_new(base, -1, 0, on_look, o);
	o->late = evtimer_new(base, on_late, o);
	if (!o->moved || !o->late || event_add(o->late, &patience) < 0 ||
	    nbd_link_follow(link, base, on_moved, o) < 0) {
		err_set(e, ENOMEM, "no memory for an event");
		nbd_open_free(o);
		return NULL;
	}
	on_moved(o);
	return o;
}

void nbd_open_free(struct nbd_open *o)
{
	if (!o)
		return;
	nbd_link_close(o->link);
	if (o->moved)
		event_free(o->moved);
	if (o->late)
		event_free(o->late);
	free(o);
}
