/* SPDX-License-Identifier: MIT */
/* Verdicts, counted. Every line leaves at once: another bed has the terminal
 * too. */
#include "tests/sim/runs/tap.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

static unsigned int good, bad;

bool tap(bool ok, const char *fmt, ...)
{
	char text[400];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	*(ok ? &good : &bad) += 1;
	printf("%s %s: %s\n", ok ? "ok" : "not ok",
	       program_invocation_short_name, text);
	fflush(stdout);
	return ok;
}

void tap_note(const char *fmt, ...)
{
	char text[400];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	printf("# %s: %s\n", program_invocation_short_name, text);
	fflush(stdout);
}

int tap_status(void)
{
	return good && !bad ? 0 : 1;
}
