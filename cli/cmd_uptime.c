/* SPDX-License-Identifier: MIT */
/* xn uptime, in xl's two forms. */
#include "cli/commands.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "cli/args.h"
#include "cli/domains.h"
#include "cli/say.h"
#include "cli/xnd.h"
#include "json/json.h"

/* "2 days,  3:04:05"; without the seconds when brief; "-" when unknown. */
static const char *format(int64_t s, bool brief, char *out, size_t size)
{
	int64_t days = s / 86400;
	int used = 0;

	if (s < 0)
		return "-";
	if (days)
		used = snprintf(out, size, "%" PRId64 " day%s, ", days,
				days > 1 ? "s" : "");
	used += snprintf(out + used, size - (size_t)used,
			 "%2" PRId64 ":%02" PRId64, s / 3600 % 24, s / 60 % 60);
	if (!brief)
		snprintf(out + used, size - (size_t)used, ":%02" PRId64,
			 s % 60);
	return out;
}

/* xnd does not know when dom0, where we run, was started; the kernel does. */
static int64_t get_uptime(const struct json *domain)
{
	const struct json *uptime = json_get(domain, "uptime_seconds");
	struct timespec since_boot;

	if (json_type(uptime) != JSON_NULL ||
	    json_get_int(domain, "domid", -1) != 0 ||
	    clock_gettime(CLOCK_BOOTTIME, &since_boot) < 0)
		return (int64_t)json_real(uptime, -1);
	return since_boot.tv_sec;
}

static void print_row(const struct json *domain, bool brief)
{
	int64_t domid = json_get_int(domain, "domid", -1);
	int64_t uptime = get_uptime(domain);
	char text[64], name[256], clock[16] = "";
	time_t now = time(NULL);

	domains_name(domain, name, sizeof(name));
	if (brief) {
		strftime(clock, sizeof(clock), "%H:%M:%S", localtime(&now));
		printf(" %s up %s, %s (%" PRId64 ")\n", clock,
		       format(uptime, true, text, sizeof(text)), name, domid);
	} else {
		printf("%-33s %4" PRId64 " %s\n", name, domid,
		       format(uptime, false, text, sizeof(text)));
	}
}

int cmd_uptime(int argc, char **argv)
{
	static const struct option names[] = {ARGS_JSON_ROWS};
	struct args a = {.argc = argc, .argv = argv};
	bool brief = false, failed = true;
	struct rpc_client *xnd;
	int c, status = EXIT_OK;
	struct json *list;
	size_t i;

	while ((c = args_next(&a, "s", names)) > 0)
		brief |= c == 's';
	if (c < 0)
		return a.status;
	xnd = xnd_open();
	if (!xnd)
		return EXIT_FAILED;
	list = domains_list(xnd, a.count, a.rest, false, &failed);
	rpc_client_close(xnd);
	if (!list || (failed && json_count(list) == 0)) {
		json_free(list);
		return EXIT_FAILED;
	}
	if (a.json) {
		status = say_json(list);
	} else {
		if (!brief)
			printf("%-33s %4s %s\n", "Name", "ID", "Uptime");
		for (i = 0; i < json_count(list); i++)
			print_row(json_at(list, i), brief);
		json_free(list);
	}
	return failed ? EXIT_FAILED : status;
}
