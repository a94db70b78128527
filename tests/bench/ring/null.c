/* SPDX-License-Identifier: MIT */
/*
 * xn-bench-queue: a queue of the product, its guest and Xen's libraries all in
 * one thread, on an image that costs next to nothing (/dev/zero), beside bare
 * io_uring on the same. What it says hardly depends on what else the machine
 * does, so that small gains can be seen; what it leaves out is all that Xen,
 * an event's way and a second processor cost.
 *
 *	xn-bench-queue ROUNDS
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>
#include <event2/event.h>

#include "base/err.h"
#include "base/num.h"
#include "tests/bench/ring/work.h"
#include "tests/unit/blk_guest.h"
#include "tests/unit/blk_served.h"

#define IMAGE	   "/dev/zero"
#define ROUNDS_MAX 99
#define REQUESTS   32768 /* a round */
#define BLOCKS	   8192	 /* of the disk */
#define BARE_MS	   20

static const struct work works[] = {
	{.write = false, .depth = 1, .blocks = BLOCKS, .ms = BARE_MS},
	{.write = false, .depth = 32, .blocks = BLOCKS, .ms = BARE_MS},
	{.write = true, .depth = 1, .blocks = BLOCKS, .ms = BARE_MS},
	{.write = true, .depth = 32, .blocks = BLOCKS, .ms = BARE_MS},
};

static uint64_t cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* What it takes to look at that clock, a system call. */
static uint64_t clock_price(void)
{
	uint64_t least = UINT64_MAX, began, ns;
	unsigned int i;

	for (i = 0; i < 1000; i++) {
		began = cpu_ns();
		ns = cpu_ns() - began;
		least = ns < least ? ns : least;
	}
	return least;
}

static void place(const struct work *w, uint64_t *seed)
{
	uint8_t op = w->write ? BLKIF_OP_WRITE : BLKIF_OP_READ;
	unsigned int id;

	for (id = 0; id < w->depth; id++)
		guest_add(guest_put(id, op, work_block(w, seed) * 8), id, 0, 7);
	guest_push();
}

static bool all_answered(const struct work *w)
{
	unsigned int id;

	for (id = 0; id < w->depth; id++)
		if (guest.answers[id] != 1 || guest.status[id])
			return false;
	return true;
}

/* Nanoseconds of CPU a request; the guest's own are left out. */
static double queue_round(const struct work *w)
{
	unsigned int left = REQUESTS / w->depth / (w->depth == 1 ? 8 : 1);
	uint64_t seed = 0x9e3779b97f4a7c15u, price = clock_price();
	uint64_t began, sum = 0, n = 0;

	for (; left > 0; left--) {
		place(w, &seed);
		began = cpu_ns();
		while (*(volatile RING_IDX *)&guest.ring.sring.rsp_prod !=
		       guest.put)
			event_base_loop(served.base, EVLOOP_ONCE);
		sum += cpu_ns() - began - price;
		guest_collect();
		if (!all_answered(w)) {
			fputs("xn-bench-queue: a request failed\n", stderr);
			exit(1);
		}
		n += w->depth;
	}
	return (double)sum / (double)n;
}

static double bare_round(const struct work *w)
{
	uint64_t began = cpu_ns();
	struct err e;
	int64_t n = work_bare(IMAGE, w, &e);

	if (n <= 0) {
		fprintf(stderr, "xn-bench-queue: %s\n", e.text);
		exit(1);
	}
	return (double)(cpu_ns() - began) / (double)n;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *values, unsigned int n)
{
	qsort(values, n, sizeof(*values), by_value);
	return (values[(n - 1) / 2] + values[n / 2]) / 2;
}

static void measure(const struct work *w, bool kept, unsigned int rounds)
{
	double bare[ROUNDS_MAX], queue[ROUNDS_MAX], b, q;
	void *state = NULL;
	unsigned int i;

	served_begin(&state);
	close(served.image);
	served.image = open(IMAGE, O_RDWR | O_CLOEXEC);
	served.persistent = kept;
	served.limits.sectors = BLOCKS * 8;
	served_start();
	queue_round(w);
	for (i = 0; i < rounds; i++) {
		bare[i] = bare_round(w);
		queue[i] = queue_round(w);
	}
	queue_detach(served.q);
	served_end(&state);
	b = median(bare, rounds);
	q = median(queue, rounds);
	printf("null  %-6s %-5s %2u %8.0f %8.0f %8.0f\n",
	       kept ? "kept" : "copied", w->write ? "write" : "read", w->depth,
	       b, q, q - b);
}

int main(int argc, char **argv)
{
	uint32_t rounds;
	unsigned int i;

	if (argc != 2 || num_parse_u32(argv[1], ROUNDS_MAX, &rounds) < 0 ||
	    rounds == 0) {
		fputs("usage: xn-bench-queue ROUNDS\n", stderr);
		return 2;
	}
	for (i = 0; i < 2 * sizeof(works) / sizeof(works[0]); i++)
		measure(&works[i / 2], i % 2 == 0, rounds);
	return 0;
}
