/* SPDX-License-Identifier: MIT */
/* domain.create. */
#include "base/err.h"
#include "daemon/domain/create.h"
#include "daemon/rpc/call.h"
#include "daemon/rpc/op.h"
#include "daemon/xnd.h"
#include "json/json.h"

static void on_progress(const char *text, void *arg)
{
	call_progress(arg, text);
}

static void on_done(struct domain *d, const struct err *e, void *arg)
{
	struct call *c = arg;
	struct json *v;

	if (!d) {
		call_fail(c, e);
		return;
	}
	v = json_new_object();
	json_set_int(v, "domid", d->domid);
	json_set_string(v, "name", d->config.name);
	json_set_string(v, "uuid", d->config.uuid);
	call_reply(c, v);
}

static const struct creation_ops creation_ops = {on_progress, on_done};

/* The client vanishes during create: rolled back until unpause. */
static void on_gone(void *arg)
{
	domain_create_abandon(arg);
}

static void create_dry(struct xnd *x, struct call *c, const struct json *config)
{
	struct domain_config checked;
	struct json *v;
	struct err e;

	if (domain_create_dry(x, config, &checked, &e) < 0) {
		call_fail(c, &e);
		return;
	}
	v = json_new_object();
	json_set_string(v, "name", checked.name);
	json_set_string(v, "uuid", checked.uuid);
	domain_config_clear(&checked);
	call_reply(c, v);
}

void op_domain_create(struct xnd *x, struct call *c)
{
	static const char *const allowed[] = {"config", "paused", "dry_run",
					      NULL};
	const struct json *config = json_get(call_params(c), "config");
	bool dry_run, paused;
	struct domain *d;
	struct err e;

	if (op_params(c, allowed, &e) < 0 ||
	    op_flag(c, "dry_run", &dry_run, &e) < 0 ||
	    op_flag(c, "paused", &paused, &e) < 0) {
		call_fail(c, &e);
		return;
	}
	if (dry_run) {
		create_dry(x, c, config);
		return;
	}
	d = domain_create(x, config, paused, &creation_ops, c, &e);
	if (!d)
		call_fail(c, &e);
	else
		call_on_gone(c, on_gone, d);
}
