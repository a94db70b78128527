/* SPDX-License-Identifier: MIT */
/* What a vif has done so far. */
#include "chan/net_figures.h"
#include "daemon/device/figures_json.h"
#include "daemon/device/kind.h"
#include "daemon/device/vif.h"
#include "daemon/host/figures.h"
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

static struct json *figures_json(const struct net_figures *f)
{
	struct json *v = json_new_object();

	json_set(v, "tx", way_json(&f->tx));
	json_set(v, "rx", way_json(&f->rx));
	figures_set(v, f, both_ways, sizeof(both_ways) / sizeof(both_ways[0]));
	return v;
}

struct json *vif_figures_json(const struct device *d)
{
	struct json *queues = json_new_array();
	struct net_figures sum = {0}, f;
	struct json *v;
	unsigned int i;

	for (i = 0; i < d->queues; i++) {
		if (figures_read(d->u.vif.figures, i, &f, sizeof(f)) < 0) {
			json_free(queues);
			return json_new_null();
		}
		figures_add(&sum, &f, sizeof(f));
		json_push(queues, figures_json(&f));
	}
	v = figures_json(&sum);
	json_set(v, "queues", queues);
	return v;
}
