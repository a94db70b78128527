/* SPDX-License-Identifier: MIT */
/*
 * xn-bench-ring: how much a disk's worker adds to what the kernel takes for a
 * request. Both ways are used in turn on the same file, round by round; of
 * each figure the median is printed, and of what is added the median of the
 * rounds' differences.
 *
 *	xn-bench-ring DOMID ROUNDS MILLISECONDS DEVID:GRANTS:NAME:IMAGE…
 *
 * IMAGE is what the domain's disk DEVID is served from; GRANTS is "kept"
 * (persistent) or "copied". The CPU time is the worker's and, for comparison,
 * this process's own, which then does nothing else. A call of the simulated
 * hypervisor's is dearer than one of Xen's: its price is measured too.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <event2/event.h>

#include "base/err.h"
#include "base/num.h"
#include "tests/bench/ring/meter.h"
#include "tests/bench/ring/server.h"
#include "tests/bench/ring/work.h"
#include "tests/sim/guest/blk.h"
#include "tests/sim/guest/guest.h"

#define ROUNDS_MAX 99
#define DISKS_MAX  8
#define LINES_MAX  (DISKS_MAX * 4)
#define WARM_MS	   20 /* before each measurement */
#define COUNT_MS   50
#define ASKS	   500 /* of the hypervisor, to learn their price */

struct disk {
	uint32_t devid;
	pid_t server;
	const char *grants;
	const char *name;
	const char *image;
	uint64_t blocks;
	struct blk *blk; /* owned */
};

enum figure { BARE_CPU, RING_CPU, ADDED_CPU, BARE_WALL, RING_WALL, FIGURES };

/* One line of the table. */
struct line {
	const struct disk *disk;
	struct work work;
	double values[FIGURES][ROUNDS_MAX];
	/* Of the worker, a request; negative: unknown. */
	double calls; /* of the system, as it would make on Xen */
	double asks;  /* of the hypervisor */
};

static unsigned int rounds;
static uint64_t ms;
static struct disk disks[DISKS_MAX];
static unsigned int n_disks;
static struct line lines[LINES_MAX];
static unsigned int n_lines;
static double ask_ns[ROUNDS_MAX];

static int die(const struct err *e)
{
	fprintf(stderr, "xn-bench-ring: %s\n", e->text);
	exit(1);
}

/* Cuts text into its parts in place. */
static int disk_parse(struct disk *d, char *text, struct err *e)
{
	const char *devid = strsep(&text, ":");
	off_t bytes;
	int fd;

	d->grants = strsep(&text, ":");
	d->name = strsep(&text, ":");
	d->image = text;
	if (!text || num_parse_u32(devid, UINT32_MAX, &d->devid) < 0)
		return err_set(e, EINVAL, "%s: no disk", devid);
	fd = open(d->image, O_RDONLY | O_CLOEXEC);
	bytes = fd < 0 ? -1 : lseek(fd, 0, SEEK_END);
	if (bytes < 0)
		return err_errno(e, errno, "%s", d->image);
	close(fd);
	d->blocks = (uint64_t)bytes / WORK_BYTES;
	return 0;
}

static int disk_connect(struct disk *d, struct guest *g, struct err *e)
{
	const struct blk_want want = {
		.abi = BLK_X86_64,
		.persistent = strcmp(d->grants, "kept") == 0,
	};

	d->blk = blk_new(g, d->devid, e);
	if (!d->blk || blk_connect(d->blk, &want, e) < 0)
		return -e->code;
	d->server = server_find(d->image, e);
	return d->server < 0 ? -e->code : 0;
}

static void lines_add(const struct disk *d)
{
	static const unsigned int depths[] = {1, WORK_DEPTH_MAX};
	unsigned int i;

	for (i = 0; i < 4; i++)
		lines[n_lines++] = (struct line){
			.disk = d,
			.work = {.write = i / 2,
				 .depth = depths[i % 2],
				 .blocks = d->blocks},
			.calls = -1,
		};
}

static int64_t work_do(const struct line *l, bool ring, struct err *e)
{
	return ring ? work_ring(l->disk->blk, &l->work, e)
		    : work_bare(l->disk->image, &l->work, e);
}

static void measure(struct line *l, bool ring, unsigned int round)
{
	struct reading last, sum = {0};
	struct meter meter;
	struct err e;
	int64_t n;

	l->work.ms = WARM_MS;
	if (work_do(l, ring, &e) < 0)
		die(&e);
	meter_open(&meter, ring ? l->disk->server : getpid());
	l->work.ms = ms;
	meter_read(&meter, &last, NULL);
	n = work_do(l, ring, &e);
	meter_read(&meter, &last, &sum);
	meter_close(&meter);
	if (n <= 0)
		die(&e);
	l->values[ring ? RING_CPU : BARE_CPU][round] =
		(double)sum.cpu_ns / (double)n;
	l->values[ring ? RING_WALL : BARE_WALL][round] =
		(double)sum.wall_ns / (double)n;
}

