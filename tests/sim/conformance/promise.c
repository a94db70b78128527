/* SPDX-License-Identifier: MIT */
/* TAP for promises: see the header. */
#include "tests/sim/conformance/promise.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned int points, broken;

void promise(bool held, const char *name)
{
	points++;
	broken += !held;
	printf("%s %u - %s\n", held ? "ok" : "not ok", points, name);
	fflush(stdout);
}

void promise_is(long long got, long long wanted, const char *name)
{
	promise(got == wanted, name);
	if (got != wanted)
		printf("# got %lld, wanted %lld\n", got, wanted);
}

void promise_errno(bool failed, int wanted, const char *name)
{
	int error = errno;

	promise(failed && error == wanted, name);
	if (!failed)
		printf("# it succeeded\n");
	else if (error != wanted)
		printf("# %s, wanted %s\n", strerrorname_np(error),
		       strerrorname_np(wanted));
}

void promise_give_up(const char *what)
{
	printf("Bail out! %s: %s\n", what, strerror(errno));
	fflush(stdout);
	exit(1);
}

int promise_end(void)
{
	printf("1..%u\n", points);
	if (broken)
		printf("# %u of %u did not hold\n", broken, points);
	return broken != 0;
}
