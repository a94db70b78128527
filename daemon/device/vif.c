/* SPDX-License-Identifier: MIT */
/* Network interfaces: a tap in a bridge, served by xn-net over netif rings. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/scope.h"
#include "chan/net_figures.h"
#include "daemon/device/kind.h"
#include "daemon/device/script_life.h"
#include "daemon/device/vif.h"
#include "daemon/device/vif_front.h"
#include "daemon/device/vif_place.h"
#include "daemon/device/vif_script.h"
#include "daemon/device/vif_terms.h"
#include "daemon/host/figures.h"
#include "daemon/host/journals.h"
#include "daemon/host/mac.h"
#include "daemon/host/qdisc.h"
#include "daemon/host/tap.h"
#include "daemon/xs/plan.h"
#include "daemon/xs/xs.h"
#include "json/json.h"

static const char *vif_shares(const struct device *d)
{
	const struct vif_config *c = &d->u.vif.config;

	return c->direct ? c->bridge : NULL;
}

static void vif_plan(const struct device *d, struct xs_plan *plan)
{
	const struct vif_config *c = &d->u.vif.config;
	const uint32_t mtu = vif_place_mtu(d);
	char mac[MAC_TEXT_BYTES];

	mac_print(c->mac, mac);
	plan_write(plan, mac, "%s/mac", d->back);
	plan_write_u64(plan, d->devid, "%s/handle", d->back);
	plan_write(plan, c->bridge, "%s/bridge", d->back);
	if (d->u.vif.script)
		vif_script_plan(d, plan);
	else
		plan_write(plan, d->u.vif.ifname, "%s/vifname", d->back);
	plan_write(plan, "vif", "%s/type", d->back);
	plan_write_u64(plan, !c->carrier_down, "%s/carrier", d->back);
	if (c->gatewaydev[0] && !d->u.vif.script)
		plan_write(plan, c->gatewaydev, "%s/gatewaydev", d->back);
	plan_write(plan, "1", "%s/feature-sg", d->back);
	plan_write(plan, "1", "%s/feature-rx-copy", d->back);
	plan_write(plan, "0", "%s/feature-rx-flip", d->back);
	plan_write(plan, "1", "%s/feature-split-event-channels", d->back);
	plan_write(plan, "1", "%s/feature-ipv6-csum-offload", d->back);
	plan_write(plan, "1", "%s/feature-gso-tcpv4", d->back);
	plan_write(plan, "1", "%s/feature-gso-tcpv6", d->back);
	plan_write(plan, "1", "%s/feature-xdp-headroom", d->back);
	plan_write(plan, "1", "%s/feature-multicast-control", d->back);
	plan_write(plan, "1", "%s/feature-dynamic-multicast-control", d->back);
	plan_write(plan, "1", "%s/feature-ctrl-ring", d->back);
	plan_write_u64(plan, d->queues, "%s/multi-queue-max-queues", d->back);
	plan_write(plan, mac, "%s/mac", d->front);
	plan_write_u64(plan, d->devid, "%s/handle", d->front);
	plan_write_u64(plan, !c->untrusted, "%s/trusted", d->front);
	if (mtu)
		plan_write_u64(plan, mtu, "%s/mtu", d->front);
}

static void vif_plan_connected(const struct device *d, struct xs_plan *plan)
{
	plan_write(plan, "connected", "%s/hotplug-status", d->back);
}

static bool vif_more_keys(const struct device *d, const struct xs_values *v,
			  struct xs_values *more)
{
	return vif_front_more(v, d->front, d->queues, more);
}

static int vif_make_journal(struct device *d, struct err *e)
{
	const struct journal_owner owner = {d->uuid, d->domid, d->devid};

	fd_drop(&d->u.vif.journal);
	d->u.vif.journal = journals_make(d->env->journals, &owner,
					 MSG_NET_JOURNAL_BYTES, e);
	return d->u.vif.journal < 0 ? -e->code : 0;
}

static void vif_close_queues(struct device *d)
{
	unsigned int i;

	for (i = 1; i < MSG_NET_QUEUES_MAX; i++)
		fd_drop(&d->u.vif.taps[i]);
}

/* As many as will be served, and no more: see tap_open_queue. */
static int vif_open_queues(struct device *d, uint32_t n, struct err *e)
{
	uint32_t i;

	vif_close_queues(d);
	for (i = 1; i < n; i++) {
		d->u.vif.taps[i] = tap_open_queue(d->u.vif.taps[0], e);
		if (d->u.vif.taps[i] < 0)
			return -e->code;
	}
	return 0;
}

/* In the order of the message's descriptors. */
enum { FD_JOURNAL, FD_FIGURES, FD_TAPS };

static int vif_pass(int from, int *to, struct err *e)
{
	*to = fcntl(from, F_DUPFD_CLOEXEC, 3);
	return *to < 0 ? err_errno(e, errno, "cannot pass its tap on") : 0;
}

/* What differs from worker to worker of one connection. */
static int vif_complete(struct device *d, union msg *m, int *fds, struct err *e)
{
	uint32_t i;

	m->net_start.generation = d->generation + 1;
	if (vif_pass(d->u.vif.journal, &fds[FD_JOURNAL], e) < 0 ||
	    vif_pass(d->u.vif.figures, &fds[FD_FIGURES], e) < 0)
		return -e->code;
	for (i = 0; i < m->net_start.n_queues; i++)
		if (vif_pass(d->u.vif.taps[i], &fds[FD_TAPS + i], e) < 0)
			return -e->code;
	return 0;
}

