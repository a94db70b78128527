/* SPDX-License-Identifier: MIT */
/*
 * A device's handshake with its front end. One function, device_step, looks
 * at where things stand and takes the next step; every callback ends in it.
 */
#include <errno.h>
#include <stdio.h>
#include <event2/event.h>

#include "base/log.h"
#include "base/scope.h"
#include "base/text.h"
#include "daemon/device/bus.h"
#include "daemon/device/kind.h"
#include "daemon/device/renew.h"
#include "daemon/xs/plan.h"
#include "daemon/xs/xs.h"

#define RETRY_MS 50

static void device_retry_soon(struct device *d)
{
	struct timeval soon = {0, RETRY_MS * 1000};

	evtimer_add(d->retry, &soon);
}

/* Adds our state to plan. The other end waits for it: it must be told. */
static void device_say_state(struct device *d, struct xs_plan *plan)
{
	plan_write_u64(plan, d->ours, "%s/state", d->back);
	d->unsaid = !xs_apply(d->env->xs, plan, NULL, NULL);
	if (d->unsaid) {
		log_error("%s: no memory to write its state", d->log_name);
		device_retry_soon(d);
	}
}

void device_set_state(struct device *d, enum xenbus_state state,
		      struct xs_plan *plan)
{
	if (log_allowed(&d->limit))
		log_info("%s: %s -> %s (front end %s)", d->log_name,
			 bus_state_name(d->ours), bus_state_name(state),
			 bus_state_name(d->theirs));
	d->ours = state;
	device_say_state(d, plan);
}

void device_say_again(struct device *d)
{
	struct xs_plan *plan;

	if (!d->unsaid)
		return;
	plan = plan_new();
	if (d->ours == XenbusStateConnected)
		d->kind->plan_connected(d, plan);
	if (d->fate == FATE_DETACH)
		plan_write(plan, "0", "%s/online", d->back);
	device_say_state(d, plan);
}

void device_answer_ready(struct device *d, const struct err *e)
{
	device_cb *ready = d->ready;

	d->ready = NULL;
	if (ready)
		ready(e, d->ready_arg);
}

void device_answer_detached(struct device *d, const struct err *e)
{
	device_cb *detached = d->detached;

	d->detached = NULL;
	evtimer_del(d->overdue);
	if (detached)
		detached(e, d->detached_arg);
}

void device_fail(struct device *d, const struct err *e)
{
	if (log_allowed(&d->failures))
		log_error("%s: %s", d->log_name, e->text);
	d->failure = *e;
	if ((d->fate == FATE_STAY || d->fate == FATE_DETACH) &&
	    (d->ours == XenbusStateConnected ||
	     d->ours == XenbusStateReconfigured ||
	     d->ours == XenbusStateInitWait))
		device_set_state(d, XenbusStateClosing, plan_new());
	/* Last: whoever hears it may queue the removal of that node. */
	device_answer_ready(d, e);
	device_fail_renewal(d, e);
}

static void device_look(struct device *d);

static void on_keys(const struct xs_values *v, void *arg)
{
	int fds[DEVICE_FDS] = {[0 ... DEVICE_FDS - 1] = -1};
	struct device *d = arg;
	struct err e;
	union msg m;
	int rc;

	d->fetch = NULL;
	if (d->look_again) {
		/* It has changed while its keys were read. */
		d->look_again = false;
		device_look(d);
		return;
	}
	if (d->phase != PHASE_READY || d->generation || d->fate != FATE_STAY) {
		device_step(d);
		return;
	}
	if (device_ask_more(d, v, on_keys)) {
		if (!d->fetch)
			device_retry_soon(d);
		return;
	}
	rc = d->kind->start(d, v, &m, fds, &e);
	if (rc == 0)
		rc = device_send_start(d, &m, fds, &e);
	else
		device_close_fds(fds);
	if (rc == -EAGAIN) {
		device_retry_soon(d);
		return;
	}
	if (rc < 0 && shortage_is(-rc)) {
		device_lacks(d, &e);
		return;
	}
	if (rc < 0)
		device_fail(d, &e);
	else
		d->failure.text[0] = '\0';
	device_step(d);
}

/*
 * There may be no worker: a front end that closed, and thought better of it
 * before the worker that it had was gone.
 */
static void device_connect(struct device *d)
{
	struct err e;

	if (d->generation || d->fetch || d->unopened ||
	    evtimer_pending(d->retry, NULL))
		return;
	if (d->phase == PHASE_NONE && d->fate == FATE_STAY &&
	    !evtimer_pending(d->revive, NULL)) {
		if (device_start_worker(d, &e) < 0)
			device_lacks(d, &e);
		return;
	}
	if (d->phase != PHASE_READY)
		return;
	device_ask(d, on_keys);
	if (!d->fetch)
		device_retry_soon(d);
}

