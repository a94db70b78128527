/* SPDX-License-Identifier: MIT */
/*
 * One connection at a time, and never the next before what was asked on the
 * last has been done: a write of a worker that died must not land after those
 * of its successor. A qemu-nbd of ours has done everything when it has ended
 * and its locks have left the image, so each connection has a qemu-nbd of its
 * own; of another's server, see nbd_drain.h.
 */
#include "daemon/device/vbd_nbd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <event2/event.h>

#include "base/scope.h"
#include "base/text.h"
#include "daemon/device/kind.h"
#include "daemon/host/image.h"
#include "daemon/host/nbd_connect.h"
#include "daemon/host/nbd_drain.h"
#include "daemon/host/nbd_uri.h"
#include "daemon/worker/nbd_server.h"
#include "daemon/worker/process.h"

/* Between tries to reach a server, each twice as long as the last. */
#define BACK_OFF_MIN_MS 100
#define BACK_OFF_MAX_MS 5000
/* A worker gives a server up by itself, and is given so much longer to. */
#define NEGOTIATION 3
/* How often it is asked whether the I/O of a qemu-nbd has ended. */
#define IN_FLIGHT_MS 10

enum nbd_state {
	NBD_CLOSED,	/* no worker wants a connection */
	NBD_WAITING,	/* for the last one's end, or for the time to try */
	NBD_CONNECTING, /* up to the greeting */
	NBD_OPENING,	/* the worker has it, and negotiates */
	NBD_OPEN,
};

struct vbd_nbd {
	struct device *d; /* borrowed */
	enum nbd_state state;
	struct nbd_uri uri; /* zeroes: a qemu-nbd of ours */
	bool ours;
	bool known; /* opened is: the server was there once */
	bool told;  /* the log that it is lost */
	struct msg_blk_opened opened;
	struct nbd_server *server;   /* owned */
	struct nbd_connect *connect; /* owned */
	struct nbd_drain *drain;     /* owned: of the last connection */
	int kept;		     /* owned: the worker's connection, or -1 */
	struct event *again;	     /* owned */
	struct crashes crashes;	     /* of our qemu-nbds */
	unsigned int back_off_ms;    /* the last */
	uint64_t open_since_ms;
	struct err why; /* it has not greeted */
};

static uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static const char *shown(const struct vbd_nbd *n, char *text, size_t size)
{
	return text_escape(n->d->u.vbd.config.target, text, size);
}

static void try_after(struct vbd_nbd *n, unsigned int ms)
{
	struct timeval tv = {ms / 1000, (ms % 1000) * 1000};

	n->state = NBD_WAITING;
	evtimer_add(n->again, &tv);
}

/* ---- when it does not work ---- */

/* Until the next try, in milliseconds; -1: there is none. */
static int next_delay(struct vbd_nbd *n)
{
	if (n->ours)
		return crashes_note(&n->crashes, now_ms());
	n->back_off_ms *= 2;
	if (n->back_off_ms < BACK_OFF_MIN_MS)
		n->back_off_ms = BACK_OFF_MIN_MS;
	if (n->back_off_ms > BACK_OFF_MAX_MS)
		n->back_off_ms = BACK_OFF_MAX_MS;
	return (int)n->back_off_ms;
}

/* What was there once is tried again; what never was is an error. */
static void nbd_failed(struct vbd_nbd *n, const struct err *e)
{
	int delay = n->known ? next_delay(n) : -1;
	struct err why = *e;
	char target[160];

	if (delay >= 0) {
		log_debug("%s: %s", n->d->log_name, e->text);
		try_after(n, (unsigned int)delay);
		return;
	}
	n->state = NBD_CLOSED;
	err_wrap(&why, "%s", shown(n, target, sizeof(target)));
	if (n->known)
		device_give_up(n->d, &why);
	else
		device_fail(n->d, &why);
	device_step(n->d);
}

static void end_connection(struct vbd_nbd *n);

static void nbd_lost(struct vbd_nbd *n)
{
	char target[160];
	struct err e;

	if (n->d->phase == PHASE_READY)
		n->d->phase = PHASE_OPENING;
	if (n->known && !n->told && log_allowed(&n->d->limit))
		log_warn("%s: %s does not answer any more; trying until it "
			 "does",
			 n->d->log_name, shown(n, target, sizeof(target)));
	n->told = true;
	end_connection(n);
	if (n->state == NBD_OPEN &&
	    now_ms() - n->open_since_ms > BACK_OFF_MAX_MS)
		n->back_off_ms = 0;
	err_set(&e, ECONNRESET, "the server has hung up");
	nbd_failed(n, &e);
}

