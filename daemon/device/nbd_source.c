/* SPDX-License-Identifier: MIT */
/* In order of time: the last one is over, the next is made, it greets. */
#include "daemon/device/nbd_source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
#include <event2/event.h>

#include "base/scope.h"
#include "daemon/device/kind.h"
#include "daemon/host/image.h"
#include "daemon/host/nbd_connect.h"
#include "daemon/host/nbd_drain.h"
#include "daemon/host/nbd_export.h"
#include "daemon/host/nbd_uri.h"
#include "daemon/worker/nbd_server.h"

/* How often it is asked whether the I/O of a qemu-nbd has ended. */
#define IN_FLIGHT_MS 10

enum source_state {
	SOURCE_IDLE,	   /* nobody wants a connection, or somebody has it */
	SOURCE_WAITING,	   /* for the last one's end */
	SOURCE_CONNECTING, /* up to the greeting */
};

struct nbd_source {
	struct device *d; /* borrowed */
	enum source_state state;
	bool ours;
	struct nbd_export *export;   /* owned; NULL when ours */
	bool started;		     /* a server of ours, ever */
	struct nbd_server *server;   /* owned: ours */
	struct nbd_connect *connect; /* owned */
	struct nbd_drain *drain;     /* owned: of the last connection */
	int kept;		     /* owned: another's, in use; or -1 */
	struct event *look;	     /* owned: is the last one's I/O over? */
	struct err why;		     /* ours has not greeted; text "": it may */
	nbd_source_cb *cb;
	void *arg;
};

static void finish(struct nbd_source *s, int fd, const struct err *e)
{
	s->state = SOURCE_IDLE;
	s->cb(fd, e, s->arg);
}

/*
 * A qemu-nbd opens a path, for the sake of backing files that are relative to
 * it; but what is locked, and the guest's, is an inode.
 */
static int check_path(const struct nbd_source *s, struct err *e)
{
	const struct device *d = s->d;

	return image_check_path(d->u.vbd.image, d->u.vbd.config.target, e);
}

/* ---- 3. it greets ---- */

static void on_connected(int fd, const struct err *e, void *arg)
{
	struct nbd_source *s = arg;
	struct err why;

	nbd_connect_free(s->connect);
	s->connect = NULL;
	if (e && s->server) {
		/* One that hangs up is about to say why, and to end. */
		s->why = *e;
		if (e->code == ETIMEDOUT)
			nbd_server_end(s->server);
		return;
	}
	/* It may have been exchanged just before the server opened it. */
	if (!e && s->server && check_path(s, &s->why) < 0) {
		close(fd);
		nbd_server_end(s->server);
		return;
	}
	if (!e && !s->ours)
		s->kept = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	if (!e && !s->ours && s->kept < 0) {
		/* Nobody could tell when what is asked on it is done. */
		err_errno(&why, errno, "cannot keep its connection");
		close(fd);
		finish(s, -1, &why);
		return;
	}
	finish(s, fd, e);
}

/* ---- 2. the next one ---- */

static void begin(struct nbd_source *s);

static void on_server_ended(bool failed, const char *why, void *arg)
{
	struct nbd_source *s = arg;
	struct err e = s->why;

	nbd_server_free(s->server);
	s->server = NULL;
	if (s->state == SOURCE_CONNECTING) {
		nbd_connect_free(s->connect);
		s->connect = NULL;
		if (failed || !e.text[0])
			err_set(&e, EINVAL, "%s", why);
		finish(s, -1, &e);
	} else if (s->state == SOURCE_WAITING) {
		begin(s);
	} else if (failed && log_allowed(&s->d->limit)) {
		/* Whoever has the connection sees its end by himself. */
		log_warn("%s: %s", s->d->log_name, why);
	}
}

/* 0 or -errno with *e set; -EAGAIN: the last one's I/O is not over. */
static int start_server(struct nbd_source *s, struct err *e)
{
	struct device *d = s->d;
	const struct disk_config *c = &d->u.vbd.config;
	scoped_fd lock = image_worker_fd(d->u.vbd.image, e);
	struct nbd_serve what = {
		.program = d->env->qemu_nbd,
		.dir = d->env->nbd_dir,
		.format = format_qemu_name(c->format),
		.path = c->target,
		.read_only = c->read_only,
		.direct = lock >= 0 && (fcntl(lock, F_GETFL) & O_DIRECT),
		.discards = !c->no_discard,
		.lock = lock,
		.log_name = d->log_name,
	};
	int fd;

	if (lock < 0 || check_path(s, e) < 0)
		return -e->code;
	s->server = nbd_server_start(d->env->base, &what, on_server_ended, s,
				     &fd, e);
	if (!s->server)
		return -e->code;
	s->started = true;
	s->connect = nbd_connect_greet(
		d->env->base, fd, d->env->worker_timeout_s, on_connected, s, e);
	if (s->connect)
		return 0;
	nbd_server_end(s->server);
	return -e->code;
}

