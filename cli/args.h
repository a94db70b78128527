/* SPDX-License-Identifier: MIT */
/* Options of a verb: getopt_long(3), with misuse said in one way. */
#ifndef XN_CLI_ARGS_H
#define XN_CLI_ARGS_H

#include <getopt.h>
#include <stdbool.h>

enum { ARGS_JSON = 256 };

/* The last rows of a verb's long options. */
#define ARGS_HELP_ROWS                    \
	{"help", no_argument, NULL, 'h'}, \
	{                                 \
		NULL, 0, NULL, 0          \
	}
#define ARGS_JSON_ROWS {"json", no_argument, NULL, ARGS_JSON}, ARGS_HELP_ROWS

struct args {
	int argc;
	char **argv; /* argv[0] is the verb's full name */
	bool json;   /* --json was given */
	int status;  /* what to exit with when args_next stops */
	char **rest; /* what is left, once args_next has ended; NULL-ended */
	int count;
};

/*
 * The next option's letter; its argument is in optarg. --json and -h are
 * dealt with here. 0 at the end of the options, -1 when the verb must return
 * a->status.
 */
int args_next(struct args *a, const char *letters, const struct option *names);

/* True when from min to max words are left; else says what is expected. */
bool args_expect(struct args *a, int min, int max);

/* Says what was wrong, with the verb's usage. Returns EXIT_MISUSED. */
int args_misused(struct args *a, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
