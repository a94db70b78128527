/* SPDX-License-Identifier: MIT */
/* domain.list and the short verbs on one domain. */
#include <errno.h>

#include "base/err.h"
#include "daemon/domain/create.h"
#include "daemon/domain/end.h"
#include "daemon/domain/list.h"
#include "daemon/rpc/call.h"
#include "daemon/rpc/op.h"
#include "daemon/xnd.h"
#include "daemon/xs/plan.h"
#include "daemon/xs/xs.h"
#include "json/json.h"

static void on_listed(struct json *list, const struct err *e, void *arg)
{
	if (list)
		call_reply(arg, list);
	else
		call_fail(arg, e);
}

void op_domain_list(struct xnd *x, struct call *c)
{
	static const char *const allowed[] = {"domain", "details", NULL};
	const char *only = NULL;
	bool details;
	char number[24];
	struct err e;

	if (op_params(c, allowed, &e) < 0 ||
	    op_flag(c, "details", &details, &e) < 0)
		goto fail;
	if (json_get(call_params(c), "domain")) {
		only = op_domain_text(c, number, &e);
		if (!only)
			goto fail;
	}
	if (list_domains(x, only, details, on_listed, c, &e) == 0)
		return;

fail:
	call_fail(c, &e);
}

static void on_ended(const struct err *e, void *arg)
{
	if (e)
		call_fail(arg, e);
	else
		call_reply_empty(arg);
}

/* The domain whatever it is doing: one that is being made can be ended too. */
static struct domain *any_domain(struct xnd *x, struct call *c, struct err *e)
{
	char number[24];
	const char *text = op_domain_text(c, number, e);
	struct domain *d = text ? domain_find(x, text) : NULL;

	return d ? d : op_domain(x, c, e);
}

void op_domain_destroy(struct xnd *x, struct call *c)
{
	static const char *const allowed[] = {"domain", NULL};
	struct domain *d = NULL;
	struct err e;

	if (op_params(c, allowed, &e) == 0)
		d = any_domain(x, c, &e);
	if (!d || domain_wait(d, on_ended, c, &e) < 0) {
		call_fail(c, &e);
		return;
	}
	d->restart = false;
	if (d->state == DOMAIN_MAKING) {
		err_set(&e, ECANCELED, "destroyed while it was made");
		domain_create_fail(d, &e);
	} else {
		domain_end(d);
	}
}

void op_domain_wait(struct xnd *x, struct call *c)
{
	static const char *const allowed[] = {"domain", NULL};
	struct domain *d = NULL;
	struct err e;

	if (op_params(c, allowed, &e) == 0)
		d = any_domain(x, c, &e);
	if (!d || domain_wait(d, on_ended, c, &e) < 0)
		call_fail(c, &e);
}

static void on_asked(int rc, void *arg)
{
	struct err e;

	if (rc == 0) {
		call_reply_empty(arg);
		return;
	}
	err_errno(&e, -rc, "cannot write its control/shutdown");
	call_fail(arg, &e);
}

static void ask(struct xnd *x, struct call *c, const char *what)
{
	struct domain *d = op_only_domain(x, c);
	struct xs_plan *plan;

	if (!d)
		return;
	plan = plan_new();
	plan_write(plan, what, "/local/domain/%u/control/shutdown", d->domid);
	if (!xs_apply(x->xs, plan, on_asked, c))
		on_asked(-ENOMEM, c);
}

void op_domain_shutdown(struct xnd *x, struct call *c)
{
	ask(x, c, "poweroff");
}

void op_domain_reboot(struct xnd *x, struct call *c)
{
	ask(x, c, "reboot");
}

static void set_paused(struct xnd *x, struct call *c,
		       int (*act)(xc_interface *xc, uint32_t domid))
{
	struct domain *d = op_only_domain(x, c);
	struct err e;

	if (!d)
		return;
	if (act(x->xc, d->domid) == 0) {
		call_reply_empty(c);
		return;
	}
	err_errno(&e, errno, "domain %s: Xen refuses", d->config.name);
	call_fail(c, &e);
}

void op_domain_pause(struct xnd *x, struct call *c)
{
	set_paused(x, c, xc_domain_pause);
}

void op_domain_unpause(struct xnd *x, struct call *c)
{
	set_paused(x, c, xc_domain_unpause);
}
