/* SPDX-License-Identifier: MIT */
/* xn info: what the host is, in xl's "key : value" lines. */
#include "cli/commands.h"

#include <inttypes.h>
#include <stdio.h>

#include "cli/args.h"
#include "cli/say.h"
#include "cli/xnd.h"
#include "json/json.h"

/* kib: xnd gives KiB and xl prints MiB. */
static const struct {
	const char *label, *key;
	bool kib;
} rows[] = {
	{"host", "host", false},
	{"release", "release", false},
	{"machine", "machine", false},
	{"nr_cpus", "nr_cpus", false},
	{"nr_nodes", "nr_nodes", false},
	{"cores_per_socket", "cores_per_socket", false},
	{"threads_per_core", "threads_per_core", false},
	{"cpu_mhz", "cpu_mhz", false},
	{"virt_caps", "virt_caps", false},
	{"total_memory", "total_memory_kib", true},
	{"free_memory", "free_memory_kib", true},
	{"xen_version", "xen_version", false},
	{"xen_caps", "xen_caps", false},
	{"xnd_version", "xnd_version", false},
};

static void print_value(const struct json *v, bool kib)
{
	char safe[512];
	size_t i;

	switch (json_type(v)) {
	case JSON_STRING:
		fputs(say_safely(json_string(v), safe, sizeof(safe)), stdout);
		break;
	case JSON_INT:
		printf("%" PRId64, json_int(v, 0) / (kib ? 1024 : 1));
		break;
	case JSON_REAL:
		printf("%.3f", json_real(v, 0));
		break;
	case JSON_ARRAY:
		for (i = 0; i < json_count(v); i++) {
			if (i)
				putchar(' ');
			print_value(json_at(v, i), kib);
		}
		break;
	default:
		putchar('-');
	}
}

int cmd_info(int argc, char **argv)
{
	static const struct option names[] = {ARGS_JSON_ROWS};
	struct args a = {.argc = argc, .argv = argv};
	struct rpc_client *xnd;
	struct json *info;
	size_t i;

	if (args_next(&a, "", names) || !args_expect(&a, 0, 0))
		return a.status;
	xnd = xnd_open();
	if (!xnd)
		return EXIT_FAILED;
	info = xnd_call(xnd, METHOD_HOST_INFO, json_new_object(), NULL);
	rpc_client_close(xnd);
	if (!info)
		return EXIT_FAILED;
	if (a.json)
		return say_json(info);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		printf("%-22s : ", rows[i].label);
		print_value(json_get(info, rows[i].key), rows[i].kib);
		putchar('\n');
	}
	json_free(info);
	return EXIT_OK;
}
