/* SPDX-License-Identifier: MIT */
/*
 * The life of a device: born with its worker, listening to its front end,
 * connected and let go as the handshake's table says, and removed. One
 * function, device_step, looks at where things stand and takes the next step;
 * every callback ends in it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <event2/event.h>

#include "base/log.h"
#include "base/scope.h"
#include "base/text.h"
#include "daemon/device/bus.h"
#include "daemon/device/kind.h"
#include "daemon/worker/process.h"
#include "daemon/xs/plan.h"
#include "daemon/xs/xs.h"

#define WORKER_GRACE_MS 2000
#define RETRY_MS	50

static void device_step(struct device *d);
static int worker_start(struct device *d, struct err *e);

/* The one writer of our state: the node and the log line. plan is taken. */
static void device_set_state(struct device *d, enum xenbus_state state,
			     struct xs_plan *plan)
{
	plan_write_u64(plan, state, "%s/state", d->back);
	log_info("%s: %s -> %s (front end %s)", d->log_name,
		 bus_state_name(d->ours), bus_state_name(state),
		 bus_state_name(d->theirs));
	d->ours = state;
	if (!xs_apply(d->env->xs, plan, NULL, NULL))
		log_error("%s: no memory to write its state", d->log_name);
}

static void device_answer_ready(struct device *d, const struct err *e)
{
	device_cb *ready = d->ready;

	d->ready = NULL;
	if (ready)
		ready(e, d->ready_arg);
}

static void device_answer_detached(struct device *d, const struct err *e)
{
	device_cb *detached = d->detached;

	d->detached = NULL;
	evtimer_del(d->overdue);
	if (detached)
		detached(e, d->detached_arg);
}

/* The device does not work; what else it has goes on until it is removed. */
static void device_fail(struct device *d, const struct err *e)
{
	log_error("%s: %s", d->log_name, e->text);
	d->failure = *e;
	device_answer_ready(d, e);
	if (d->ours == XenbusStateConnected || d->ours == XenbusStateInitWait)
		device_set_state(d, XenbusStateClosing, plan_new());
}

/* ---- the worker ---- */

static void on_message(const union msg *m, int *fds, unsigned int n, void *arg)
{
	struct device *d = arg;
	struct xs_plan *plan;
	struct err e;

	(void)fds;
	(void)n;
	if (m->head.type == MSG_READY && d->phase == PHASE_STARTING) {
		d->phase = PHASE_READY;
		if (!d->unwritten)
			device_answer_ready(d, NULL);
	} else if (m->head.type == d->kind->serving &&
		   d->phase == PHASE_STARTED) {
		d->phase = PHASE_SERVING;
		plan = plan_new();
		d->kind->plan_connected(d, plan);
		device_set_state(d, XenbusStateConnected, plan);
	} else if (m->head.type == MSG_FAILED) {
		err_set(&e, (int)m->failed.code, "%s", m->failed.text);
		device_fail(d, &e);
	} else if (m->head.type != MSG_STOPPED) {
		log_warn("%s: unexpected message %s", d->log_name,
			 msg_name(m->head.type));
	}
	device_step(d);
}

static void on_worker_exit(const char *why, void *arg)
{
	struct device *d = arg;
	bool expected = d->phase == PHASE_STOPPING;
	struct err e;

	process_free(d->worker);
	d->worker = NULL;
	d->phase = PHASE_NONE;
	if (!expected) {
		err_set(&e, EPIPE, "%s", why);
		device_fail(d, &e);
	}
	device_step(d);
}

static const struct process_ops worker_ops = {on_message, on_worker_exit};

static int worker_start(struct device *d, struct err *e)
{
	d->worker = process_start(d->env->base, d->kind->program, &worker_ops,
				  d, e);
	if (!d->worker)
		return -e->code;
	d->phase = PHASE_STARTING;
	return 0;
}

/* True when it is gone, and nothing holds the guest's memory any more. */
static bool worker_is_stopped(struct device *d)
{
	if (d->phase == PHASE_NONE)
		return true;
	if (d->phase != PHASE_STOPPING) {
		d->phase = PHASE_STOPPING;
		process_stop(d->worker, WORKER_GRACE_MS);
	}
	return false;
}

/* ---- connecting ---- */

static void device_retry_soon(struct device *d)
{
	struct timeval soon = {0, RETRY_MS * 1000};

	evtimer_add(d->retry, &soon);
}

