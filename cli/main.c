/* SPDX-License-Identifier: MIT */
/*
 * xn, the command line of xnd: finds the verb and runs it. Memory that runs
 * out ends the command with an error; guests live elsewhere.
 */
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/say.h"
#include "config.h"

static int run(int argc, char **argv)
{
	const struct command *c;
	char name[32];

	if (argc < 2) {
		cmd_help(1, argv);
		return EXIT_MISUSED;
	}
	if (strcmp(argv[1], "--version") == 0) {
		printf("xn %s\n", VERSION);
		return EXIT_OK;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
		return cmd_help(1, argv);
	if (argv[1][0] == '-') {
		say("%s: options come after the verb; \"xn help\" lists them",
		    argv[1]);
		return EXIT_MISUSED;
	}
	c = command_find(argv[1], true);
	if (!c)
		return EXIT_MISUSED;
	snprintf(name, sizeof(name), "%s", c->name);
	argv[1] = name;
	return c->run(argc - 1, argv + 1);
}

int main(int argc, char **argv)
{
	int status = run(argc, argv);

	if ((fflush(stdout) || ferror(stdout)) && status == EXIT_OK)
		return say("what was to be printed could not be written");
	return status;
}
