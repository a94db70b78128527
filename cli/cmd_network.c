/* SPDX-License-Identifier: MIT */
/* xn network-attach, network-detach, network-list, network-set. */
#include "cli/commands.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/err.h"
#include "cli/args.h"
#include "cli/cfg_vif.h"
#include "cli/devices.h"
#include "cli/say.h"
#include "cli/vif_change.h"
#include "cli/vif_report.h"
#include "cli/xnd.h"
#include "json/json.h"

int cmd_network_attach(int argc, char **argv)
{
	static const struct option names[] = {ARGS_JSON_ROWS};
	struct args a = {.argc = argc, .argv = argv};
	const char *const *specs;
	struct json *vif;
	struct err e;
	size_t i;

	if (args_next(&a, "", names) || !args_expect(&a, 1, argc))
		return a.status;
	specs = (const char *const *)a.rest + 1;
	vif = cfg_vif_parse((size_t)a.count - 1, specs, &e);
	if (!vif)
		return say("domain %s: vif: %s", a.rest[0], e.text);
	for (i = 0; specs[i]; i++)
		if (cfg_vif_note(specs[i]))
			say("domain %s: warning: vif: %s", a.rest[0],
			    cfg_vif_note(specs[i]));
	return devices_attach(METHOD_NETWORK_ATTACH, a.rest[0], "vif", vif,
			      a.json);
}

int cmd_network_detach(int argc, char **argv)
{
	return devices_detach(argc, argv, METHOD_NETWORK_DETACH);
}

int cmd_network_set(int argc, char **argv)
{
	return devices_set(argc, argv, METHOD_NETWORK_SET, vif_change_read);
}

static void print_row(const struct json *vif)
{
	int64_t devid = json_get_int(vif, "devid", -1);
	char mac[32], name[32], bridge[32], error[512];

	printf("%-3" PRId64 " %-2d %-17s %-6" PRId64 " %-5s %-15s %s%s\n",
	       devid, 0, devices_text(vif, "mac", mac, sizeof(mac)), devid,
	       devices_state(vif),
	       devices_text(vif, "vifname", name, sizeof(name)),
	       devices_text(vif, "bridge", bridge, sizeof(bridge)),
	       devices_error(vif, error, sizeof(error)));
}

int cmd_network_list(int argc, char **argv)
{
	static const char heading[] =
		"Idx BE Mac Addr.         handle state vifname         bridge";

	return devices_list(argc, argv, METHOD_NETWORK_LIST, heading, print_row,
			    vif_report);
}
