/* SPDX-License-Identifier: MIT */
/*
 * What xnd says of a disk is what its guest did with it, through the deaths of
 * workers, too; and a cap that it is given holds, whatever the guest asks for.
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/scope.h"
#include "json/json.h"
#include "tests/sim/guest/blk.h"
#include "tests/sim/runs/actor.h"
#include "tests/sim/runs/tap.h"
#include "tests/sim/runs/world.h"

#define CALL_MS	  5000
#define IOPS	  200
#define USE_BYTES 12288 /* of one actor_use_disk, each way, in one request */
#define DEPTH	  16
#define TRIES	  3 /* a busy host is slow now and then, and never too fast */

static void note(bool ok, const struct err *e, const char *what)
{
	tap(ok, "%s%s%s", what, ok ? "" : ": ", ok ? "" : e->text);
}

/* ---- asking ---- */

/* The one disk, with its figures. The caller frees it. */
static struct json *look(struct actor *a, struct err *e)
{
	struct json *params =
		xnd_params("domain", a->name, "device", "xvda", NULL);
	struct json *list, *disk;

	json_set_bool(params, "figures", true);
	list = xnd_call(a->w, METHOD_BLOCK_LIST, params, CALL_MS, e);
	disk = json_copy(json_at(list, 0));
	json_free(list);
	return disk;
}

static int64_t figure(const struct json *disk, const char *op, const char *key)
{
	const struct json *f = json_get(disk, "figures");

	return json_get_int(op ? json_get(f, op) : f, key, -1);
}

static struct json *parsed(const char *text)
{
	struct err e;

	return json_parse(text, strlen(text), &e);
}

static int set_iops(struct actor *a, int64_t iops, struct err *e)
{
	struct json *params =
		xnd_params("domain", a->name, "device", "xvda", NULL);

	json_set_int(params, "iops", iops);
	return xnd_ask(a->w, METHOD_BLOCK_SET, params, CALL_MS, e);
}

/* ---- figures ---- */

/* It has been used so often, and nothing else was done with it. */
static int check(struct actor *a, int64_t uses, struct err *e)
{
	struct json *disk = look(a, e);
	const struct {
		const char *op, *key;
		int64_t wanted;
	} rows[] = {
		{"read", "requests", uses},
		{"read", "bytes", uses * USE_BYTES},
		{"read", "failed", 0},
		{"write", "requests", uses},
		{"write", "bytes", uses * USE_BYTES},
		{"write", "failed", 0},
		{"discard", "requests", 0},
		{NULL, "refused", 0},
		{NULL, "held", 0},
		{NULL, "in_flight", 0},
		{NULL, "merged", 0},
		{NULL, "taken", 2 * uses},
		{NULL, "answered", 2 * uses},
	};
	int rc = disk ? 0 : -e->code;
	size_t i;

	for (i = 0; rc == 0 && i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t found = figure(disk, rows[i].op, rows[i].key);

		if (found != rows[i].wanted)
			rc = err_set(e, EILSEQ,
				     "%s%s%s: %" PRId64 ", not %" PRId64,
				     rows[i].op ? rows[i].op : "",
				     rows[i].op ? "." : "", rows[i].key, found,
				     rows[i].wanted);
	}
	json_free(disk);
	return rc;
}

static int use(struct actor *a, int times, struct err *e)
{
	int rc = 0;

	while (rc == 0 && times-- > 0)
		rc = actor_use_disk(a, a->disk, e);
	return rc;
}

static int kill_worker(struct actor *a, struct err *e)
{
	struct json *disk = look(a, e);
	int64_t pid = json_get_int(disk, "pid", -1);

	json_free(disk);
	if (pid <= 1)
		return err_set(e, ESRCH, "there is no worker");
	if (kill((pid_t)pid, SIGKILL) < 0)
		return err_errno(e, errno, "its worker");
	return 0;
}

static int check_events(struct actor *a, int64_t uses, struct err *e)
{
	struct json *disk = look(a, e);
	int64_t told = figure(disk, NULL, "notified");
	int64_t spared = figure(disk, NULL, "spared");
	int64_t events = figure(disk, NULL, "events");

	json_free(disk);
	/* Whoever waits for each answer is told of each. */
	if (told + spared != 2 * uses || told < 1 || events < 1)
		return err_set(e, EILSEQ,
			       "%" PRId64 " told, %" PRId64 " spared, %" PRId64
			       " heard",
			       told, spared, events);
	return 0;
}

static void count(struct actor *a)
{
	struct err e;

	note(use(a, 5, &e) == 0 && check(a, 5, &e) == 0, &e,
	     "figures are what the guest did");
	note(check_events(a, 5, &e) == 0, &e, "so are events, and those saved");
	note(kill_worker(a, &e) == 0 && use(a, 3, &e) == 0 &&
		     check(a, 8, &e) == 0,
	     &e, "they go on with a killed worker's successor");
}

/* ---- caps ---- */

