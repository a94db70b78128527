/* SPDX-License-Identifier: MIT */
/* A vif's figures as a table: what its guest has sent, and been sent. */
#include "cli/vif_report.h"

#include <inttypes.h>
#include <stdio.h>

#include "cli/devices.h"
#include "cli/size.h"
#include "json/json.h"

static int64_t count(const struct json *of, const char *key)
{
	return json_get_int(of, key, 0);
}

static void print_way(const char *name, const struct json *of)
{
	char size[24];

	printf("  %-8s %12" PRId64 " %10s %10" PRId64 " %8" PRId64 " %8" PRId64
	       " %8" PRId64 "\n",
	       name, count(of, "packets"), size_print(count(of, "bytes"), size),
	       count(of, "gso"), count(of, "dropped"), count(of, "refused"),
	       count(of, "failed"));
}

static void print_events(const struct json *tx, const struct json *rx)
{
	int64_t notified = count(tx, "notified") + count(rx, "notified");
	int64_t spared = count(tx, "spared") + count(rx, "spared");
	double all = (double)notified + (double)spared;

	printf("  events   %" PRId64 " from the guest; %" PRId64
	       " to it, %" PRId64 " spared",
	       count(tx, "events") + count(rx, "events"), notified, spared);
	if (all > 0)
		printf(" (%.1f %%)", 100 * (double)spared / all);
	putchar('\n');
}

/* In the units that rate= is written in. */
static void print_speed(double bytes_per_second)
{
	static const char *const units[] = {"B/s", "KB/s", "MB/s", "GB/s"};
	unsigned int unit = 0;

	while (bytes_per_second >= 1000 && unit < 3) {
		bytes_per_second /= 1000;
		unit++;
	}
	printf("%.4g %s", bytes_per_second, units[unit]);
}

static void print_rate(const struct json *vif, const struct json *figures)
{
	const struct json *rate = json_get(vif, "rate");
	int64_t bytes = count(rate, "bytes");
	int64_t interval = count(rate, "interval_us");
	int64_t held = count(figures, "held");

	printf("  rate     ");
	if (bytes > 0 && interval > 0) {
		print_speed((double)bytes * 1e6 / (double)interval);
		printf(", %" PRId64 " bytes in %" PRId64 " us", bytes,
		       interval);
	} else {
		printf("no limit");
	}
	if (bytes || held)
		printf("; held %" PRId64 " times", held);
	putchar('\n');
}

static void print_figures(const struct json *vif, const struct json *figures)
{
	const struct json *tx = json_get(figures, "tx");
	const struct json *rx = json_get(figures, "rx");

	printf("  %-8s %12s %10s %10s %8s %8s %8s\n", "", "packets", "bytes",
	       "gso", "dropped", "refused", "failed");
	print_way("sent", tx);
	print_way("received", rx);
	print_events(tx, rx);
	printf("  frames   %" PRId64 " of unwanted multicast; the guest "
	       "stalled %" PRId64 " times\n",
	       count(figures, "filtered"), count(figures, "stalled"));
	print_rate(vif, figures);
	if (json_bool(json_get(vif, "direct"), false))
		printf("  direct   %" PRId64 " sent to other guests, %" PRId64
		       " received from them\n",
		       count(tx, "direct"), count(rx, "direct"));
}

/* In the words of its configuration. */
static void print_place(const struct json *vif)
{
	static const char *const keys[] = {"bridge", "gatewaydev", "vlan",
					   "script", "carrier"};
	char text[300];
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (json_get(vif, keys[i]))
			printf(" %s=%s", keys[i],
			       devices_text(vif, keys[i], text, sizeof(text)));
	if (json_bool(json_get(vif, "direct"), false))
		printf(" direct=1");
	putchar('\n');
}

void vif_report(const struct json *vif)
{
	const struct json *figures = json_get(vif, "figures");
	char domain[128], name[32], state[32], mac[32], error[512];

	printf("%s %s (%" PRId64 ", %s, %s)",
	       devices_text(vif, "domain", domain, sizeof(domain)),
	       devices_text(vif, "vifname", name, sizeof(name)),
	       json_get_int(vif, "devid", -1),
	       devices_text(vif, "state", state, sizeof(state)),
	       devices_text(vif, "mac", mac, sizeof(mac)));
	print_place(vif);
	if (json_get(vif, "error"))
		printf("  # %s\n",
		       devices_text(vif, "error", error, sizeof(error)));
	if (json_type(figures) == JSON_OBJECT)
		print_figures(vif, figures);
	else
		puts("  # its figures cannot be read");
}
