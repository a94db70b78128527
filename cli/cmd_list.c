/* SPDX-License-Identifier: MIT */
/* xn list: xl's columns, for the eyes and scripts that know them. */
#include "cli/commands.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/args.h"
#include "cli/domains.h"
#include "cli/say.h"
#include "cli/xnd.h"
#include "json/json.h"

/* By SHUTDOWN_* code of Xen's public/sched.h: xl's letter, xnd's word. */
static const struct {
	char letter;
	const char *word;
} reasons[] = {{'-', "poweroff"}, {'r', "reboot"},   {'s', "suspend"},
	       {'c', "crash"},	  {'w', "watchdog"}, {'S', "soft_reset"}};

/* The code, which xnd may give as a number or in a word; -1: none, or new. */
static int reason_code(const struct json *domain)
{
	const struct json *reason = json_get(domain, "shutdown_reason");
	const char *word = json_string(reason);
	int i;

	for (i = 0; word && i < (int)(sizeof(reasons) / sizeof(reasons[0]));
	     i++)
		if (strcmp(reasons[i].word, word) == 0)
			return i;
	return (int)json_int(reason, -1);
}

static char reason_letter(const struct json *domain)
{
	int code = reason_code(domain);

	if (!json_get_bool(domain, "shutdown", false))
		return '-';
	if (code < 0 || code >= (int)(sizeof(reasons) / sizeof(reasons[0])))
		return '?';
	return reasons[code].letter;
}

static char flag(const struct json *domain, const char *key)
{
	return json_get_bool(domain, key, false) ? key[0] : '-';
}

static void print_verbose(const struct json *domain)
{
	const char *uuid = json_get_string(domain, "uuid");
	char safe[64];

	printf(" %-36s", say_safely(uuid ? uuid : "-", safe, sizeof(safe)));
	if (json_get_bool(domain, "shutdown", false))
		printf(" %11d", reason_code(domain));
	else
		printf(" %11s", "-");
}

static void print_row(const struct json *domain, bool verbose)
{
	char name[256];

	printf("%-40s %5" PRId64 " %5" PRId64 " %5" PRId64
	       "     %c%c%c%c%c%c  %8.1f",
	       domains_name(domain, name, sizeof(name)),
	       json_get_int(domain, "domid", -1),
	       json_get_int(domain, "memory_kib", 0) / 1024,
	       json_get_int(domain, "vcpus", 0), flag(domain, "running"),
	       flag(domain, "blocked"), flag(domain, "paused"),
	       flag(domain, "shutdown"), reason_letter(domain),
	       flag(domain, "dying"),
	       json_real(json_get(domain, "cpu_seconds"), 0));
	if (verbose)
		print_verbose(domain);
	putchar('\n');
}

static void print_table(const struct json *list, bool verbose)
{
	size_t i;

	printf("%-40s %5s %5s %5s\t%s\t%s%s\n", "Name", "ID", "Mem", "VCPUs",
	       "State", "Time(s)",
	       verbose ? "   UUID                                 Reason-Code"
		       : "");
	for (i = 0; i < json_count(list); i++)
		print_row(json_at(list, i), verbose);
}

int cmd_list(int argc, char **argv)
{
	static const struct option names[] = {
		{"long", no_argument, NULL, 'l'},
		{"verbose", no_argument, NULL, 'v'},
		ARGS_JSON_ROWS};
	struct args a = {.argc = argc, .argv = argv};
	bool details = false, verbose = false, failed = true;
	struct rpc_client *xnd;
	struct json *list;
	int c, status = EXIT_OK;

	while ((c = args_next(&a, "lv", names)) > 0) {
		details |= c == 'l';
		verbose |= c == 'v';
	}
	if (c < 0)
		return a.status;
	xnd = xnd_open();
	if (!xnd)
		return EXIT_FAILED;
	list = domains_list(xnd, a.count, a.rest, details, &failed);
	rpc_client_close(xnd);
	if (!list || (failed && json_count(list) == 0)) {
		json_free(list);
		return EXIT_FAILED;
	}
	if (a.json || details) {
		status = say_json(list);
	} else {
		print_table(list, verbose);
		json_free(list);
	}
	return failed ? EXIT_FAILED : status;
}
