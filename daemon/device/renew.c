/* SPDX-License-Identifier: MIT */
/* The steps of a renewal, and what may come between them. */
#include "daemon/device/renew.h"

#include <errno.h>
#include <stdlib.h>
#include <event2/event.h>

#include "base/err.h"
#include "base/log.h"
#include "daemon/device/kind.h"
#include "daemon/xs/plan.h"

/* How often it is asked whether the last worker's I/O has ended. */
#define RENEW_MS 10

struct renewal {
	const struct renewal_ops *ops;
	void *change; /* owned */
	device_cb *done;
	void *arg;
	struct event *again;  /* owned */
	struct xs_job *write; /* the front end is being told */
	bool made;
};

void renewal_free(struct renewal *r)
{
	if (!r)
		return;
	xs_forget(r->write);
	if (r->again)
		event_free(r->again);
	r->ops->free(r->change);
	free(r);
}

void device_answer_renewal(struct device *d, const struct err *e)
{
	struct renewal *r = d->renewal;
	device_cb *done;
	void *arg;

	if (!r)
		return;
	done = r->done;
	arg = r->arg;
	d->renewal = NULL;
	renewal_free(r);
	done(e, arg);
}

void device_fail_renewal(struct device *d, const struct err *e)
{
	struct err why = *e;

	err_wrap(&why, "%s", d->name);
	device_answer_renewal(d, &why);
}

bool device_renewal_is_due(const struct device *d)
{
	return d->renewal && !d->renewal->made;
}

bool device_is_renewed(const struct device *d)
{
	return d->renewal && d->renewal->made;
}

static bool is_at_work(const struct device *d)
{
	return d->phase == PHASE_STARTED || d->phase == PHASE_SERVING ||
	       d->phase == PHASE_STOPPING;
}

/* True when it is made. False: it waits, or has been answered. */
static bool renewal_make(struct device *d, struct renewal *r)
{
	struct timeval soon = {0, RENEW_MS * 1000};
	struct err e;

	if (d->kind->lingers && d->kind->lingers(d)) {
		evtimer_add(r->again, &soon);
		return false;
	}
	if (r->ops->make(d, r->change, &e) == 0) {
		r->made = true;
		return true;
	}
	device_fail_renewal(d, &e);
	return false;
}

static void on_told(int rc, void *arg)
{
	struct device *d = arg;
	struct err e;

	d->renewal->write = NULL;
	if (rc < 0)
		err_errno(&e, -rc, "%s: changed, but cannot tell its guest",
			  d->name);
	device_answer_renewal(d, rc < 0 ? &e : NULL);
}

/* The same state once more, so that the front end's watch fires. */
static void renewal_tell(struct device *d, struct renewal *r)
{
	struct xs_plan *plan = plan_new();

	if (r->ops->plan)
		r->ops->plan(d, plan);
	if (d->generation && d->ours == XenbusStateConnected) {
		d->kind->plan_connected(d, plan);
		plan_write_u64(plan, d->ours, "%s/state", d->back);
	}
	r->write = xs_apply(d->env->xs, plan, on_told, d);
	if (!r->write)
		on_told(-ENOMEM, d);
}

void device_go_on_renewing(struct device *d)
{
	struct renewal *r = d->renewal;
	struct err e;

	if (!r || r->write)
		return;
	if (d->fate == FATE_REMOVE || d->fate == FATE_END) {
		err_set(&e, ECANCELED, "%s: is being removed", d->name);
		device_answer_renewal(d, &e);
	} else if (r->made) {
		if (!d->generation || d->phase == PHASE_SERVING)
			renewal_tell(d, r);
	} else if (!is_at_work(d) && renewal_make(d, r) && !d->generation) {
		renewal_tell(d, r);
	}
}

/* A successor that is up may have been waiting for the change. */
static void renewal_begin(struct device *d)
{
	device_go_on_renewing(d);
	if (d->generation && d->phase == PHASE_READY)
		device_revive(d);
}

static void on_again(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	renewal_begin(arg);
}

int device_check_renewable(const struct device *d, struct err *e)
{
	if (d->fate != FATE_STAY)
		return err_set(e, EBUSY, "%s: is being removed", d->name);
	if (d->unwritten || d->unopened)
		return err_set(e, EBUSY, "%s: is still being attached",
			       d->name);
	if (d->renewal)
		return err_set(e, EBUSY, "%s: is being changed already",
			       d->name);
	return 0;
}

int device_renew(struct device *d, const struct renewal_ops *ops, void *change,
		 device_cb *done, void *arg, struct err *e)
{
	struct renewal *r = NULL;

	if (device_check_renewable(d, e) < 0)
		goto fail;
	r = calloc(1, sizeof(*r));
	if (r)
		r->again = evtimer_new(d->env->base, on_again, d);
	if (!r || !r->again) {
		err_set(e, ENOMEM, "%s: no memory to change it", d->name);
		goto fail;
	}
	r->ops = ops;
	r->change = change;
	r->done = done;
	r->arg = arg;
	d->renewal = r;
	if (d->phase == PHASE_STARTED || d->phase == PHASE_SERVING)
		device_replace_worker(d);
	renewal_begin(d);
	return 0;

fail:
	free(r);
	ops->free(change);
	return -e->code;
}

bool device_undo_renewal(struct device *d, const struct err *e)
{
	struct renewal *r = d->renewal;
	struct err why = *e;

	if (!r || !r->made || r->write || d->phase != PHASE_STARTED ||
	    !r->ops->undo || !r->ops->undo(d, r->change))
		return false;
	log_error("%s: %s; going back to what was", d->log_name, why.text);
	err_wrap(&why, "%s: not changed", d->name);
	device_replace_worker(d);
	device_answer_renewal(d, &why);
	return true;
}
