/* SPDX-License-Identifier: MIT */
/* block.list and network.list: what is known of a domain's devices of a kind. */
#include "base/err.h"
#include "daemon/domain/domain.h"
#include "daemon/rpc/call.h"
#include "daemon/rpc/op.h"
#include "daemon/xnd.h"
#include "json/json.h"

/* What the two differ in. */
struct kind {
	bool (*is_one)(const struct device *v);
	struct device *(*find)(struct domain *d, const struct call *c,
			       struct err *e);
};

static struct json *shown(const struct device *v, bool figures)
{
	struct json *j = device_json(v);

	if (figures)
		json_set(j, "figures", device_figures_json(v));
	return j;
}

static struct json *all_shown(const struct domain *d, const struct kind *kind,
			      const struct device *only, bool figures)
{
	struct json *all = json_new_array();
	const struct device *v;

	for (v = LIST_FIRST(&d->devices); v; v = device_next(v))
		if (kind->is_one(v) && (!only || v == only))
			json_push(all, shown(v, figures));
	return all;
}

static void list(struct xnd *x, struct call *c, const struct kind *kind)
{
	static const char *const allowed[] = {"domain", "device", "figures",
					      NULL};
	const struct device *only = NULL;
	struct domain *d = NULL;
	bool figures = false;
	struct err e;

	if (op_params(c, allowed, &e) < 0 ||
	    op_flag(c, "figures", &figures, &e) < 0)
		goto fail;
	d = op_domain(x, c, &e);
	if (!d)
		goto fail;
	if (json_get(call_params(c), "device")) {
		only = kind->find(d, c, &e);
		if (!only)
			goto fail;
	}
	call_reply(c, all_shown(d, kind, only, figures));
	return;

fail:
	call_fail(c, &e);
}

void op_block_list(struct xnd *x, struct call *c)
{
	static const struct kind disks = {device_is_vbd, op_disk};

	list(x, c, &disks);
}

void op_network_list(struct xnd *x, struct call *c)
{
	static const struct kind vifs = {device_is_vif, op_vif};

	list(x, c, &vifs);
}
