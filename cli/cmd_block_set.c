/* SPDX-License-Identifier: MIT */
/* xn block-set: how fast a disk may be. */
#include "cli/commands.h"

#include <stdio.h>

#include "base/err.h"
#include "cli/args.h"
#include "cli/cap.h"
#include "cli/devices.h"
#include "cli/say.h"
#include "cli/xnd.h"
#include "json/json.h"

static int ask(struct json *params, const char *domain, bool json)
{
	struct rpc_client *xnd = xnd_open();
	struct json *result;

	if (!xnd) {
		json_free(params);
		return EXIT_FAILED;
	}
	result = xnd_call(xnd, METHOD_BLOCK_SET, params, domain);
	rpc_client_close(xnd);
	if (!result)
		return EXIT_FAILED;
	if (json)
		return say_json(result);
	json_free(result);
	return EXIT_OK;
}

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
	return ask(params, a.rest[0], a.json);
}