/* ---- 4. the worker has it ---- */

static int check_opened(const struct vbd_nbd *n,
			const struct msg_blk_opened *opened, struct err *e)
{
	if ((opened->flags & MSG_NBD_READ_ONLY) &&
	    !n->d->u.vbd.config.read_only)
		return err_set(e, EROFS,
			       "read-only, says its server: give the disk "
			       "read-only");
	if (opened->sectors == 0)
		return err_set(e, EINVAL,
			       "empty, or smaller than a sector of 512 bytes");
	return 0;
}

static void nbd_opened(struct vbd_nbd *n, const struct msg_blk_opened *opened)
{
	char target[160];
	struct err e;

	if (!n->known && check_opened(n, opened, &e) < 0) {
		nbd_failed(n, &e);
		return;
	}
	/* A front end that is served has been told already. */
	if (!n->d->generation)
		n->opened = *opened;
	if (n->known && n->told)
		log_info("%s: %s answers again", n->d->log_name,
			 shown(n, target, sizeof(target)));
	n->known = true;
	n->told = false;
	n->state = NBD_OPEN;
	n->open_since_ms = now_ms();
	device_opened(n->d);
}

static void nbd_refused(struct vbd_nbd *n, const struct msg_failed *failed)
{
	struct err e;

	err_set(&e, (int)failed->code, "%s", failed->text);
	end_connection(n);
	nbd_failed(n, &e);
}

bool vbd_nbd_message(struct vbd_nbd *n, const union msg *m)
{
	if (m->head.type == MSG_BLK_OPENED && n->state == NBD_OPENING)
		nbd_opened(n, &m->blk_opened);
	else if (m->head.type == MSG_BLK_LOST &&
		 (n->state == NBD_OPENING || n->state == NBD_OPEN))
		nbd_lost(n);
	else if (m->head.type == MSG_FAILED && n->state == NBD_OPENING &&
		 n->d->phase == PHASE_OPENING)
		nbd_refused(n, &m->failed);
	else
		return false;
	return true;
}

static void hand_over(struct vbd_nbd *n, int fd)
{
	struct device *d = n->d;
	struct err e;
	union msg m;
	int rc;

	msg_init(&m, MSG_BLK_OPEN);
	m.blk_open.domid = d->domid;
	if (d->u.vbd.config.read_only)
		m.blk_open.flags |= MSG_BLK_READ_ONLY;
	strcpy(m.blk_open.export, n->uri.export);
	rc = process_send(d->worker, &m, &fd, 1);
	/* Without a channel it is about to end, and its successor asks. */
	if (rc < 0 && rc != -EPIPE) {
		err_errno(&e, -rc, "its worker cannot be reached");
		nbd_failed(n, &e);
		return;
	}
	n->state = NBD_OPENING;
	process_await(d->worker, NEGOTIATION * d->env->worker_timeout_s);
	if (!n->ours)
		n->kept = fcntl(fd, F_DUPFD_CLOEXEC, 3);
}

/* ---- 3. it greets ---- */

static void on_connected(int fd, const struct err *e, void *arg)
{
	struct vbd_nbd *n = arg;

	nbd_connect_free(n->connect);
	n->connect = NULL;
	if (!e) {
		hand_over(n, fd);
		close(fd);
		return;
	}
	if (!n->server) {
		nbd_failed(n, e);
		return;
	}
	/* One that hangs up is about to say why, and to end. */
	n->why = *e;
	if (e->code == ETIMEDOUT)
		nbd_server_end(n->server);
}

/* ---- 2. the next one ---- */

static void begin(struct vbd_nbd *n);

static void on_server_ended(bool failed, const char *why, void *arg)
{
	struct vbd_nbd *n = arg;
	struct err e;

	nbd_server_free(n->server);
	n->server = NULL;
	if (failed && n->known && log_allowed(&n->d->limit))
		log_warn("%s: %s", n->d->log_name, why);
	if (n->state == NBD_CONNECTING) {
		nbd_connect_free(n->connect);
		n->connect = NULL;
		e = n->why;
		if (failed || !e.text[0])
			err_set(&e, EINVAL, "%s", why);
		nbd_failed(n, &e);
	} else if (n->state == NBD_WAITING &&
		   !evtimer_pending(n->again, NULL)) {
		begin(n);
	}
	/* A worker that has it sees that by itself, and says so. */
}

