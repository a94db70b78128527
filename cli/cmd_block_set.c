/* SPDX-License-Identifier: MIT */
/* xn block-set: how fast a disk may be. */
#include "cli/commands.h"

#include "base/err.h"
#include "cli/args.h"
#include "cli/cap.h"
#include "cli/devices.h"
#include "cli/xnd.h"
#include "json/json.h"

int cmd_block_set(int argc, char **argv)
{
	static const struct option names[] = {ARGS_JSON_ROWS};
	struct args a = {.argc = argc, .argv = argv};
	struct json *params;
	struct err e;
	int i;

	if (args_next(&a, "", names) || !args_expect(&a, 3, argc))
		return a.status;
	params = devices_about(a.rest[0], a.rest[1]);
	for (i = 2; i < a.count; i++)
		if (cap_read(a.rest[i], params, &e) < 0) {
			json_free(params);
			return args_misused(&a, "%s", e.text);
		}
	return xnd_show(METHOD_BLOCK_SET, params, a.rest[0], a.json);
}