/* Keeps DEPTH flushes under way until n are done. Seconds, or less than 0. */
static double flush(struct actor *a, unsigned int n, struct err *e)
{
	struct blk_wire w = {.operation = BLKIF_OP_FLUSH_DISKCACHE};
	struct blk_queue *q = &a->disk->queues[0];
	double began = world_now();
	unsigned int i;
	int16_t status;

	for (; n > 0; n -= DEPTH) {
		for (i = 0; i < DEPTH; i++) {
			w.id = i;
			blk_queue_put(q, &w);
		}
		blk_queue_push(q);
		for (i = 0; i < DEPTH; i++)
			if (blk_queue_wait(q, i, &status, e) < 0)
				return -1;
	}
	return world_now() - began;
}

/* xnd has told it; when it hears of that, on a busy machine, is its own. */
static bool wait_for_worker(void)
{
	return usleep(500 * 1000) == 0;
}

/* A second's worth, once what was saved up is used up. */
static int measure(struct actor *a, struct err *e)
{
	const unsigned int n = IOPS - IOPS % DEPTH;
	double took = 0;
	int i;

	for (i = 0; i < TRIES; i++) {
		if (flush(a, 2 * DEPTH, e) < 0 || (took = flush(a, n, e)) < 0)
			return -e->code;
		tap_note("%u requests in %.3f s: %.1f a second", n, took,
			 n / took);
		if (n / took > 1.1 * IOPS)
			break;
		if (n / took > 0.9 * IOPS)
			return 0;
	}
	return err_set(e, ERANGE, "%.0f requests a second, not %d", n / took,
		       IOPS);
}

static int check_capped(struct actor *a, struct err *e)
{
	struct json *disk = look(a, e);
	int64_t iops = json_get_int(disk, "iops", -1);
	int64_t held = figure(disk, NULL, "held");
	int64_t in_flight = figure(disk, NULL, "in_flight");

	json_free(disk);
	if (iops != IOPS || held < IOPS / 2 || in_flight != 0)
		return err_set(e, EILSEQ,
			       "cap %" PRId64 ", %" PRId64 " held, %" PRId64
			       " in flight",
			       iops, held, in_flight);
	return 0;
}

static void cap(struct actor *a)
{
	double took;
	struct err e;

	note(set_iops(a, IOPS, &e) == 0 && wait_for_worker() &&
		     measure(a, &e) == 0,
	     &e, "a cap of 200 requests a second holds within a tenth");
	note(check_capped(a, &e) == 0, &e, "it is reported, with what it held");
	note(kill_worker(a, &e) == 0 && measure(a, &e) == 0, &e,
	     "a successor keeps to it");
	took = set_iops(a, 0, &e) == 0 ? flush(a, 10 * DEPTH, &e) : -1;
	if (took >= 0)
		err_set(&e, ERANGE, "160 requests took %.3f s", took);
	note(took >= 0 && took < 0.4, &e, "lifted, it is no more");
	note(use(a, 1, &e) == 0, &e, "the disk has what was written");
}

/* ---- what is refused ---- */

static const struct {
	enum method method;
	const char *params, *says;
} refused[] = {
	{METHOD_BLOCK_SET, "{\"domain\":\"guest-1\",\"device\":\"xvda\"}",
	 "neither iops nor bytes_per_second"},
	{METHOD_BLOCK_SET,
	 "{\"domain\":\"guest-1\",\"device\":\"xvda\",\"iops\":-1}", "iops"},
	{METHOD_BLOCK_SET,
	 "{\"domain\":\"guest-1\",\"device\":\"xvda\",\"iops\":1.5}", "iops"},
	{METHOD_BLOCK_SET,
	 "{\"domain\":\"guest-1\",\"device\":\"xvda\",\"iops\":1,"
	 "\"bytes_per_second\":\"1M\"}",
	 "bytes_per_second"},
	{METHOD_BLOCK_SET,
	 "{\"domain\":\"guest-1\",\"device\":\"xvdz\",\"iops\":1}",
	 "has no disk xvdz"},
	{METHOD_BLOCK_SET,
	 "{\"domain\":\"guest-1\",\"device\":\"xvda\",\"colour\":1}",
	 "colour: no such key"},
	{METHOD_BLOCK_LIST, "{\"domain\":\"guest-1\",\"figures\":1}",
	 "figures: must be true or false"},
	{METHOD_BLOCK_LIST, "{\"domain\":\"guest-1\",\"device\":7}",
	 "has no disk 7"},
};

static void refuse(struct actor *a)
{
	struct err e;
	size_t i;

	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct json *params = parsed(refused[i].params);
		int rc = xnd_ask(a->w, refused[i].method, params, CALL_MS, &e);

		note(rc < 0 && strstr(e.text, refused[i].says), &e,
		     refused[i].says);
	}
}

int main(void)
{
	scoped_str complaint = NULL;
	struct actor a;
	struct world w;
	struct err e;

	world_open(&w);
	actor_init(&a, &w, 1);
	if (xnd_start(&w, NULL, &e) < 0 || actor_create(&a, &e) < 0 ||
	    actor_boot(&a, &e) < 0) {
		note(false, &e, "a guest boots");
		return tap_status();
	}
	count(&a);
	cap(&a);
	refuse(&a);
	note(actor_destroy(&a, &e) == 0, &e, "it is destroyed");
	tap(xnd_stop(&w) == 0, "xnd stops");
	complaint = world_complaint(&w);
	tap(!complaint, "no sanitizer complains%s%s", complaint ? ": " : "",
	    complaint ? complaint : "");
	actor_free(&a);
	world_close(&w);
	return tap_status();
}
