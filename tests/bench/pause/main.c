/* SPDX-License-Identifier: MIT */
/*
 * xn-bench-pause: for how long a guest's requests do not come to their ends
 * when the worker of its disk is killed under them. As xnd waits a little
 * longer with each death within ten seconds, there are four in a round, and a
 * round begins when those of the one before are forgotten.
 *
 *	xn-bench-pause DOMID ROUNDS DEVID IMAGE
 *
 * Prints a line for each death of a round: least, median and most of all
 * rounds; and one for the longest that the guest waits when nobody dies.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <event2/event.h>

#include "base/err.h"
#include "base/num.h"
#include "tests/bench/ring/server.h"
#include "tests/sim/guest/blk.h"
#include "tests/sim/guest/blk_io.h"
#include "tests/sim/guest/events.h"
#include "tests/sim/guest/guest.h"

#define DEPTH	   8
#define SECTORS	   8   /* of a request */
#define PLACES	   256 /* that they are for, on the disk */
#define ROUNDS_MAX 99
#define DEATHS	   4	 /* a round: with one more the disk is given up */
#define WINDOW_MS  10100 /* and xnd has forgotten them */
#define WATCH_MS   500	 /* a death */
#define ANSWER_MS  10000

struct load {
	struct blk *blk;
	struct blk_page *pages[DEPTH]; /* by a request's id */
	uint64_t n;		       /* begun */
	unsigned int in_flight;
	bool failed;
	double last_ms, longest_ms; /* an answer came; between two of them */
};

static int die(const struct err *e)
{
	fprintf(stderr, "xn-bench-pause: %s\n", e->text);
	exit(1);
}

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* Writes and reads in turn. */
static void load_put(struct load *l, struct blk_queue *q, uint64_t id)
{
	struct blk_wire w = {
		.operation = l->n % 2 ? BLKIF_OP_READ : BLKIF_OP_WRITE,
		.segments = 1,
		.id = id,
		.sector = l->n * 7 % PLACES * SECTORS,
		.seg = {{.gref = l->pages[id]->ref,
			 .first_sect = 0,
			 .last_sect = SECTORS - 1}},
	};

	l->n++;
	l->in_flight++;
	blk_abi_put(l->blk->want.abi, front_put(&q->ring), &w);
}

static void on_answer(struct blk_queue *q, const struct blk_answer *a)
{
	struct load *l = q->taker_arg;
	double now = now_ms();

	if (a->id >= DEPTH || a->status != BLKIF_RSP_OKAY) {
		l->failed = true;
		return;
	}
	if (now - l->last_ms > l->longest_ms)
		l->longest_ms = now - l->last_ms;
	l->last_ms = now;
	l->in_flight--;
	load_put(l, q, a->id);
	blk_queue_push(q);
}

/* Keeps DEPTH in flight for so long, and then until one more is answered. */
static void load_run(struct load *l, double ms)
{
	struct events *events = l->blk->guest->events;
	double end = now_ms() + ms;
	struct err e;

	l->last_ms = now_ms();
	l->longest_ms = 0;
	while (l->last_ms < end) {
		int rc = events_turn(events, ANSWER_MS);

		if (l->failed)
			err_set(&e, EIO, "a request failed");
		else if (rc == 0)
			err_set(&e, ETIMEDOUT, "no answer in %u ms", ANSWER_MS);
		else if (rc < 0)
			err_errno(&e, -rc, "no events any more");
		else
			continue;
		die(&e);
	}
}

static void load_begin(struct load *l)
{
	struct blk_queue *q = &l->blk->queues[0];
	struct err e;
	uint64_t id;

	q->taker = on_answer;
	q->taker_arg = l;
	for (id = 0; id < DEPTH; id++) {
		l->pages[id] = blk_io_get(l->blk, true);
		if (!l->pages[id]) {
			err_set(&e, ENOMEM, "the guest has no pages");
			die(&e);
		}
		load_put(l, q, id);
	}
	blk_queue_push(q);
}

/* How long the guest waited, in ms. */
static double measure(struct load *l, const char *image, bool kill_it)
{
	static pid_t dead;
	pid_t pid = 0;
	struct err e;

	if (kill_it) {
		pid = server_find(image, &e);
		if (pid == dead)
			err_set(&e, ESRCH, "it is served by a dead process");
		if (pid <= 0 || pid == dead)
			die(&e);
		load_run(l, 20);
		kill(pid, SIGKILL);
		dead = pid;
	}
	load_run(l, WATCH_MS);
	return l->longest_ms;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void report(const char *what, double *values, uint32_t n)
{
	qsort(values, n, sizeof(*values), by_value);
	printf("%-28s %8.1f %8.1f %8.1f\n", what, values[0],
	       (values[(n - 1) / 2] + values[n / 2]) / 2, values[n - 1]);
}

static void bench(struct load *l, uint32_t rounds, const char *image)
{
	static const char *const names[DEATHS + 1] = {
		"first death in ten seconds", "second", "third", "fourth",
		"nobody dies"};
	static double values[DEATHS + 1][ROUNDS_MAX];
	uint32_t round, i;

	load_begin(l);
	for (round = 0; round < rounds; round++) {
		if (round > 0)
			load_run(l, WINDOW_MS);
		values[DEATHS][round] = measure(l, image, false);
		for (i = 0; i < DEATHS; i++)
			values[i][round] = measure(l, image, true);
	}
	printf("ms that a guest with %u requests in flight waits for the next "
	       "to end, %u times\n%-28s %8s %8s %8s\n",
	       DEPTH, rounds, "", "least", "median", "most");
	for (i = 0; i <= DEATHS; i++)
		report(names[i], values[i], rounds);
}

int main(int argc, char **argv)
{
	const struct blk_want want = {.abi = BLK_X86_64, .persistent = true};
	struct event_base *base = event_base_new();
	struct load load = {0};
	struct guest *guest;
	uint32_t domid, rounds, devid;
	struct err e;

	if (argc != 5 || num_parse_u32(argv[1], 0x7ff0, &domid) < 0 ||
	    num_parse_u32(argv[2], ROUNDS_MAX, &rounds) < 0 || rounds == 0 ||
	    num_parse_u32(argv[3], UINT32_MAX, &devid) < 0) {
		fputs("usage: xn-bench-pause DOMID ROUNDS DEVID IMAGE\n",
		      stderr);
		return 2;
	}
	guest = base ? guest_boot(base, domid, &e) : NULL;
	if (!guest)
		die(&e);
	load.blk = blk_new(guest, devid, &e);
	if (!load.blk || blk_connect(load.blk, &want, &e) < 0)
		die(&e);
	bench(&load, rounds, argv[4]);
	load.blk->queues[0].taker = NULL;
	blk_free(load.blk);
	guest_free(guest);
	event_base_free(base);
	return 0;
}
