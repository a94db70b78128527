/* SPDX-License-Identifier: MIT */
/*
 * A worker, and the server that it is to have: connected, handed over, lost,
 * tried again.
 */
#include "daemon/device/vbd_nbd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <event2/event.h>

#include "base/text.h"
#include "daemon/device/kind.h"
#include "daemon/device/nbd_source.h"
#include "daemon/worker/process.h"

/* Between tries to reach a server, each twice as long as the last. */
#define BACK_OFF_MIN_MS 100
#define BACK_OFF_MAX_MS 5000
/* A worker gives a server up by itself, and is given so much longer to. */
#define NEGOTIATION 3

enum nbd_state {
	NBD_CLOSED,	/* no worker wants a connection */
	NBD_WAITING,	/* for the time to try again */
	NBD_CONNECTING, /* the source is at it */
	NBD_OPENING,	/* the worker has it, and negotiates */
	NBD_OPEN,
};

struct vbd_nbd {
	struct device *d; /* borrowed */
	enum nbd_state state;
	struct nbd_source *source; /* owned */
	bool known;		   /* opened is: the server was there once */
	bool told;		   /* the log that it is lost */
	struct msg_blk_opened opened;
	struct event *again;	  /* owned */
	struct crashes crashes;	  /* of our qemu-nbds */
	unsigned int back_off_ms; /* the last */
	uint64_t open_since_ms;
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

static void nbd_connect(struct vbd_nbd *n)
{
	n->state = NBD_CONNECTING;
	nbd_source_connect(n->source);
}

static void on_again(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	nbd_connect(arg);
}

/* ---- when it does not work ---- */

/* Until the next try, in milliseconds; -1: there is none. */
static int next_delay(struct vbd_nbd *n)
{
	if (nbd_source_is_ours(n->source))
		return crashes_note(&n->crashes, now_ms());
	n->back_off_ms *= 2;
	if (n->back_off_ms < BACK_OFF_MIN_MS)
		n->back_off_ms = BACK_OFF_MIN_MS;
	if (n->back_off_ms > BACK_OFF_MAX_MS)
		n->back_off_ms = BACK_OFF_MAX_MS;
	return (int)n->back_off_ms;
}

static void try_after(struct vbd_nbd *n, int ms)
{
	struct timeval tv = {ms / 1000, (ms % 1000) * 1000};

	n->state = NBD_WAITING;
	evtimer_add(n->again, &tv);
}

/* What was there once is tried again; what never was is an error. */
static void nbd_failed(struct vbd_nbd *n, const struct err *e)
{
	int delay = n->known ? next_delay(n) : -1;
	struct err why = *e;
	char target[160];

	if (delay >= 0) {
		log_debug("%s: %s", n->d->log_name, e->text);
		try_after(n, delay);
		return;
	}
	n->state = NBD_CLOSED;
	if (n->known)
		err_set(&why, EPIPE,
			"its server has died %d times within %d seconds and is "
			"not started again; the last time, %s",
			CRASHES_MAX, CRASHES_WINDOW_MS / 1000, e->text);
	err_wrap(&why, "%s", shown(n, target, sizeof(target)));
	if (n->known) {
		device_give_up(n->d, &why);
		/* Nobody opens for it again: a new start has a new one. */
		device_worker_is_stopped(n->d);
	} else {
		device_fail(n->d, &why);
	}
	device_step(n->d);
}

/* ---- the worker has it ---- */

static void nbd_lost(struct vbd_nbd *n)
{
	char target[160];
	struct err e;

	if (n->d->phase == PHASE_READY)
		n->d->phase = PHASE_OPENING;
	if (n->known && !n->told && log_allowed(&n->d->limit))
		log_warn("%s: %s does not answer any more; %s", n->d->log_name,
			 shown(n, target, sizeof(target)),
			 nbd_source_is_ours(n->source)
				 ? "starting another server"
				 : "trying until it does");
	n->told = true;
	if (n->state == NBD_OPEN &&
	    now_ms() - n->open_since_ms > BACK_OFF_MAX_MS)
		n->back_off_ms = 0;
	err_set(&e, ECONNRESET, "the server has hung up");
	nbd_source_end(n->source);
	nbd_failed(n, &e);
}

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
		nbd_source_end(n->source);
		nbd_failed(n, &e);
		return;
	}
	/* A front end that is served hears of a change only when asked to. */
	if (!n->d->generation || n->d->renewal)
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
	/* It is not what it was; this may last, and somebody must be told. */
	if (n->known && log_allowed(&n->d->limit))
		log_warn("%s: %s; trying again", n->d->log_name, e.text);
	nbd_source_end(n->source);
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

/* ---- there is a connection ---- */

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
	strcpy(m.blk_open.export, nbd_source_export(n->source));
	rc = process_send(d->worker, &m, &fd, 1);
	n->state = NBD_OPENING;
	process_await(d->worker, NEGOTIATION * d->env->worker_timeout_s);
	/* Without a channel it is about to end, and its successor asks. */
	if (rc < 0 && rc != -EPIPE) {
		err_errno(&e, -rc, "its worker cannot be reached");
		nbd_source_end(n->source);
		nbd_failed(n, &e);
	}
}

static void on_connected(int fd, const struct err *e, void *arg)
{
	struct vbd_nbd *n = arg;

	if (e) {
		nbd_failed(n, e);
		return;
	}
	hand_over(n, fd);
	close(fd);
}

/* ---- for the device ---- */

struct vbd_nbd *vbd_nbd_new(struct device *d, struct err *e)
{
	struct vbd_nbd *n = calloc(1, sizeof(*n));

	if (!n)
		goto no_memory;
	n->d = d;
	n->again = evtimer_new(d->env->base, on_again, n);
	if (!n->again)
		goto no_memory;
	n->source = nbd_source_new(d, on_connected, n, e);
	if (n->source)
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
	nbd_source_free(n->source);
	free(n);
}

void vbd_nbd_open(struct vbd_nbd *n)
{
	nbd_connect(n);
}

void vbd_nbd_worker_gone(struct vbd_nbd *n)
{
	evtimer_del(n->again);
	n->state = NBD_CLOSED;
	nbd_source_end(n->source);
}

bool vbd_nbd_lingers(const struct vbd_nbd *n)
{
	/* There is no next connection before the last one's I/O is over. */
	if (n->state == NBD_OPENING || n->state == NBD_OPEN)
		return false;
	return nbd_source_lingers(n->source);
}

const struct msg_blk_opened *vbd_nbd_opened(const struct vbd_nbd *n)
{
	return &n->opened;
}
