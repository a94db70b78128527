/* SPDX-License-Identifier: MIT */
/*
 * A disk's figures as JSON. They were written by a program that its guest may
 * have taken over: any number may stand there, and none is used but to be
 * shown.
 */
#include <string.h>

#include "chan/blk_figures.h"
#include "daemon/device/kind.h"
#include "daemon/host/figures.h"
#include "json/json.h"

static const char *const op_names[] = {
	[BLK_FIGURES_READ] = "read",
	[BLK_FIGURES_WRITE] = "write",
	[BLK_FIGURES_FLUSH] = "flush",
	[BLK_FIGURES_DISCARD] = "discard",
};

/* Those that are one number a queue. */
static const struct {
	const char *name;
	size_t offset;
} plain[] = {
#define PLAIN(name)                                       \
	{                                                 \
#name, offsetof(struct blk_figures, name) \
	}
	PLAIN(refused), PLAIN(taken),  PLAIN(answered), PLAIN(merged),
	PLAIN(held),	PLAIN(events), PLAIN(notified), PLAIN(spared),
};

/* The whole of it is words, each of which adds up. */
static void add(struct blk_figures *sum, const struct blk_figures *f)
{
	uint64_t to[sizeof(*sum) / sizeof(uint64_t)];
	uint64_t from[sizeof(*f) / sizeof(uint64_t)];
	size_t i;

	memcpy(to, sum, sizeof(to));
	memcpy(from, f, sizeof(from));
	for (i = 0; i < sizeof(to) / sizeof(to[0]); i++)
		if (__builtin_add_overflow(to[i], from[i], &to[i]))
			to[i] = UINT64_MAX;
	memcpy(sum, to, sizeof(to));
}

/* JSON's integers, as ours are read, have a sign. */
static int64_t within_json(uint64_t n)
{
	return n < INT64_MAX ? (int64_t)n : INT64_MAX;
}

static void set(struct json *v, const char *key, uint64_t n)
{
	json_set_int(v, key, within_json(n));
}

/* Up to the last bucket that is not empty. */
static struct json *latency_json(const uint64_t *latency)
{
	struct json *v = json_new_array();
	size_t i, n = BLK_FIGURES_BUCKETS;

	while (n > 0 && latency[n - 1] == 0)
		n--;
	for (i = 0; i < n; i++)
		json_push(v, json_new_int(within_json(latency[i])));
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

static struct json *figures_json(const struct blk_figures *f)
{
	struct json *v = json_new_object();
	uint64_t n;
	size_t i;

	for (i = 0; i < BLK_FIGURES_OPS; i++)
		json_set(v, op_names[i], op_json(&f->op[i]));
	for (i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
		memcpy(&n, (const char *)f + plain[i].offset, sizeof(n));
		set(v, plain[i].name, n);
	}
	/* They may be of different moments. */
	set(v, "in_flight",
	    f->taken > f->answered ? f->taken - f->answered : 0);
	return v;
}

struct json *device_figures_json(const struct device *d)
{
	struct blk_figures sum = {0}, f;
	struct json *queues = json_new_array();
	struct json *v;
	unsigned int i;

	for (i = 0; i < d->queues; i++) {
		if (figures_read(d->u.vbd.figures, i, &f, sizeof(f)) < 0) {
			json_free(queues);
			return json_new_null();
		}
		add(&sum, &f);
		json_push(queues, figures_json(&f));
	}
	v = figures_json(&sum);
	json_set(v, "queues", queues);
	return v;
}
