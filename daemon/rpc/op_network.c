/* SPDX-License-Identifier: MIT */
/* network.list: what is known of vifs. */
#include "base/err.h"
#include "daemon/domain/domain.h"
#include "daemon/rpc/call.h"
#include "daemon/rpc/op.h"
#include "daemon/xnd.h"
#include "json/json.h"

static struct json *vif_json(const struct device *vif, bool figures)
{
	struct json *v = device_json(vif);

	if (figures)
		json_set(v, "figures", device_figures_json(vif));
	return v;
}

static struct json *vifs_json(const struct domain *d, const struct device *only,
			      bool figures)
{
	struct json *all = json_new_array();
	const struct device *v;

	for (v = LIST_FIRST(&d->devices); v; v = device_next(v))
		if (device_is_vif(v) && (!only || v == only))
			json_push(all, vif_json(v, figures));
	return all;
}

void op_network_list(struct xnd *x, struct call *c)
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
		only = op_vif(d, c, &e);
		if (!only)
			goto fail;
	}
	call_reply(c, vifs_json(d, only, figures));
	return;

fail:
	call_fail(c, &e);
}
