/* SPDX-License-Identifier: MIT */
/* Reading a verb's options. */
#include "cli/args.h"

#include <stdarg.h>
#include <stdio.h>

#include "cli/commands.h"
#include "cli/say.h"

int args_misused(struct args *a, const char *fmt, ...)
{
	const struct command *c = command_find(a->argv[0], false);
	char why[200];
	va_list args;

	va_start(args, fmt);
	vsnprintf(why, sizeof(why), fmt, args);
	va_end(args);
	say("%s: %s; usage: xn %s %s", c->name, why, c->name, c->usage);
	a->status = EXIT_MISUSED;
	return EXIT_MISUSED;
}

static void say_bad_option(struct args *a, int result)
{
	const char *what = result == ':' ? "takes a value" : "is no option";

	if (optopt > 0 && optopt < 256)
		args_misused(a, "-%c %s", optopt, what);
	else
		args_misused(a, "%s %s", a->argv[optind - 1], what);
}

int args_next(struct args *a, const char *letters, const struct option *names)
{
	char all[64];
	int c;

	opterr = 0;
	snprintf(all, sizeof(all), ":h%s", letters);
	while ((c = getopt_long(a->argc, a->argv, all, names, NULL)) != -1) {
		if (c == ARGS_JSON) {
			a->json = true;
			continue;
		}
		if (c == 'h') {
			command_help(command_find(a->argv[0], false));
			a->status = EXIT_OK;
			return -1;
		}
		if (c == '?' || c == ':') {
			say_bad_option(a, c);
			return -1;
		}
		return c;
	}
	a->rest = a->argv + optind;
	a->count = a->argc - optind;
	return 0;
}

bool args_expect(struct args *a, int min, int max)
{
	if (a->count < min)
		args_misused(a, "something is missing");
	else if (a->count > max)
		args_misused(a, "\"%s\" is too much", a->rest[max]);
	else
		return true;
	return false;
}