static void on_keys(const struct xs_values *v, void *arg)
{
	struct device *d = arg;
	scoped_fd fd = -1;
	struct err e;
	union msg m;
	int rc;

	d->fetch = NULL;
	if (d->phase != PHASE_READY || d->fate != FATE_STAY) {
		device_step(d);
		return;
	}
	rc = d->kind->start(d, v, &m, &fd, &e);
	if (rc == -EAGAIN) {
		device_retry_soon(d);
		return;
	}
	if (rc == 0) {
		rc = process_send(d->worker, &m, &fd, 1);
		if (rc < 0)
			err_errno(&e, -rc, "its worker cannot be reached");
	}
	if (rc < 0) {
		device_fail(d, &e);
	} else {
		d->phase = PHASE_STARTED;
		d->failure.text[0] = '\0';
	}
	device_step(d);
}

static void device_connect(struct device *d)
{
	const char *const *key;
	struct xs_values *v;

	if (d->phase != PHASE_READY || d->fetch ||
	    evtimer_pending(d->retry, NULL))
		return;
	v = values_new();
	for (key = d->kind->keys; *key; key++)
		values_want(v, *key, "%s/%s", d->front, *key);
	d->fetch = xs_fetch(d->env->xs, v, on_keys, d);
	if (!d->fetch)
		device_retry_soon(d);
}

static void device_reopen(struct device *d)
{
	struct err e;

	if (d->phase == PHASE_NONE && worker_start(d, &e) < 0) {
		device_fail(d, &e);
		return;
	}
	d->failure.text[0] = '\0';
	device_set_state(d, XenbusStateInitWait, plan_new());
}

/* ---- the end ---- */

static void on_nodes_removed(int rc, void *arg)
{
	struct device *d = arg;
	struct err e;

	d->write = NULL;
	if (rc < 0)
		err_errno(&e, -rc, "%s: its nodes stay in xenstore", d->name);
	d->kind->close(d);
	device_answer_detached(d, rc < 0 ? &e : NULL);
	event_active(d->reap, EV_TIMEOUT, 0);
}

static void device_remove_nodes(struct device *d)
{
	struct xs_plan *plan = plan_new();

	xs_watch_free(d->watch);
	d->watch = NULL;
	plan_rm(plan, "%s", d->back);
	plan_rm(plan, "%s", d->front);
	d->write = xs_apply(d->env->xs, plan, on_nodes_removed, d);
	if (!d->write)
		on_nodes_removed(-ENOMEM, d);
}

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

/* ---- the next step ---- */

/* The guest has let go, or never took hold. */
static bool device_is_free(const struct device *d)
{
	return d->ours == XenbusStateClosed ||
	       ((d->phase == PHASE_NONE || d->phase == PHASE_STARTING ||
		 d->phase == PHASE_READY) &&
		(d->theirs == XenbusStateUnknown ||
		 d->theirs == XenbusStateInitialising ||
		 d->theirs == XenbusStateClosed));
}

static void device_step_handshake(struct device *d)
{
	switch (bus_next(d->ours, d->theirs)) {
	case BUS_WAIT:
		break;
	case BUS_CONNECT:
		device_connect(d);
		break;
	case BUS_CLOSING:
		device_set_state(d, XenbusStateClosing, plan_new());
		break;
	case BUS_DISCONNECT:
		/* Unmapped before we say Closed (XSA-396). */
		if (d->phase == PHASE_READY || worker_is_stopped(d)) {
			device_set_state(d, XenbusStateClosed, plan_new());
			device_step(d);
		}
		break;
	case BUS_REOPEN:
		if (d->fate == FATE_STAY)
			device_reopen(d);
		break;
	}
}

static void device_step(struct device *d)
{
	switch (d->fate) {
	case FATE_STAY:
		device_step_handshake(d);
		break;
	case FATE_DETACH:
		if (!device_is_free(d)) {
			device_step_handshake(d);
			break;
		}
		d->fate = FATE_REMOVE;
		/* fall through */
	case FATE_REMOVE:
		if (!d->write && worker_is_stopped(d))
			device_remove_nodes(d);
		break;
	case FATE_END:
		if (worker_is_stopped(d)) {
			d->kind->close(d);
			event_active(d->reap, EV_TIMEOUT, 0);
		}
		break;
	}
}