/* 0 or -errno with *e set; -EAGAIN: the last one's I/O is not over. */
static int start_server(struct vbd_nbd *n, struct err *e)
{
	struct device *d = n->d;
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

	if (lock < 0)
		return -e->code;
	n->server = nbd_server_start(d->env->base, &what, on_server_ended, n,
				     &fd, e);
	if (!n->server)
		return -e->code;
	n->connect = nbd_connect_greet(
		d->env->base, fd, d->env->worker_timeout_s, on_connected, n, e);
	if (n->connect)
		return 0;
	nbd_server_end(n->server);
	return -e->code;
}

static int start_connect(struct vbd_nbd *n, struct err *e)
{
	n->connect = nbd_connect_start(n->d->env->base, &n->uri,
				       n->d->env->worker_timeout_s,
				       on_connected, n, e);
	return n->connect ? 0 : -e->code;
}

/* ---- 1. the last one is over ---- */

static void on_drained(void *arg)
{
	struct vbd_nbd *n = arg;

	nbd_drain_free(n->drain);
	n->drain = NULL;
	if (n->state == NBD_WAITING && !evtimer_pending(n->again, NULL))
		begin(n);
}

/* The worker does not use it any more. */
static void end_connection(struct vbd_nbd *n)
{
	nbd_connect_free(n->connect);
	n->connect = NULL;
	if (n->server)
		nbd_server_end(n->server);
	if (n->kept < 0)
		return;
	n->drain = nbd_drain_start(n->d->env->base, n->kept, on_drained, n);
	if (n->drain)
		n->kept = -1;
	else
		fd_drop(&n->kept);
}

/* The next one's turn, if what was asked on the last is done. */
static void begin(struct vbd_nbd *n)
{
	struct err e;
	int rc;

	n->state = NBD_WAITING;
	if (n->server || n->drain)
		return;
	if (n->ours && image_in_qemu(n->d->u.vbd.image)) {
		try_after(n, IN_FLIGHT_MS);
		return;
	}
	n->state = NBD_CONNECTING;
	n->why.text[0] = '\0';
	rc = n->ours ? start_server(n, &e) : start_connect(n, &e);
	if (rc == -EAGAIN)
		try_after(n, IN_FLIGHT_MS);
	else if (rc < 0)
		nbd_failed(n, &e);
}

static void on_again(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	begin(arg);
}

/* ---- for the device ---- */

bool vbd_nbd_suits(const struct disk_config *c)
{
	return c->format != FORMAT_RAW || nbd_uri_is(c->target);
}

struct vbd_nbd *vbd_nbd_new(struct device *d, struct err *e)
{
	const struct disk_config *c = &d->u.vbd.config;
	struct vbd_nbd *n = calloc(1, sizeof(*n));

	if (!n)
		goto no_memory;
	n->d = d;
	n->kept = -1;
	n->ours = c->format != FORMAT_RAW;
	n->again = evtimer_new(d->env->base, on_again, n);
	if (!n->again)
		goto no_memory;
	if (n->ours || nbd_uri_parse(c->target, &n->uri, e) == 0)
		return n;
	vbd_nbd_free(n);
	return NULL;

no_memory:
	vbd_nbd_free(n);
	err_set(e, ENOMEM, "no memory for a disk");
	return NULL;
}

void vbd_nbd_free(struct vbd_nbd *n)
{
	if (!n)
		return;
	if (n->again)
		event_free(n->again);
	nbd_connect_free(n->connect);
	nbd_drain_free(n->drain);
	nbd_server_free(n->server);
	fd_drop(&n->kept);
	free(n);
}

void vbd_nbd_open(struct vbd_nbd *n)
{
	begin(n);
}

void vbd_nbd_worker_gone(struct vbd_nbd *n)
{
	evtimer_del(n->again);
	n->state = NBD_CLOSED;
	end_connection(n);
}

bool vbd_nbd_lingers(const struct vbd_nbd *n)
{
	return n->server || n->drain ||
	       (n->ours && image_in_qemu(n->d->u.vbd.image));
}

const struct msg_blk_opened *vbd_nbd_opened(const struct vbd_nbd *n)
{
	return &n->opened;
}
