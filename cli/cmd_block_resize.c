/* SPDX-License-Identifier: MIT */
/* xn block-resize. */
#include "cli/commands.h"

#include "base/err.h"
#include "cli/args.h"
#include "cli/devices.h"
#include "cli/say.h"
#include "cli/size.h"
#include "cli/xnd.h"
#include "json/json.h"

int cmd_block_resize(int argc, char **argv)
{
	static const struct option names[] = {
		{"shrink", no_argument, NULL, 's'}, ARGS_HELP_ROWS};
	struct args a = {.argc = argc, .argv = argv};
	struct json *params;
	bool shrink = false;
	uint64_t bytes;
	struct err e;
	int c;

	while ((c = args_next(&a, "", names)) > 0)
		shrink = true;
	if (c < 0 || !args_expect(&a, 2, 3))
		return a.status;
	if (a.count == 3 && size_parse(a.rest[2], &bytes, &e) < 0)
		return args_misused(&a, "size %s: %s", a.rest[2], e.text);
	params = devices_about(a.rest[0], a.rest[1]);
	if (a.count == 3)
		json_set_int(params, "bytes", (int64_t)bytes);
	if (shrink)
		json_set_bool(params, "shrink", true);
	return xnd_do(METHOD_BLOCK_RESIZE, params, a.rest[0]);
}
