/* SPDX-License-Identifier: MIT */
/* xn block-attach, block-detach, block-list. */
#include "cli/commands.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/err.h"
#include "cli/args.h"
#include "cli/cfg_disk.h"
#include "cli/devices.h"
#include "cli/disk_report.h"
#include "cli/say.h"
#include "json/json.h"

int cmd_block_attach(int argc, char **argv)
{
	static const struct option names[] = {ARGS_JSON_ROWS};
	struct args a = {.argc = argc, .argv = argv};
	struct json *disk;
	struct err e;

	if (args_next(&a, "", names) || !args_expect(&a, 2, argc))
		return a.status;
	disk = cfg_disk_parse((size_t)a.count - 1,
			      (const char *const *)a.rest + 1, &e);
	if (!disk)
		return say("domain %s: disk %s: %s", a.rest[0], a.rest[1],
			   e.text);
	return devices_attach(METHOD_BLOCK_ATTACH, a.rest[0], "disk", disk,
			      a.json);
}

int cmd_block_detach(int argc, char **argv)
{
	return devices_detach(argc, argv, METHOD_BLOCK_DETACH);
}

static void print_row(const struct json *disk)
{
	int64_t devid = json_get_int(disk, "devid", -1);
	char vdev[32], target[512], error[512];
	const char *text;

	text = json_get_string(disk, "vdev");
	say_safely(text ? text : "-", vdev, sizeof(vdev));
	text = json_get_string(disk, "target");
	say_safely(text ? text : "-", target, sizeof(target));
	text = json_get_string(disk, "access");
	printf("%-5" PRId64 " %-3d %-6" PRId64 " %-5s %-6s %-6s %s%s\n", devid,
	       0, devid, devices_state(disk), vdev,
	       text && text[0] == 'r' && text[1] == 'o' ? "ro" : "rw", target,
	       devices_error(disk, error, sizeof(error)));
}

int cmd_block_list(int argc, char **argv)
{
	static const char heading[] =
		"Vdev  BE  handle state name   access target";

	return devices_list(argc, argv, METHOD_BLOCK_LIST, heading, print_row,
			    disk_report);
}
