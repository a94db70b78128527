/* SPDX-License-Identifier: MIT */
/* network.set: what may change of a vif in use. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "daemon/domain/check.h"
#include "daemon/domain/domain.h"
#include "daemon/rpc/call.h"
#include "daemon/rpc/op.h"
#include "daemon/xnd.h"
#include "json/json.h"

/* A change under way. The domain may end in the middle of it. */
struct change {
	struct xnd *x;
	struct call *call;
	uint32_t domid;
	uint32_t devid;
	struct vif_config to;
	bool rate, carrier; /* of it, these are asked for */
};

static bool is_given(const struct call *c, const char *key)
{
	return json_get(call_params(c), key) != NULL;
}

/*
 * The members that are given, as those of a vif; that it is routed, unless a
 * bridge says that it is to be no more; and that frames of its go directly,
 * which not every place allows. NULL when memory is out.
 */
static struct json *given(const struct call *c, const struct vif_config *now)
{
	static const char *const keys[] = {"rate", "bridge", "vlan", "carrier"};
	struct json *v = json_new_object();
	bool ok = v != NULL;
	size_t i;

	for (i = 0; ok && i < sizeof(keys) / sizeof(keys[0]); i++)
		if (is_given(c, keys[i]))
			ok = json_set(
				v, keys[i],
				json_copy(json_get(call_params(c), keys[i])));
	if (ok && now->gatewaydev[0] && !is_given(c, "bridge"))
		ok = json_set_string(v, "gatewaydev", now->gatewaydev);
	if (ok && now->direct)
		ok = json_set_bool(v, "direct", true);
	if (ok)
		return v;
	json_free(v);
	return NULL;
}

/* *to is the vif as it is, but for what is given. */
static int read_change(const struct call *c, const struct vif_config *now,
		       struct vif_config *to, struct err *e)
{
	struct vif_config wanted;
	struct json *v;
	int rc;

	if (!is_given(c, "rate") && !is_given(c, "bridge") &&
	    !is_given(c, "vlan") && !is_given(c, "carrier"))
		return err_set(e, EINVAL,
			       "params: none of rate, bridge, vlan and carrier "
			       "is given");
	v = given(c, now);
	if (!v)
		return err_set(e, ENOMEM, "no memory to change a vif");
	rc = vif_config_read(&wanted, v, now->bridge, "params", e);
	json_free(v);
	if (rc < 0)
		return rc;
	*to = *now;
	memcpy(to->bridge, wanted.bridge, sizeof(to->bridge));
	memcpy(to->gatewaydev, wanted.gatewaydev, sizeof(to->gatewaydev));
	if (is_given(c, "rate"))
		to->rate = wanted.rate;
	if (is_given(c, "vlan"))
		to->vlans = wanted.vlans;
	if (is_given(c, "carrier"))
		to->carrier_down = wanted.carrier_down;
	return 0;
}

static bool is_elsewhere(const struct vif_config *a, const struct vif_config *b)
{
	return strcmp(a->bridge, b->bridge) != 0 ||
	       strcmp(a->gatewaydev, b->gatewaydev) != 0 ||
	       memcmp(&a->vlans, &b->vlans, sizeof(a->vlans)) != 0;
}

/* What a restart is to find. */
static void keep(const struct change *g, const struct device *v)
{
	struct domain *d = domain_find_domid(g->x, g->domid);

	domain_config_set_vif(&d->config, device_vif(v));
}

static struct json *set_json(const struct device *v)
{
	struct json *all = device_json(v);
	struct json *shown = json_new_object();
	static const char *const keys[] = {"devid",  "mac",	"vifname",
					   "bridge", "vlan",	"gatewaydev",
					   "rate",   "carrier", "direct"};
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (json_get(all, keys[i]))
			json_set(shown, keys[i],
				 json_copy(json_get(all, keys[i])));
	json_free(all);
	return shown;
}

/*
 * What takes no time. The rest of what it was may have changed while it was
 * moved, and stays.
 */
static int set_rest(const struct change *g, struct device *v, struct err *e)
{
	const struct vif_config *now = device_vif(v);
	const struct vif_config *to = &g->to;

	if (g->rate &&
	    (now->rate.bytes != to->rate.bytes ||
	     now->rate.interval != to->rate.interval) &&
	    device_set_rate(v, &to->rate, e) < 0)
		return -e->code;
	if (g->carrier && now->carrier_down != to->carrier_down)
		return device_set_carrier(v, !to->carrier_down, e);
	return 0;
}

static void on_placed(const struct err *e, void *arg)
{
	struct change *g = arg;
	struct domain *d = domain_find_domid(g->x, g->domid);
	struct device *v = d ? domain_find_vif(d, g->devid) : NULL;
	struct err gone;

	if (!v) {
		err_set(&gone, ENODEV, "vif %u: is gone", g->devid);
		e = e ? e : &gone;
	}
	if (!e && set_rest(g, v, &gone) < 0)
		e = &gone;
	if (v)
		keep(g, v);
	if (e)
		call_fail(g->call, e);
	else
		call_reply(g->call, set_json(v));
	free(g);
}

/* The place comes first: only that is likely to fail. */
static int begin(struct change *g, struct xnd *x, struct device *v,
		 struct err *e)
{
	const struct vif_config *now = device_vif(v);

	if (!is_elsewhere(now, &g->to)) {
		on_placed(NULL, g);
		return 0;
	}
	if (now->script[0])
		return err_set(e, ENOTSUP,
			       "vif %u: its script has put it where it is, "
			       "and knows no other place",
			       g->devid);
	if (domain_check_place(x, &g->to, "params", e) < 0)
		return -e->code;
	return device_move_vif(v, &g->to, on_placed, g, e);
}

void op_network_set(struct xnd *x, struct call *c)
{
	static const char *const allowed[] = {
		"domain", "device", "rate", "bridge", "vlan", "carrier", NULL};
	struct change *g = NULL;
	struct device *v = NULL;
	struct domain *d = NULL;
	struct vif_config to;
	struct err e;

	if (op_params(c, allowed, &e) == 0)
		d = op_domain(x, c, &e);
	if (d)
		v = op_vif(d, c, &e);
	if (!v || read_change(c, device_vif(v), &to, &e) < 0)
		goto fail;
	g = calloc(1, sizeof(*g));
	if (!g) {
		err_set(&e, ENOMEM, "no memory to change a vif");
		goto fail;
	}
	*g = (struct change){
		.x = x,
		.call = c,
		.domid = d->domid,
		.devid = device_devid(v),
		.to = to,
		.rate = is_given(c, "rate"),
		.carrier = is_given(c, "carrier"),
	};
	if (begin(g, x, v, &e) == 0)
		return;

fail:
	free(g);
	call_fail(c, &e);
}
