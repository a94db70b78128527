/* SPDX-License-Identifier: MIT */
/* xn console. */
#include "cli/commands.h"

#include <string.h>

#include "cli/args.h"
#include "cli/console.h"
#include "cli/say.h"

/* "x", or "^X" for a control character; -1 for neither. */
static int read_escape(const char *text)
{
	if (text[0] == '^' && text[1] >= '@' && text[1] <= 'z' && !text[2])
		return text[1] & 0x1f;
	if (text[0] && !text[1])
		return (unsigned char)text[0];
	return -1;
}

int cmd_console(int argc, char **argv)
{
	static const struct option names[] = {ARGS_HELP_ROWS};
	struct args a = {.argc = argc, .argv = argv};
	int c, escape = CONSOLE_ESCAPE;
	struct console console;

	while ((c = args_next(&a, "e:n:t:", names)) > 0) {
		if (c == 'e' && (escape = read_escape(optarg)) < 0)
			return args_misused(&a, "-e %s: is x or ^X", optarg);
		if (c == 't' && strcmp(optarg, "pv") != 0)
			return args_misused(&a, "-t %s: there is only pv",
					    optarg);
		if (c == 'n' && strcmp(optarg, "0") != 0)
			return args_misused(&a, "-n %s: there is only 0",
					    optarg);
	}
	if (c < 0 || !args_expect(&a, 1, 1))
		return a.status;
	if (!console_open(&console, a.rest[0]))
		return EXIT_FAILED;
	return console_run(&console, escape);
}
