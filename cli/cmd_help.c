/* SPDX-License-Identifier: MIT */
/* xn help: the table of verbs. */
#include "cli/commands.h"

#include <stdio.h>

#include "cli/say.h"

int cmd_help(int argc, char **argv)
{
	const struct command *c;

	if (argc > 1) {
		c = command_find(argv[1], true);
		if (!c)
			return EXIT_MISUSED;
		command_help(c);
		return EXIT_OK;
	}
	printf("Usage: xn VERB [options]\n\n"
	       "Verbs, which may be shortened as long as they are clear:\n\n");
	for (c = commands; c->name; c++)
		printf(" %-19s %s\n", c->name, c->help);
	printf("\nA DOMAIN is a name or a number. "
	       "\"xn help VERB\" and xn(1) tell more.\n");
	return EXIT_OK;
}