static int start_connect(struct nbd_source *s, struct err *e)
{
	s->connect = nbd_connect_start(
		s->d->env->base, nbd_export_uri(s->export),
		s->d->env->worker_timeout_s, on_connected, s, e);
	return s->connect ? 0 : -e->code;
}

/* ---- 1. the last one is over ---- */

static void look_soon(struct nbd_source *s)
{
	struct timeval soon = {0, IN_FLIGHT_MS * 1000};

	s->state = SOURCE_WAITING;
	evtimer_add(s->look, &soon);
}

/* Another disk's qemu-nbd may have the image for good: not waited for. */
static bool is_in_qemu(const struct nbd_source *s)
{
	return s->started && image_in_qemu(s->d->u.vbd.image);
}

static void begin(struct nbd_source *s)
{
	struct err e;
	int rc;

	s->state = SOURCE_WAITING;
	if (s->server || s->drain)
		return;
	if (is_in_qemu(s)) {
		look_soon(s);
		return;
	}
	s->state = SOURCE_CONNECTING;
	s->why.text[0] = '\0';
	rc = s->ours ? start_server(s, &e) : start_connect(s, &e);
	if (rc == -EAGAIN)
		look_soon(s);
	else if (rc < 0)
		finish(s, -1, &e);
}

static void on_look(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	begin(arg);
}

static void on_drained(void *arg)
{
	struct nbd_source *s = arg;

	nbd_drain_free(s->drain);
	s->drain = NULL;
	if (s->state == SOURCE_WAITING)
		begin(s);
}

/* ---- public ---- */

bool nbd_source_suits(const struct disk_config *c)
{
	return c->format != FORMAT_RAW || nbd_uri_is(c->target);
}

static int open_export(struct nbd_source *s, struct err *e)
{
	const struct device *d = s->d;
	const struct disk_config *c = &d->u.vbd.config;
	const struct image_use use = {c->read_only, c->unchecked, d->uuid,
				      d->devid};

	s->export = nbd_export_open(c->target, &use, e);
	if (!s->export) {
		err_wrap(e, "disk %s", c->vdev);
		return err_key(e, "target");
	}
	nbd_export_set_user(s->export, d->user);
	return 0;
}

struct nbd_source *nbd_source_new(struct device *d, nbd_source_cb *cb,
				  void *arg, struct err *e)
{
	const struct disk_config *c = &d->u.vbd.config;
	struct nbd_source *s = calloc(1, sizeof(*s));

	if (!s)
		goto no_memory;
	s->d = d;
	s->kept = -1;
	s->cb = cb;
	s->arg = arg;
	s->ours = c->format != FORMAT_RAW;
	s->look = evtimer_new(d->env->base, on_look, s);
	if (!s->look)
		goto no_memory;
	if (s->ours || open_export(s, e) == 0)
		return s;
	nbd_source_free(s);
	return NULL;

no_memory:
	nbd_source_free(s);
	err_set(e, ENOMEM, "no memory for a disk");
	return NULL;
}

void nbd_source_free(struct nbd_source *s)
{
	if (!s)
		return;
	if (s->look)
		event_free(s->look);
	nbd_connect_free(s->connect);
	nbd_drain_free(s->drain);
	nbd_server_free(s->server);
	fd_drop(&s->kept);
	nbd_export_close(s->export);
	free(s);
}

bool nbd_source_is_ours(const struct nbd_source *s)
{
	return s->ours;
}

const char *nbd_source_export(const struct nbd_source *s)
{
	return s->ours ? "" : nbd_export_uri(s->export)->export;
}

void nbd_source_connect(struct nbd_source *s)
{
	begin(s);
}

void nbd_source_end(struct nbd_source *s)
{
	s->state = SOURCE_IDLE;
	evtimer_del(s->look);
	nbd_connect_free(s->connect);
	s->connect = NULL;
	if (s->server)
		nbd_server_end(s->server);
	if (s->kept < 0)
		return;
	s->drain = nbd_drain_start(s->d->env->base, s->kept, on_drained, s);
	if (s->drain)
		s->kept = -1;
	else
		fd_drop(&s->kept);
}

bool nbd_source_lingers(const struct nbd_source *s)
{
	return s->server || s->drain || is_in_qemu(s) ||
	       (s->ours && image_in_flight(s->d->u.vbd.image));
}
