/* SPDX-License-Identifier: MIT */
/*
 * A disk's figures as a table. Of how long requests took only powers of two
 * are known: what is printed is what that share of them stayed below.
 */
#include "cli/disk_report.h"

#include <inttypes.h>
#include <stdio.h>

#include "cli/devices.h"
#include "cli/size.h"
#include "json/json.h"

#define LAST_BUCKET 31 /* no end is known of what is in it */

/* A bucket's end: 2^bucket us. */
static const char *time_text(size_t bucket, char out[16])
{
	double us = (double)(UINT64_C(1) << bucket);

	if (bucket >= LAST_BUCKET)
		snprintf(out, 16, ">17min");
	else if (us < 1000)
		snprintf(out, 16, "%.0fus", us);
	else if (us < 1000000)
		snprintf(out, 16, us < 10000 ? "%.1fms" : "%.0fms", us / 1e3);
	else
		snprintf(out, 16, us < 1e7 ? "%.1fs" : "%.0fs", us / 1e6);
	return out;
}

/* What that share of all stayed below; "-" when there are none. */
static const char *share_text(const struct json *latency, double share,
			      char out[16])
{
	double sum = 0, so_far = 0;
	size_t i, n = json_count(latency);

	for (i = 0; i < n; i++)
		sum += json_real(json_at(latency, i), 0);
	if (sum <= 0)
		return "-";
	for (i = 0; i + 1 < n; i++) {
		so_far += json_real(json_at(latency, i), 0);
		if (so_far >= sum * share)
			break;
	}
	return time_text(i, out);
}

static void print_op(const struct json *figures, const char *name)
{
	static const double shares[] = {0.5, 0.95, 0.99, 1};
	const struct json *op = json_get(figures, name);
	const struct json *latency = json_get(op, "latency");
	char size[24], time[16];
	size_t i;

	printf("  %-8s %12" PRId64 " %10s %8" PRId64, name,
	       json_get_int(op, "requests", 0),
	       size_print(json_get_int(op, "bytes", 0), size),
	       json_get_int(op, "failed", 0));
	for (i = 0; i < sizeof(shares) / sizeof(shares[0]); i++)
		printf(" %7s", share_text(latency, shares[i], time));
	putchar('\n');
}

static void print_events(const struct json *figures)
{
	int64_t notified = json_get_int(figures, "notified", 0);
	int64_t spared = json_get_int(figures, "spared", 0);
	double all = (double)notified + (double)spared;

	printf("  events   %" PRId64 " from the guest; %" PRId64
	       " to it, %" PRId64 " spared",
	       json_get_int(figures, "events", 0), notified, spared);
	if (all > 0)
		printf(" (%.1f %%)", 100 * (double)spared / all);
	putchar('\n');
}

static void print_caps(const struct json *disk, const struct json *figures)
{
	int64_t iops = json_get_int(disk, "iops", 0);
	int64_t bandwidth = json_get_int(disk, "bytes_per_second", 0);
	int64_t held = json_get_int(figures, "held", 0);
	char size[24];

	printf("  caps     ");
	if (!iops && !bandwidth)
		printf("none");
	if (iops)
		printf("%" PRId64 " requests/s", iops);
	if (bandwidth)
		printf("%s%s/s", iops ? ", " : "", size_print(bandwidth, size));
	if (iops || bandwidth || held)
		printf("; %" PRId64 " requests held", held);
	putchar('\n');
}

static void print_figures(const struct json *disk, const struct json *figures)
{
	static const char *const ops[] = {"read", "write", "flush", "discard"};
	size_t i;

	printf("  %-8s %12s %10s %8s %7s %7s %7s %7s\n", "", "requests",
	       "bytes", "failed", "p50 <", "p95 <", "p99 <", "max <");
	for (i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
		print_op(figures, ops[i]);
	printf("  requests %" PRId64 " in flight, %" PRId64 " refused, %" PRId64
	       " merged\n",
	       json_get_int(figures, "in_flight", 0),
	       json_get_int(figures, "refused", 0),
	       json_get_int(figures, "merged", 0));
	print_events(figures);
	print_caps(disk, figures);
}

void disk_report(const struct json *disk)
{
	const struct json *figures = json_get(disk, "figures");
	char domain[128], vdev[32], state[32], access[16], target[512];
	char error[512];

	printf("%s %s (%" PRId64 ", %s, %s) %s\n",
	       devices_text(disk, "domain", domain, sizeof(domain)),
	       devices_text(disk, "vdev", vdev, sizeof(vdev)),
	       json_get_int(disk, "devid", -1),
	       devices_text(disk, "state", state, sizeof(state)),
	       devices_text(disk, "access", access, sizeof(access)),
	       devices_text(disk, "target", target, sizeof(target)));
	if (json_get(disk, "error"))
		printf("  # %s\n",
		       devices_text(disk, "error", error, sizeof(error)));
	if (json_type(figures) == JSON_OBJECT)
		print_figures(disk, figures);
	else
		puts("  # its figures cannot be read");
}
