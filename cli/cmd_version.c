/* SPDX-License-Identifier: MIT */
/* xn version: of the command and of the daemon. */
#include "cli/commands.h"

#include <inttypes.h>
#include <stdio.h>

#include "cli/args.h"
#include "cli/say.h"
#include "cli/xnd.h"
#include "config.h"
#include "json/json.h"

static int print(const struct json *daemon, bool json)
{
	const char *version = json_get_string(daemon, "version");
	struct json *both;
	char safe[64];

	if (!json) {
		printf("xn %s\n", VERSION);
		if (version)
			printf("xnd %s (process %" PRId64 ")\n",
			       say_safely(version, safe, sizeof(safe)),
			       json_get_int(daemon, "pid", 0));
		return EXIT_OK;
	}
	both = json_new_object();
	json_set_string(both, "xn", VERSION);
	json_set(both, "xnd", json_copy(daemon));
	return say_json(both);
}

int cmd_version(int argc, char **argv)
{
	static const struct option names[] = {ARGS_JSON_ROWS};
	struct args a = {.argc = argc, .argv = argv};
	struct rpc_client *xnd;
	struct json *daemon = NULL;
	int status;

	if (args_next(&a, "", names) || !args_expect(&a, 0, 0))
		return a.status;
	xnd = xnd_open();
	if (xnd)
		daemon = xnd_call(xnd, METHOD_XND_VERSION, json_new_object(),
				  NULL);
	rpc_client_close(xnd);
	status = print(daemon, a.json);
	if (!daemon)
		status = EXIT_FAILED;
	json_free(daemon);
	return status;
}
