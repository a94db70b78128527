/* SPDX-License-Identifier: MIT */
/* xn destroy. */
#include "cli/commands.h"

#include "cli/args.h"
#include "cli/xnd.h"

int cmd_destroy(int argc, char **argv)
{
	static const struct option names[] = {ARGS_HELP_ROWS};
	struct args a = {.argc = argc, .argv = argv};

	if (args_next(&a, "", names) || !args_expect(&a, 1, 1))
		return a.status;
	return xnd_do(METHOD_DOMAIN_DESTROY, xnd_about(a.rest[0]), a.rest[0]);
}
