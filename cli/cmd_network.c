/* SPDX-License-Identifier: MIT */
/* xn network-attach, network-detach, network-list. */
#include "cli/commands.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/err.h"
#include "cli/args.h"
#include "cli/cfg_vif.h"
#include "cli/devices.h"
#include "cli/say.h"
#include "json/json.h"

int cmd_network_attach(int argc, char **argv)
{
	static const struct option names[] = {ARGS_JSON_ROWS};
	struct args a = {.argc = argc, .argv = argv};
	struct json *vif;
	struct err e;

	if (args_next(&a, "", names) || !args_expect(&a, 1, argc))
		return a.status;
	vif = cfg_vif_parse((size_t)a.count - 1,
			    (const char *const *)a.rest + 1, &e);
	if (!vif)
		return say("domain %s: vif: %s", a.rest[0], e.text);
	return devices_attach(METHOD_NETWORK_ATTACH, a.rest[0], "vif", vif,
			      a.json);
}

int cmd_network_detach(int argc, char **argv)
{
	static const struct option names[] = {ARGS_HELP_ROWS};
	struct args a = {.argc = argc, .argv = argv};

	if (args_next(&a, "", names) || !args_expect(&a, 2, 2))
		return a.status;
	return devices_detach(METHOD_NETWORK_DETACH, a.rest[0], a.rest[1],
			      false);
}

static const char *text_of(const struct json *vif, const char *key, char *out,
			   size_t size)
{
	const char *text = json_get_string(vif, key);

	return say_safely(text ? text : "-", out, size);
}

static void print_row(const struct json *vif)
{
	int64_t devid = json_get_int(vif, "devid", -1);
	char mac[32], name[32], bridge[32], error[512];

	printf("%-3" PRId64 " %-2d %-17s %-6" PRId64 " %-5s %-15s %s%s\n",
	       devid, 0, text_of(vif, "mac", mac, sizeof(mac)), devid,
	       devices_state(vif), text_of(vif, "vifname", name, sizeof(name)),
	       text_of(vif, "bridge", bridge, sizeof(bridge)),
	       devices_error(vif, error, sizeof(error)));
}

int cmd_network_list(int argc, char **argv)
{
	return devices_show(
		argc, argv, METHOD_NETWORK_LIST,
		"Idx BE Mac Addr.         handle state vifname         bridge",
		print_row);
}
