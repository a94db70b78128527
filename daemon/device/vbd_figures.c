/* SPDX-License-Identifier: MIT */
/* What a disk has done so far. */
#include "chan/blk_figures.h"
#include "daemon/device/figures_json.h"
#include "daemon/device/kind.h"
#include "daemon/device/vbd.h"
#include "json/json.h"

static const char *const op_names[] = {
	[BLK_FIGURES_READ] = "read",
	[BLK_FIGURES_WRITE] = "write",
	[BLK_FIGURES_FLUSH] = "flush",
	[BLK_FIGURES_DISCARD] = "discard",
};

/* Those that are one number a queue. */
static const struct figure plain[] = {
	FIGURE(blk_figures, refused),  FIGURE(blk_figures, taken),
	FIGURE(blk_figures, answered), FIGURE(blk_figures, merged),
	FIGURE(blk_figures, held),     FIGURE(blk_figures, events),
	FIGURE(blk_figures, notified), FIGURE(blk_figures, spared),
};

static void set(struct json *v, const char *key, uint64_t n)
{
	json_set(v, key, figure_json(n));
}

/* Up to the last bucket that is not empty. */
static struct json *latency_json(const uint64_t *latency)
{
	struct json *v = json_new_array();
	size_t i, n = BLK_FIGURES_BUCKETS;

	while (n > 0 && latency[n - 1] == 0)
		n--;
	for (i = 0; i < n; i++)
		json_push(v, figure_json(latency[i]));
	return v;
}

static struct json *op_json(const struct blk_figures_of *of)
{
	struct json *v = json_new_object();

	set(v, "requests", of->requests);
	set(v, "bytes", of->bytes);
	set(v, "failed", of->failed);
	json_set(v, "latency", latency_json(of->latency));
	return v;
}

static void show(struct json *v, const void *figures)
{
	const struct blk_figures *f = figures;
	size_t i;

	for (i = 0; i < BLK_FIGURES_OPS; i++)
		json_set(v, op_names[i], op_json(&f->op[i]));
	figures_set(v, f, plain, sizeof(plain) / sizeof(plain[0]));
	/* They may be of different moments. */
	set(v, "in_flight",
	    f->taken > f->answered ? f->taken - f->answered : 0);
}

struct json *vbd_figures_json(const struct device *d)
{
	struct blk_figures sum = {0}, one;
	const struct figures_of_queues of = {
		.fd = d->u.vbd.figures,
		.queues = d->queues,
		.bytes = sizeof(one),
		.show = show,
	};

	return figures_sum_json(&of, &sum, &one);
}
