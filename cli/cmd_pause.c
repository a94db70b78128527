/* SPDX-License-Identifier: MIT */
/* xn pause, xn unpause. */
#include "cli/commands.h"

#include "cli/args.h"
#include "cli/xnd.h"

static int act(enum method method, int argc, char **argv)
{
	static const struct option names[] = {ARGS_HELP_ROWS};
	struct args a = {.argc = argc, .argv = argv};

	if (args_next(&a, "", names) || !args_expect(&a, 1, 1))
		return a.status;
	return xnd_do(method, xnd_about(a.rest[0]), a.rest[0]);
}

int cmd_pause(int argc, char **argv)
{
	return act(METHOD_DOMAIN_PAUSE, argc, argv);
}

int cmd_unpause(int argc, char **argv)
{
	return act(METHOD_DOMAIN_UNPAUSE, argc, argv);
}
