/* SPDX-License-Identifier: MIT */
/*
 * xn-sim-guest: plays a script on a domain of the simulated machine, or lets
 * domains live. It dies when memory is out: a test has failed then.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <event2/event.h>

#include "base/err.h"
#include "base/num.h"
#include "tests/sim/guest/live.h"
#include "tests/sim/guest/script.h"

#define DOMIDS_MAX 0x7ff0u

static void usage(FILE *to)
{
	const struct script *const *s;

	fprintf(to,
		"usage: xn-sim-guest DOMID SCRIPT\n"
		"       xn-sim-guest DOMID... live\n"
		"       xn-sim-guest --list\n\n"
		"  live                as a stock kernel would, until it is "
		"shut down\n");
	for (s = scripts; *s; s++)
		fprintf(to, "  %-19s %s\n", (*s)->name, (*s)->says);
}

static void list(void)
{
	const struct script *const *s;

	for (s = scripts; *s; s++)
		puts((*s)->name);
}

static const struct script *find(const char *name)
{
	const struct script *const *s = scripts;

	while (*s && strcmp((*s)->name, name) != 0)
		s++;
	return *s;
}

static int complain(const struct err *e)
{
	fprintf(stderr, "xn-sim-guest: %s\n", e->text);
	return 1;
}

static int run_live(struct event_base *base, const uint32_t *domids, size_t n)
{
	struct live **lives = calloc(n, sizeof(*lives));
	struct err e = {.text = "no memory"};
	size_t i;
	int status = 0;

	if (!lives)
		return complain(&e);
	for (i = 0; i < n && status == 0; i++) {
		lives[i] = live_new(base, domids[i], &e);
		if (!lives[i])
			status = complain(&e);
	}
	if (status == 0)
		live_run(lives, n);
	for (i = 0; i < n; i++)
		live_free(lives[i]);
	free(lives);
	return status;
}

static int run(const char *what, const uint32_t *domids, size_t n)
{
	const struct script *script = find(what);
	struct event_base *base = event_base_new();
	struct err e = {.text = "no memory"};
	int status;

	if (!base)
		return complain(&e);
	if (strcmp(what, "live") == 0)
		status = run_live(base, domids, n);
	else
		status = script_play(script, base, domids[0], &e);
	event_base_free(base);
	if (status < 0)
		return complain(&e);
	return status > 0;
}

int main(int argc, char **argv)
{
	const char *what = argv[argc - 1];
	uint32_t *domids;
	size_t i, n;
	int status;

	if (argc == 2 && strcmp(what, "--list") == 0) {
		list();
		return 0;
	}
	if (argc == 2 && strcmp(what, "--help") == 0) {
		usage(stdout);
		return 0;
	}
	if (argc < 3 ||
	    (strcmp(what, "live") != 0 && (argc != 3 || !find(what)))) {
		usage(stderr);
		return 2;
	}
	n = (size_t)argc - 2;
	domids = calloc(n, sizeof(*domids));
	if (!domids)
		return 1;
	for (i = 0; i < n; i++)
		if (num_parse_u32(argv[i + 1], DOMIDS_MAX, &domids[i]) < 0) {
			fprintf(stderr, "xn-sim-guest: %s: no domid\n",
				argv[i + 1]);
			free(domids);
			return 2;
		}
	status = run(what, domids, n);
	free(domids);
	return status;
}
