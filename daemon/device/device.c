/* SPDX-License-Identifier: MIT */
/*
 * The life of a device: made with its worker, attached and detached, ended
 * with its domain, freed by the loop. What happens between it and its front
 * end is in handshake.c.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <event2/event.h>

#include "daemon/device/bus.h"
#include "daemon/device/kind.h"
#include "daemon/device/renew.h"
#include "daemon/worker/process.h"
#include "daemon/xs/plan.h"
#include "daemon/xs/xs.h"

static void on_reap(evutil_socket_t fd, short what, void *arg)
{
	struct device *d = arg;

	(void)fd;
	(void)what;
	LIST_REMOVE(d, link);
	if (d->gone)
		d->gone(d->gone_arg);
	device_scrap(d);
}

static void on_retry(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	device_say_again(arg);
	device_frontend_changed(arg);
	device_remove_again(arg);
}

static void on_revive(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	device_revive(arg);
}

static void on_overdue(evutil_socket_t fd, short what, void *arg)
{
	struct device *d = arg;
	struct err e;

	(void)fd;
	(void)what;
	err_set(&e, ETIMEDOUT,
		"%s: the guest has not let go of it in %u seconds; it goes "
		"when the guest does",
		d->name, d->env->timeout_s);
	device_answer_detached(d, &e);
}

static void on_answer(evutil_socket_t fd, short what, void *arg)
{
	struct device *d = arg;

	(void)fd;
	(void)what;
	device_answer_ready(d, d->failure.text[0] ? &d->failure : NULL);
}

struct device *device_alloc(const struct device_env *env,
			    const struct device_kind *kind,
			    const struct device_owner *owner, uint32_t devid,
			    struct err *e)
{
	struct device *d = calloc(1, sizeof(*d));

	if (!d)
		goto fail;
	d->env = env;
	d->domid = owner->domid;
	snprintf(d->uuid, sizeof(d->uuid), "%s", owner->uuid);
	snprintf(d->user, sizeof(d->user), "%s", owner->name);
	d->devid = devid;
	d->queues = 1;
	snprintf(d->back, sizeof(d->back), "/local/domain/0/backend/%s/%u/%u",
		 kind->backend, d->domid, devid);
	snprintf(d->front, sizeof(d->front), "/local/domain/%u/device/%s/%u",
		 d->domid, kind->frontend, devid);
	d->ours = XenbusStateInitWait;
	d->theirs = XenbusStateInitialising;
	d->retry = evtimer_new(env->base, on_retry, d);
	d->revive = evtimer_new(env->base, on_revive, d);
	d->overdue = evtimer_new(env->base, on_overdue, d);
	d->answer = event_new(env->base, -1, 0, on_answer, d);
	d->reap = event_new(env->base, -1, 0, on_reap, d);
	if (!d->retry || !d->revive || !d->overdue || !d->answer || !d->reap)
		goto fail;
	d->kind = kind; /* from here on there is something to close */
	return d;

fail:
	err_set(e, ENOMEM, "no memory for a device");
	device_scrap(d);
	return NULL;
}

int device_begin(struct device *d, struct device_list *list, struct err *e)
{
	snprintf(d->log_name, sizeof(d->log_name), "d%u/%s", d->domid, d->name);
	if (device_start_worker(d, e) < 0)
		return -e->code;
	LIST_INSERT_HEAD(list, d, link);
	return 0;
}

void device_scrap(struct device *d)
{
	if (!d)
		return;
	if (d->kind)
		d->kind->close(d);
	renewal_free(d->renewal);
	xs_forget(d->fetch);
	xs_forget(d->write);
	xs_watch_free(d->watch);
	process_free(d->worker);
	if (d->retry)
		event_free(d->retry);
	if (d->revive)
		event_free(d->revive);
	if (d->overdue)
		event_free(d->overdue);
	if (d->answer)
		event_free(d->answer);
	if (d->reap)
		event_free(d->reap);
	free(d);
}

void device_when_ready(struct device *d, device_cb *cb, void *arg)
{
	d->ready = cb;
	d->ready_arg = arg;
	/* Up already, or failed already: say so from the loop. */
	if (d->phase != PHASE_STARTING)
		event_active(d->answer, EV_TIMEOUT, 0);
}

static void on_nodes_written(int rc, void *arg)
{
	struct device *d = arg;
	struct err e;

	d->write = NULL;
	if (rc < 0)
		err_errno(&e, -rc, "cannot write it into xenstore");
	/* It may have been given up while its nodes were written. */
	if (d->fate == FATE_STAY && (rc < 0 || device_listen(d, &e) < 0)) {
		device_fail(d, &e);
	} else if (d->fate == FATE_STAY) {
		d->unwritten = false;
		if (d->phase != PHASE_STARTING)
			device_answer_ready(d, NULL);
	}
	device_step(d);
}

int device_attach(struct device *d, device_cb *done, void *arg, struct err *e)
{
	struct xs_plan *plan = plan_new();

	d->unwritten = true;
	d->ready = done;
	d->ready_arg = arg;
	device_plan(d, plan);
	d->write = xs_apply(d->env->xs, plan, on_nodes_written, d);
	if (d->write)
		return 0;
	d->ready = NULL;
	return err_set(e, ENOMEM, "%s: no memory to attach it", d->name);
}

int device_detach(struct device *d, device_cb *done, void *arg, struct err *e)
{
	struct timeval limit = {d->env->timeout_s, 0};
	struct xs_plan *plan;

	if (d->detached || d->fate == FATE_REMOVE || d->fate == FATE_END)
		return err_set(e, EALREADY, "%s: is being removed already",
			       d->name);
	d->detached = done;
	d->detached_arg = arg;
	evtimer_add(d->overdue, &limit);
	if (d->fate == FATE_STAY) {
		d->fate = FATE_DETACH;
		plan = plan_new();
		plan_write(plan, "0", "%s/online", d->back);
		if (device_is_free(d))
			plan_free(plan);
		else
			device_set_state(d, XenbusStateClosing, plan);
	}
	device_step(d);
	return 0;
}

void device_end(struct device *d)
{
	struct err e;

	if (d->fate == FATE_END)
		return;
	d->fate = FATE_END;
	xs_forget(d->fetch);
	xs_forget(d->write);
	d->fetch = NULL;
	d->write = NULL;
	xs_watch_free(d->watch);
	d->watch = NULL;
	evtimer_del(d->retry);
	err_set(&e, ENODEV, "%s: its domain has ended", d->name);
	device_answer_ready(d, &e);
	device_answer_renewal(d, &e);
	device_answer_detached(d, &e);
	device_step(d);
}
