/* SPDX-License-Identifier: MIT */
/* Connections on their way from xnd to a queue. */
#include "server.h"

#include <errno.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/log.h"
#include "base/scope.h"
#include "nbd_link.h"
#include "nbd_open.h"
#include "nbd_store.h"

struct server {
	struct worker *worker;
	int told;
	uint32_t domid;
	struct nbd_open *opening; /* owned; NULL: nothing is under way */
	struct nbd_link *link;	  /* owned: open, before the start */
	struct store *store;	  /* the queue's, after it */
	uint64_t sectors;	  /* that the disk has, likewise */
	bool flushes;		  /* the guest may rely on it, likewise */
	bool said_lost;
};

struct server *server_new(struct worker *w, int told)
{
	struct server *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->worker = w;
	s->told = told;
	return s;
}

void server_free(struct server *s)
{
	if (!s)
		return;
	nbd_open_free(s->opening);
	nbd_link_close(s->link);
	free(s);
}

/* A power of two from a sector to a page. */
static uint32_t block_bytes(uint32_t preferred)
{
	uint32_t block = 512;

	while (block < 4096 && block * 2 <= preferred)
		block *= 2;
	return block;
}

static void say_opened(struct server *s, const struct nbd_link *link)
{
	union msg m;

	msg_init(&m, MSG_BLK_OPENED);
	m.blk_opened.domid = s->domid;
	m.blk_opened.flags = (link->read_only ? MSG_NBD_READ_ONLY : 0) |
			     (link->flushes ? MSG_NBD_FLUSH : 0) |
			     (link->trims ? MSG_NBD_DISCARD : 0);
	m.blk_opened.sectors = link->sectors;
	m.blk_opened.block_bytes = block_bytes(link->preferred);
	if (s->worker->chan)
		chan_send(s->worker->chan, &m, NULL, 0);
}

static void fail(struct server *s, const struct err *e)
{
	log_warn("d%u: %s", s->domid, e->text);
	/* The device is as it was: it goes on waiting for a server. */
	if (s->store)
		worker_say(s->worker, MSG_BLK_LOST, s->domid);
	else
		worker_say_failed(s->worker, s->domid, e);
}

static int check_size(const struct nbd_link *link, uint64_t sectors,
		      struct err *e)
{
	if (link->sectors >= sectors)
		return 0;
	return err_set(e, ENOSPC,
		       "image server: the export has %llu sectors, fewer than "
		       "the disk's %llu",
		       (unsigned long long)link->sectors,
		       (unsigned long long)sectors);
}

/* What the guest has been told of the first, it is told once. */
static int check_next(const struct server *s, const struct nbd_link *link,
		      struct err *e)
{
	if (check_size(link, s->sectors, e) < 0)
		return -e->code;
	if (s->flushes && !link->flushes)
		return err_set(e, EOPNOTSUPP,
			       "image server: cannot flush, which the one "
			       "before it could");
	return 0;
}

static void on_open(struct nbd_link *link, void *arg)
{
	struct server *s = arg;
	struct err e;

	nbd_open_free(s->opening);
	s->opening = NULL;
	if (check_next(s, link, &e) < 0) {
		nbd_link_close(link);
		fail(s, &e);
		return;
	}
	say_opened(s, link);
	if (s->store) {
		s->said_lost = false;
		nbd_store_give(s->store, link);
	} else {
		nbd_link_close(s->link);
		s->link = link;
	}
}

static void on_failed(const struct err *e, void *arg)
{
	struct server *s = arg;

	nbd_open_free(s->opening);
	s->opening = NULL;
	fail(s, e);
}

void server_open(struct server *s, const struct msg_blk_open *open, int *fds)
{
	static const struct nbd_open_ops ops = {on_open, on_failed};
	struct err e;

	nbd_open_free(s->opening);
	s->domid = open->domid;
	s->opening =
		nbd_open_new(s->worker->base, fd_take(&fds[0]), open->export,
			     !(open->flags & MSG_BLK_READ_ONLY), &ops, s, &e);
	if (!s->opening)
		fail(s, &e);
}

struct store *server_start(struct server *s, const struct msg_blk_start *start,
			   const char *name, struct err *e)
{
	struct nbd_link *link = s->link;

	if (!link) {
		err_set(e, ENOTCONN, "image server: none has been opened");
		return NULL;
	}
	if (check_size(link, start->sectors, e) < 0)
		return NULL;
	if (link->read_only && !(start->flags & MSG_BLK_READ_ONLY)) {
		err_set(e, EROFS, "image server: the export is read-only");
		return NULL;
	}
	s->link = NULL;
	s->sectors = start->sectors;
	s->flushes = link->flushes;
	s->store = nbd_store_open(link, name, s->told, e);
	return s->store;
}

/* While another is being opened, xnd need not be told that one is missed. */
void server_look(struct server *s)
{
	if (!s->store || s->opening || s->said_lost ||
	    !nbd_store_is_lost(s->store))
		return;
	s->said_lost = true;
	worker_say(s->worker, MSG_BLK_LOST, s->domid);
}
