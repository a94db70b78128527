/* SPDX-License-Identifier: MIT */
/*
 * The end of a domain, its steps in order of time: stop it, let its workers
 * and its console finish, destroy it in Xen (xn-build: that takes long),
 * remove its nodes, tell those who wait. Each step is done whatever became of
 * the one before.
 */
#include "daemon/domain/end.h"

#include <errno.h>
#include <stdlib.h>

#include "base/log.h"
#include "daemon/domain/create.h"
#include "daemon/domain/nodes.h"
#include "daemon/host/record.h"
#include "daemon/worker/builders.h"
#include "daemon/worker/consoles.h"
#include "daemon/xnd.h"
#include "daemon/xs/plan.h"
#include "daemon/xs/xs.h"
#include "json/json.h"

#define DESTROY_TRIES 4
#define NODES_TRIES   4

static void note_trouble(struct domain *d, const struct err *e)
{
	log_error("%s: %s", d->log_name, e->text);
	if (!d->trouble.text[0])
		d->trouble = *e;
}

/* ---- 4. over ---- */

static void on_restarted(struct domain *d, const struct err *e, void *arg)
{
	(void)arg;
	/* create.c has logged what it failed at. */
	if (!e)
		log_info("%s: restarted", d->log_name);
}

static void on_restart_progress(const char *text, void *arg)
{
	(void)text;
	(void)arg;
}

static const struct creation_ops restart_ops = {
	.progress = on_restart_progress,
	.done = on_restarted,
};

static void end_done(struct domain *d)
{
	struct json *again = d->restart ? domain_config_json(&d->config) : NULL;
	struct xnd *x = d->xnd;
	struct domain_waiter *w;
	struct err e;

	log_info("%s: ended", d->log_name);
	if (!d->undestroyed)
		record_remove(x->records, d->config.uuid);
	while ((w = LIST_FIRST(&d->waiters))) {
		LIST_REMOVE(w, link);
		w->cb(d->trouble.text[0] ? &d->trouble : NULL, w->arg);
		free(w);
	}
	if (d->creation)
		domain_create_undone(d);
	domain_free(d);
	if (again && !domain_create(x, again, false, &restart_ops, NULL, &e))
		log_error("%s: cannot be restarted: %s",
			  json_get_string(again, "name"), e.text);
	json_free(again);
}

/* ---- 3. out of xenstore ---- */

static void end_nodes(struct domain *d);

static void on_nodes_removed(int rc, void *arg)
{
	struct domain *d = arg;
	struct err e;

	d->job = NULL;
	if (rc < 0 && ++d->nodes_tries < NODES_TRIES) {
		end_nodes(d);
		return;
	}
	if (rc < 0) {
		err_errno(&e, -rc, "its nodes stay in xenstore");
		note_trouble(d, &e);
	}
	end_done(d);
}

static void end_nodes(struct domain *d)
{
	struct xs_plan *plan = plan_new();

	nodes_plan_rm(d->domid, d->config.uuid, plan);
	d->job = xs_apply(d->xnd->xs, plan, on_nodes_removed, d);
	if (!d->job)
		on_nodes_removed(-ENOMEM, d);
}

/* ---- 2. destroyed ---- */

static void end_destroy(struct domain *d);

static void on_destroyed(const union msg *m, const struct err *why, void *arg)
{
	struct domain *d = arg;

	(void)m;
	/* Whatever it was, Xen may still have the domain. */
	if (why && why->code != ESRCH && ++d->destroy_tries < DESTROY_TRIES) {
		log_warn("%s: %s; tried again", d->log_name, why->text);
		end_destroy(d);
		return;
	}
	/* Somebody else may have destroyed it. */
	if (why && why->code != ESRCH) {
		d->undestroyed = true;
		note_trouble(d, why);
	}
	end_nodes(d);
}

static void end_destroy(struct domain *d)
{
	union msg m;
	struct err e;

	msg_init(&m, MSG_DESTROY);
	m.plain.domid = d->domid;
	if (builders_request(d->xnd->builders, &m, NULL, 0, on_destroyed, d,
			     &e) < 0)
		on_destroyed(NULL, &e, d);
}

/* ---- 1. nobody holds its memory ---- */

static void end_next(struct domain *d)
{
	if (d->console || !LIST_EMPTY(&d->devices))
		return;
	if (d->domid)
		end_destroy(d);
	else
		end_done(d);
}

static void on_device_gone(void *arg)
{
	end_next(arg);
}

static void on_console_removed(void *arg)
{
	struct domain *d = arg;

	d->console = NULL;
	end_next(d);
}

void domain_end(struct domain *d)
{
	struct device *v;
	struct device *next;

	if (d->state == DOMAIN_ENDING)
		return;
	d->state = DOMAIN_ENDING;
	xs_forget(d->job);
	d->job = NULL;
	/* Fails when it is gone already, which is as well. */
	if (d->domid)
		xc_domain_pause(d->xnd->xc, d->domid);
	for (v = LIST_FIRST(&d->devices); v; v = next) {
		next = device_next(v);
		/* A creation is told as a whole; an attach by its device. */
		if (d->creation)
			device_forget_ready(v);
		device_on_gone(v, on_device_gone, d);
		device_end(v);
	}
	if (!console_remove(d->console, on_console_removed, d))
		d->console = NULL;
	end_next(d);
}