static void on_terms(const struct xs_values *v, void *arg)
{
	struct device *d = arg;
	struct err e;

	d->fetch = NULL;
	if (d->look_again) {
		d->look_again = false;
		device_look(d);
		return;
	}
	if (d->fate == FATE_STAY &&
	    bus_next(d->ours, d->theirs) == BUS_RECONFIGURE) {
		if (d->kind->reconfigure(d, v, &e) < 0)
			device_fail(d, &e);
		else
			device_set_state(d, XenbusStateReconfigured,
					 plan_new());
	}
	device_step(d);
}

static void device_reconfigure(struct device *d)
{
	if (!d->kind->reconfigure || d->fetch)
		return;
	device_ask(d, on_terms);
	if (!d->fetch)
		device_retry_soon(d);
}

/* The front end waits, and writes nothing more: it is for us to try again. */
static void device_reopen(struct device *d)
{
	struct err e;

	if (d->phase == PHASE_NONE && device_start_worker(d, &e) < 0) {
		device_give_up(d, &e);
		return;
	}
	d->failure.text[0] = '\0';
	device_set_state(d, XenbusStateInitWait, plan_new());
	device_step(d);
}

/* ---- the end ---- */

static void on_nodes_removed(int rc, void *arg)
{
	struct device *d = arg;
	struct err gone;
	struct err e;

	d->write = NULL;
	evtimer_del(d->retry);
	if (rc < 0)
		err_errno(&e, -rc, "%s: its nodes stay in xenstore", d->name);
	if (d->env->left)
		d->env->left(d, d->env->left_arg);
	d->kind->close(d);
	/* Somebody may still be waiting for it to have come. */
	err_set(&gone, ECANCELED, "%s: was detached meanwhile", d->name);
	device_answer_ready(d, &gone);
	device_answer_renewal(d, &gone);
	device_answer_detached(d, rc < 0 ? &e : NULL);
	event_active(d->reap, EV_TIMEOUT, 0);
}

static bool device_is_undone(struct device *d)
{
	return !d->kind->undone || d->kind->undone(d);
}

static void device_remove_nodes(struct device *d)
{
	struct xs_plan *plan = plan_new();

	xs_watch_free(d->watch);
	d->watch = NULL;
	plan_rm(plan, "%s", d->back);
	plan_rm(plan, "%s", d->front);
	d->write = xs_apply(d->env->xs, plan, on_nodes_removed, d);
	/* Whoever waits is told when it is overdue. */
	if (!d->write)
		device_retry_soon(d);
}

/* ---- the next step ---- */

bool device_is_ready(const struct device *d)
{
	return !device_is_coming(d) && !d->unwritten && !d->unopened;
}

bool device_is_free(const struct device *d)
{
	return d->ours == XenbusStateClosed ||
	       ((d->phase == PHASE_NONE || device_is_coming(d) ||
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
		/*
		 * Unmapped before we say Closed (XSA-396). A worker that has
		 * not been given a ring may stay.
		 */
		d->closing = true;
		if (device_is_coming(d) || d->phase == PHASE_READY ||
		    device_worker_is_stopped(d)) {
			d->closing = false;
			device_forget_connection(d);
			device_set_state(d, XenbusStateClosed, plan_new());
			device_step(d);
		}
		break;
	case BUS_REOPEN:
		if (d->fate == FATE_STAY && !evtimer_pending(d->retry, NULL))
			device_reopen(d);
		break;
	case BUS_RECONFIGURE:
		device_reconfigure(d);
		break;
	case BUS_GO_ON:
		device_set_state(d, XenbusStateConnected, plan_new());
		break;
	}
}

void device_step(struct device *d)
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
		__attribute__((fallthrough));
	case FATE_REMOVE:
		if (!d->write && device_is_over(d) && device_is_undone(d))
			device_remove_nodes(d);
		break;
	case FATE_END:
		if (device_is_over(d) && device_is_undone(d)) {
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

void device_remove_again(struct device *d)
{
	if (d->fate == FATE_REMOVE)
		device_step(d);
}

void device_frontend_changed(void *arg)
{
	struct device *d = arg;

	if (d->fate != FATE_END && d->fate != FATE_REMOVE)
		device_look(d);
}

int device_listen(struct device *d, struct err *e)
{
	scoped_str path = text_format("%s/state", d->front);

	d->watch = path ? xs_watch_new(d->env->xs, path,
				       device_frontend_changed, d)
			: NULL;
	if (!d->watch)
		return err_set(e, ENOMEM, "%s: no memory for a watch", d->name);
	if (d->kind->written)
		d->kind->written(d);
	return 0;
}