/* ---- listening ---- */

static void on_frontend_state(const struct xs_values *v, void *arg);

static void device_look(struct device *d)
{
	struct xs_values *v;

	if (d->fetch) {
		d->look_again = true;
		return;
	}
	v = values_new();
	values_want(v, "state", "%s/state", d->front);
	d->fetch = xs_fetch(d->env->xs, v, on_frontend_state, d);
	if (!d->fetch)
		device_retry_soon(d);
}

static void on_frontend_state(const struct xs_values *v, void *arg)
{
	struct device *d = arg;
	uint32_t state = XenbusStateUnknown;

	d->fetch = NULL;
	/* No number, or none that is a state: as if there were no node. */
	values_u32(v, "state", BUS_STATES - 1, &state);
	d->theirs = state;
	if (d->look_again) {
		d->look_again = false;
		device_look(d);
	}
	device_step(d);
}

static void on_frontend_changed(void *arg)
{
	struct device *d = arg;

	if (d->fate != FATE_END && d->fate != FATE_REMOVE)
		device_look(d);
}

static void on_retry(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	on_frontend_changed(arg);
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

/* ---- public, in the order of a life ---- */

struct device *device_alloc(const struct device_env *env,
			    const struct device_kind *kind, uint32_t domid,
			    uint32_t devid, struct err *e)
{
	struct device *d = calloc(1, sizeof(*d));

	if (!d)
		goto fail;
	d->env = env;
	d->kind = kind;
	d->domid = domid;
	d->devid = devid;
	snprintf(d->back, sizeof(d->back), "/local/domain/0/backend/%s/%u/%u",
		 kind->backend, domid, devid);
	snprintf(d->front, sizeof(d->front), "/local/domain/%u/device/%s/%u",
		 domid, kind->frontend, devid);
	d->ours = XenbusStateInitWait;
	d->theirs = XenbusStateInitialising;
	d->retry = evtimer_new(env->base, on_retry, d);
	d->overdue = evtimer_new(env->base, on_overdue, d);
	d->answer = event_new(env->base, -1, 0, on_answer, d);
	d->reap = event_new(env->base, -1, 0, on_reap, d);
	if (!d->retry || !d->overdue || !d->answer || !d->reap)
		goto fail;
	return d;

fail:
	err_set(e, ENOMEM, "no memory for a device");
	device_scrap(d);
	return NULL;
}

int device_begin(struct device *d, struct device_list *list, struct err *e)
{
	snprintf(d->log_name, sizeof(d->log_name), "d%u/%s", d->domid, d->name);
	if (worker_start(d, e) < 0)
		return -e->code;
	LIST_INSERT_HEAD(list, d, link);
	return 0;
}

void device_scrap(struct device *d)
{
	if (!d)
		return;
	d->kind->close(d);
	xs_forget(d->fetch);
	xs_forget(d->write);
	xs_watch_free(d->watch);
	process_free(d->worker);
	if (d->retry)
		event_free(d->retry);
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

int device_listen(struct device *d, struct err *e)
{
	scoped_str path = text_format("%s/state", d->front);

	d->watch = path ? xs_watch_new(d->env->xs, path, on_frontend_changed, d)
			: NULL;
	if (!d->watch)
		return err_set(e, ENOMEM, "%s: no memory for a watch", d->name);
	return 0;
}

static void on_nodes_written(int rc, void *arg)
{
	struct device *d = arg;
	struct err e;

	d->write = NULL;
	if (rc < 0)
		err_errno(&e, -rc, "cannot write it into xenstore");
	if (rc < 0 || device_listen(d, &e) < 0) {
		device_fail(d, &e);
		return;
	}
	d->unwritten = false;
	if (d->phase != PHASE_STARTING)
		device_answer_ready(d, NULL);
}

int device_attach(struct device *d, device_cb *done, void *arg, struct err *e)
{
	struct xs_plan *plan = plan_new();

	d->unwritten = true;
	d->ready = done;
	d->ready_arg = arg;
	device_plan(d, plan);
	d->write = xs_apply(d->env->xs, plan, on_nodes_written, d);
	if (!d->write)
		return err_set(e, ENOMEM, "%s: no memory to attach it",
			       d->name);
	return 0;
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
	device_answer_detached(d, &e);
	device_step(d);
}
