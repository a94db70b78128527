/* SPDX-License-Identifier: MIT */
/* Several vifs in one process. */
#include "vifs.h"

#include <errno.h>
#include <stdlib.h>
#include <event2/event.h>

#include "base/err.h"
#include "base/log.h"
#include "base/scope.h"
#include "device.h"

/* Free, until it is taken by a channel; taken, until its device has ended. */
struct place {
	struct vifs *all;      /* borrowed */
	struct worker worker;  /* its channel: owned */
	struct device *device; /* owned */
	struct event *reap;    /* owned: frees it, after its last callback */
	bool taken;
};

struct vifs {
	struct worker *main; /* borrowed */
	struct fdb fdb;	     /* owned */
	bool stopping;
	unsigned int n;
	struct place places[VIFS_MAX];
};

static bool any_taken(const struct vifs *v)
{
	unsigned int i;

	for (i = 0; i < v->n; i++)
		if (v->places[i].taken)
			return true;
	return false;
}

static void end_if_over(struct vifs *v)
{
	if (any_taken(v) || (v->main->chan && !v->stopping))
		return;
	worker_say(v->main, MSG_STOPPED, 0);
	worker_stop(v->main);
}

/* ---- of one vif ---- */

static void on_message(const union msg *m, int *fds, unsigned int n_fds,
		       void *arg)
{
	struct place *p = arg;

	(void)n_fds; /* msg_check has counted them */
	device_obey(p->device, m, fds);
}

static void on_end(void *arg)
{
	struct place *p = arg;

	if (device_is_idle(p->device))
		worker_stop(&p->worker);
	else
		log_info("a vif's channel has ended, serving on");
}

static const struct chan_ops ops = {on_message, on_end};

/* The device is still on the stack. */
static void on_stop(void *arg)
{
	struct place *p = arg;

	if (p->taken)
		event_active(p->reap, EV_TIMEOUT, 0);
}

static void on_reap(evutil_socket_t fd, short what, void *arg)
{
	struct place *p = arg;

	(void)fd;
	(void)what;
	/* The channel's end says that nothing of the guest's is left here. */
	device_renew(p->device);
	worker_release(&p->worker);
	p->taken = false;
	end_if_over(p->all);
}

static int place_open(struct place *p, struct vifs *v, unsigned int n_queues,
		      struct fdb_member *member, struct err *e)
{
	p->all = v;
	p->worker.base = v->main->base;
	p->reap = evtimer_new(v->main->base, on_reap, p);
	if (!p->reap)
		return err_set(e, ENOMEM, "no memory for an event");
	p->device = device_new(&p->worker, n_queues, member, e);
	return p->device ? 0 : -e->code;
}

static void place_close(struct place *p)
{
	device_free(p->device);
	worker_release(&p->worker);
	if (p->reap)
		event_free(p->reap);
}

/* ---- of all ---- */

struct vifs *vifs_new(struct worker *main, unsigned int n,
		      unsigned int n_queues, struct err *e)
{
	struct vifs *v = calloc(1, sizeof(*v));

	if (!v || fdb_open(&v->fdb) < 0) {
		err_set(e, ENOMEM, "no memory for vifs");
		free(v);
		return NULL;
	}
	v->main = main;
	while (v->n < n) {
		struct place *p = &v->places[v->n];
		struct fdb_member *member = &v->fdb.members[v->n];

		v->n++;
		if (place_open(p, v, n_queues, member, e) < 0)
			goto fail;
	}
	return v;

fail:
	vifs_free(v);
	return NULL;
}

void vifs_free(struct vifs *v)
{
	if (!v)
		return;
	while (v->n > 0)
		place_close(&v->places[--v->n]);
	fdb_close(&v->fdb);
	free(v);
}

static struct place *find_free(struct vifs *v)
{
	unsigned int i;

	for (i = 0; i < v->n && !v->stopping; i++)
		if (!v->places[i].taken)
			return &v->places[i];
	return NULL;
}

/* Says why there is no place, on a channel that ends with it. */
static void decline(struct vifs *v, int fd)
{
	static const struct chan_ops nobody;
	struct chan *c;
	struct err e;

	c = chan_new(v->main->base, fd, &nobody, NULL, &e);
	if (!c) {
		log_error("%s", e.text);
		return;
	}
	err_set(&e, EBUSY,
		v->stopping ? "this process is stopping"
			    : "all of its %u vifs are in use",
		v->n);
	chan_say_failed(c, 0, &e);
	chan_free(c);
}

static void adopt(struct vifs *v, int fd)
{
	struct place *p = find_free(v);
	struct err e;

	if (!p) {
		decline(v, fd);
		return;
	}
	if (worker_adopt(&p->worker, fd, &ops, on_stop, p, &e) < 0)
		log_error("a vif's channel: %s", e.text);
	else
		p->taken = true;
}

static void stop(struct vifs *v)
{
	unsigned int i;

	v->stopping = true;
	for (i = 0; i < v->n; i++)
		if (v->places[i].taken)
			device_stop(v->places[i].device);
	end_if_over(v);
}

void vifs_obey(struct vifs *v, const union msg *m, int *fds)
{
	switch (m->head.type) {
	case MSG_NET_ADOPT:
		adopt(v, fd_take(&fds[0]));
		break;
	case MSG_STOP:
		stop(v);
		break;
	default:
		log_warn("not for several vifs: %s", msg_name(m->head.type));
	}
}

void vifs_end(struct vifs *v)
{
	if (any_taken(v))
		log_info("xnd is gone, serving on");
	end_if_over(v);
}
