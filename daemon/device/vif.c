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
#include "daemon/host/figures.h"
#include "daemon/host/journals.h"
#include "daemon/host/link.h"
#include "daemon/host/mac.h"
#include "daemon/host/tap.h"
#include "daemon/xs/plan.h"
#include "daemon/xs/xs.h"
#include "json/json.h"

static void vif_plan(const struct device *d, struct xs_plan *plan)
{
	const struct vif_config *c = &d->u.vif.config;
	char mac[MAC_TEXT_BYTES];
	mac_print(c->mac, mac);
	plan_write(plan, mac, "%s/mac", d->back);
	plan_write_u64(plan, d->devid, "%s/handle", d->back);
	plan_write(plan, c->bridge, "%s/bridge", d->back);
	plan_write(plan, d->u.vif.ifname, "%s/vifname", d->back);
	plan_write(plan, "vif", "%s/type", d->back);
	plan_write(plan, "1", "%s/feature-sg", d->back);
	plan_write(plan, "1", "%s/feature-rx-copy", d->back);
	plan_write(plan, "0", "%s/feature-rx-flip", d->back);
	plan_write(plan, "1", "%s/feature-split-event-channels", d->back);
	plan_write(plan, "1", "%s/feature-ipv6-csum-offload", d->back);
	plan_write(plan, mac, "%s/mac", d->front);
	plan_write_u64(plan, d->devid, "%s/handle", d->front);
	if (c->mtu)
		plan_write_u64(plan, c->mtu, "%s/mtu", d->front);
}

static void vif_plan_connected(const struct device *d, struct xs_plan *plan)
{
	plan_write(plan, "connected", "%s/hotplug-status", d->back);
}

static const char *const vif_keys[] = {
	"tx-ring-ref",
	"rx-ring-ref",
	"event-channel",
	"event-channel-tx",
	"event-channel-rx",
	"request-rx-copy",
	"multi-queue-num-queues",
	"feature-sg",
	"feature-no-csum-offload",
	"feature-ipv6-csum-offload",
	"feature-rx-notify",
	NULL,
};

static uint32_t flag(const struct xs_values *v, const char *key, uint32_t bit)
{
	uint32_t on = 0;

	values_u32(v, key, 1, &on);
	return on ? bit : 0;
}

static int vif_make_journal(struct device *d, struct err *e)
{
	const struct journal_owner owner = {d->uuid, d->domid, d->devid};

	fd_drop(&d->u.vif.journal);
	d->u.vif.journal = journals_make(d->env->journals, &owner,
					 MSG_NET_JOURNAL_BYTES, e);
	return d->u.vif.journal < 0 ? -e->code : 0;
}

static int vif_start(struct device *d, const struct xs_values *v, union msg *m,
		     int *fds, struct err *e)
{
	struct msg_net_start *start = &m->net_start;
	struct msg_net_queue *q = &start->queues[0];
	uint32_t queues = 0;

	msg_init(m, MSG_NET_START);
	if (!flag(v, "request-rx-copy", 1))
		return err_set(e, EPROTO,
			       "request-rx-copy: the front end wants its pages "
			       "flipped; only copying is offered");
	if (values_u32(v, "multi-queue-num-queues", UINT32_MAX, &queues) !=
		    -ENOENT &&
	    queues != 1)
		return err_set(e, EPROTO,
			       "multi-queue-num-queues: the front end has "
			       "several queues, which was not offered");
	if (values_need_u32(v, "tx-ring-ref", &q->tx_ring_ref, e) < 0 ||
	    values_need_u32(v, "rx-ring-ref", &q->rx_ring_ref, e) < 0)
		return -e->code;
	if (values_get(v, "event-channel-tx")) {
		if (values_need_u32(v, "event-channel-tx", &q->tx_port, e) <
			    0 ||
		    values_need_u32(v, "event-channel-rx", &q->rx_port, e) < 0)
			return -e->code;
	} else {
		if (values_need_u32(v, "event-channel", &q->tx_port, e) < 0)
			return -e->code;
		q->rx_port = q->tx_port;
	}
	if (vif_make_journal(d, e) < 0)
		return -e->code;
	fds[0] = fcntl(d->u.vif.journal, F_DUPFD_CLOEXEC, 3);
	fds[1] = fcntl(d->u.vif.figures, F_DUPFD_CLOEXEC, 3);
	fds[2] = fcntl(d->u.vif.tap, F_DUPFD_CLOEXEC, 3);
	if (fds[0] < 0 || fds[1] < 0 || fds[2] < 0)
		return err_errno(e, errno, "cannot pass its tap on");
	start->n_queues = 1;
	start->domid = d->domid;
	start->devid = d->devid;
	start->generation = d->generation + 1;
	start->flags = flag(v, "feature-sg", MSG_NET_SG) |
		       flag(v, "feature-no-csum-offload", MSG_NET_NO_CSUM) |
		       flag(v, "feature-ipv6-csum-offload", MSG_NET_IPV6_CSUM) |
		       flag(v, "feature-rx-notify", MSG_NET_RX_NOTIFY);
	return 0;
}

static struct json *vif_json(const struct device *d)
{
	struct json *v = vif_config_json(&d->u.vif.config);

	json_set_string(v, "vifname", d->u.vif.ifname);
	return v;
}

static void vif_drop_journal(struct device *d)
{
	const struct journal_owner owner = {d->uuid, d->domid, d->devid};

	if (d->u.vif.journal < 0)
		return;
	fd_drop(&d->u.vif.journal);
	journals_remove(d->env->journals, &owner);
}

static void vif_close(struct device *d)
{
	/* The worker's end is closed already, so the interface goes. */
	fd_drop(&d->u.vif.tap);
	fd_drop(&d->u.vif.figures);
	vif_drop_journal(d);
}

const struct device_kind device_kind_vif = {
	.frontend = "vif",
	.backend = "xnnet",
	.program = "xn-net",
	.serving = MSG_NET_SERVING,
	.plan = vif_plan,
	.keys = vif_keys,
	.start = vif_start,
	.plan_connected = vif_plan_connected,
	.json = vif_json,
	.close = vif_close,
};

struct device *device_new_vif(const struct device_env *env,
			      struct device_list *list,
			      const struct device_owner *owner,
			      const struct vif_config *config, struct err *e)
{
	struct device *d =
		device_alloc(env, &device_kind_vif, owner, config->devid, e);

	if (!d)
		return NULL;
	d->u.vif.tap = -1;
	d->u.vif.journal = -1;
	d->u.vif.figures = -1;
	d->u.vif.config = *config;
	if (config->vifname[0])
		strcpy(d->u.vif.ifname, config->vifname);
	else
		snprintf(d->u.vif.ifname, sizeof(d->u.vif.ifname), "vif%u.%u",
			 owner->domid & 0xffff, config->devid & 0xff);
	strcpy(d->name, d->u.vif.ifname);
	d->u.vif.tap = tap_open(d->u.vif.ifname, e);
	if (d->u.vif.tap < 0 ||
	    links_join(env->links, d->u.vif.ifname, config->bridge, config->mtu,
		       e) < 0) {
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
