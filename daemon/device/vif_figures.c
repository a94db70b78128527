/* SPDX-License-Identifier: MIT */
/* What a vif has done so far. */
#include "chan/net_figures.h"
#include "daemon/device/figures_json.h"
#include "daemon/device/kind.h"
#include "daemon/device/vif.h"
#include "json/json.h"

static const struct figure each_way[] = {
	FIGURE(net_figures_of, packets),  FIGURE(net_figures_of, bytes),
	FIGURE(net_figures_of, gso),	  FIGURE(net_figures_of, slots),
	FIGURE(net_figures_of, dropped),  FIGURE(net_figures_of, refused),
	FIGURE(net_figures_of, failed),	  FIGURE(net_figures_of, events),
	FIGURE(net_figures_of, notified), FIGURE(net_figures_of, spared),
	FIGURE(net_figures_of, direct),
};

static const struct figure both_ways[] = {
	FIGURE(net_figures, held),
	FIGURE(net_figures, stalled),
	FIGURE(net_figures, filtered),
};

static struct json *way_json(const struct net_figures_of *f)
{
	struct json *v = json_new_object();

	figures_set(v, f, each_way, sizeof(each_way) / sizeof(each_way[0]));
	return v;
}

static void show(struct json *v, const void *figures)
{
	const struct net_figures *f = figures;

	json_set(v, "tx", way_json(&f->tx));
	json_set(v, "rx", way_json(&f->rx));
	figures_set(v, f, both_ways, sizeof(both_ways) / sizeof(both_ways[0]));
}

struct json *vif_figures_json(const struct device *d)
{
	struct net_figures sum = {0}, one;
	const struct figures_of_queues of = {
		.fd = d->u.vif.figures,
		.queues = d->queues,
		.bytes = sizeof(one),
		.show = show,
	};

	return figures_sum_json(&of, &sum, &one);
}