static int vif_start(struct device *d, const struct xs_values *v, union msg *m,
		     int *fds, struct err *e)
{
	struct msg_net_start *start = &m->net_start;

	msg_init(m, MSG_NET_START);
	if (vif_front_read(v, d->queues, start, e) < 0)
		return -e->code;
	start->domid = d->domid;
	start->devid = d->devid;
	vif_wishes_take(d, v);
	if (vif_make_journal(d, e) < 0 ||
	    vif_open_queues(d, start->n_queues, e) < 0)
		return -e->code;
	d->u.vif.start = *start;
	return vif_complete(d, m, fds, e);
}

static int vif_resume(struct device *d, union msg *m, int *fds, struct err *e)
{
	msg_init(m, MSG_NET_START);
	m->net_start = d->u.vif.start;
	return vif_complete(d, m, fds, e);
}

static int vif_reconfigure(struct device *d, const struct xs_values *v,
			   struct err *e)
{
	return vif_wishes_take(d, v) ? vif_terms_changed(d, e) : 0;
}

static void vif_worker_gone(struct device *d)
{
	d->u.vif.wishes.told = false;
}

static void vif_forget(struct device *d)
{
	const struct journal_owner owner = {d->uuid, d->domid, d->devid};

	vif_close_queues(d);
	if (d->u.vif.journal < 0)
		return;
	fd_drop(&d->u.vif.journal);
	journals_remove(d->env->journals, &owner);
}

static void vif_written(struct device *d)
{
	vif_wishes_watch(d);
	vif_place_say_mtu(d);
	script_life_begin(d->u.vif.script);
}

static bool vif_undone(struct device *d)
{
	vif_wishes_unwatch(d);
	return script_life_undone(d->u.vif.script) && vif_place_left(d);
}

static struct json *vif_json(const struct device *d)
{
	struct json *v = vif_config_json(&d->u.vif.config);

	json_set_string(v, "vifname", d->u.vif.ifname);
	return v;
}

static void vif_close(struct device *d)
{
	vif_wishes_unwatch(d);
	script_life_free(d->u.vif.script);
	d->u.vif.script = NULL;
	vif_place_free(d);
	vif_forget(d);
	/* The worker's end is closed already, so the interface goes. */
	fd_drop(&d->u.vif.taps[0]);
	fd_drop(&d->u.vif.figures);
}

const struct device_kind device_kind_vif = {
	.frontend = "vif",
	.backend = "xnnet",
	.program = "xn-net",
	.serving = MSG_NET_SERVING,
	.shares = vif_shares,
	.plan = vif_plan,
	.keys = vif_front_keys,
	.more_keys = vif_more_keys,
	.start = vif_start,
	.resume = vif_resume,
	.say_terms = vif_terms_send,
	.reconfigure = vif_reconfigure,
	.forget = vif_forget,
	.worker_gone = vif_worker_gone,
	.plan_connected = vif_plan_connected,
	.json = vif_json,
	.figures = vif_figures_json,
	.written = vif_written,
	.undone = vif_undone,
	.close = vif_close,
};

/* Makes the tap and puts it where it belongs. */
static int vif_open_tap(struct device *d, struct err *e)
{
	const struct vif_config *c = &d->u.vif.config;
	int *tap = &d->u.vif.taps[0];

	*tap = d->queues > 1 ? tap_open_first(d->u.vif.ifname, e)
			     : tap_open(d->u.vif.ifname, e);
	if (*tap < 0)
		return -e->code;
	/* It works with one as well. */
	if (qdisc_remove(d->u.vif.ifname, e) < 0)
		log_warn("d%u: %s", d->domid, e->text);
	if (c->carrier_down && tap_set_carrier(*tap, false, e) < 0)
		return -e->code;
	return c->script[0] ? vif_script_new(d, e) : vif_place_join(d, e);
}

struct device *device_new_vif(const struct device_env *env,
			      struct device_list *list,
			      const struct device_owner *owner,
			      const struct vif_config *config, struct err *e)
{
	struct device *d =
		device_alloc(env, &device_kind_vif, owner, config->devid, e);
	unsigned int i;

	if (!d)
		return NULL;
	/* More than it has vCPUs would be of no use to it. */
	d->queues =
		owner->vcpus < env->vif_queues ? owner->vcpus : env->vif_queues;
	for (i = 0; i < MSG_NET_QUEUES_MAX; i++)
		d->u.vif.taps[i] = -1;
	d->u.vif.journal = -1;
	d->u.vif.figures = -1;
	d->u.vif.config = *config;
	if (config->vifname[0])
		strcpy(d->u.vif.ifname, config->vifname);
	else
		snprintf(d->u.vif.ifname, sizeof(d->u.vif.ifname), "vif%u.%u",
			 owner->domid & 0xffff, config->devid & 0xff);
	strcpy(d->name, d->u.vif.ifname);
	if (vif_open_tap(d, e) < 0) {
		err_wrap(e, "vif %u", config->devid);
		goto fail;
	}
	d->u.vif.figures =
		figures_make(MSG_NET_QUEUES_MAX, sizeof(struct net_figures), e);
	if (d->u.vif.figures < 0 || device_begin(d, list, e) < 0)
		goto fail;
	return d;

fail:
	device_scrap(d);
	return NULL;
}