static void count(struct line *l)
{
	struct reading last, sum = {0};
	struct meter meter;
	struct err e;
	int64_t n = 0;

	meter_open(&meter, l->disk->server);
	l->work.ms = COUNT_MS;
	if (meter_count(&meter)) {
		meter_read(&meter, &last, NULL);
		n = work_do(l, true, &e);
		meter_read(&meter, &last, &sum);
		if (n <= 0)
			die(&e);
		l->calls = (double)(sum.calls - sum.sends) / (double)n;
		l->asks = (double)sum.sends / (double)n;
	}
	meter_close(&meter);
}

/* The CPU time that one call of the hypervisor's takes its caller. */
static void price_asks(struct guest *guest, unsigned int round)
{
	struct reading last, sum = {0};
	struct meter meter;
	unsigned int i;

	meter_open(&meter, getpid());
	meter_read(&meter, &last, NULL);
	for (i = 0; i < ASKS; i++)
		guest_runs(guest);
	meter_read(&meter, &last, &sum);
	meter_close(&meter);
	ask_ns[round] = (double)sum.cpu_ns / ASKS;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *values)
{
	qsort(values, rounds, sizeof(*values), by_value);
	return (values[(rounds - 1) / 2] + values[rounds / 2]) / 2;
}

static void line_print(struct line *l, double ask_price)
{
	double m[FIGURES];
	unsigned int i;

	for (i = 0; i < rounds; i++)
		l->values[ADDED_CPU][i] =
			l->values[RING_CPU][i] - l->values[BARE_CPU][i];
	for (i = 0; i < FIGURES; i++)
		m[i] = median(l->values[i]);
	printf("%-5s %-6s %-5s %2u %8.0f %8.0f %8.0f %9.0f %8.0f %8.0f",
	       l->disk->name, l->disk->grants, l->work.write ? "write" : "read",
	       l->work.depth, m[BARE_CPU], m[RING_CPU], m[ADDED_CPU],
	       m[BARE_WALL], m[RING_WALL], m[RING_WALL] - m[BARE_WALL]);
	if (l->calls < 0)
		puts("       -       -        -");
	else
		printf(" %7.2f %7.2f %8.0f\n", l->calls, l->asks,
		       m[ADDED_CPU] - l->asks * ask_price);
}

static void report(void)
{
	double ask_price = median(ask_ns);
	unsigned int i;

	printf("ns a request of 4 KiB, medians of %u rounds of %llu ms; a call "
	       "of the simulated\nhypervisor's takes its caller %.0f ns, which "
	       "the last column leaves out\n"
	       "                          CPU of the worker       from one to "
	       "the next      calls of       adds\n"
	       "image grants       qd     bare  xn-blk     adds      bare   "
	       "xn-blk     adds  system     Xen  without\n",
	       rounds, (unsigned long long)ms, ask_price);
	for (i = 0; i < n_lines; i++)
		line_print(&lines[i], ask_price);
}

static void parse(int argc, char **argv, uint32_t *domid)
{
	struct err e;
	uint32_t n;
	int i;

	if (argc < 5 || argc - 4 > DISKS_MAX ||
	    num_parse_u32(argv[1], 0x7ff0, domid) < 0 ||
	    num_parse_u32(argv[2], ROUNDS_MAX, &n) < 0 || n == 0 ||
	    num_parse_u64(argv[3], 60000, &ms) < 0 || ms == 0) {
		fputs("usage: xn-bench-ring DOMID ROUNDS MILLISECONDS "
		      "DEVID:GRANTS:NAME:IMAGE...\n",
		      stderr);
		exit(2);
	}
	rounds = n;
	for (i = 4; i < argc; i++) {
		if (disk_parse(&disks[n_disks], argv[i], &e) < 0)
			die(&e);
		lines_add(&disks[n_disks++]);
	}
}

int main(int argc, char **argv)
{
	struct event_base *base = event_base_new();
	struct guest *guest;
	struct err e;
	uint32_t domid;
	unsigned int i, round;

	parse(argc, argv, &domid);
	guest = base ? guest_boot(base, domid, &e) : NULL;
	if (!guest)
		die(&e);
	for (i = 0; i < n_disks; i++)
		if (disk_connect(&disks[i], guest, &e) < 0)
			die(&e);
	for (round = 0; round < rounds; round++) {
		price_asks(guest, round);
		for (i = 0; i < n_lines; i++) {
			measure(&lines[i], false, round);
			measure(&lines[i], true, round);
		}
	}
	for (i = 0; i < n_lines; i++)
		count(&lines[i]);
	report();
	for (i = 0; i < n_disks; i++)
		blk_free(disks[i].blk);
	guest_free(guest);
	event_base_free(base);
	return 0;
}
