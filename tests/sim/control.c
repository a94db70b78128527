/* SPDX-License-Identifier: MIT */
/*
 * xn-sim-control: what a shell script asks of the simulated hypervisor. Tests
 * in C ask it themselves.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/lib/link.h"

#define SITES_MAX 4096

static void usage(FILE *out)
{
	fprintf(out,
		"usage: xn-sim-control counters\n"
		"       xn-sim-control fault PROGRAM CALL NTH ACTION\n"
		"       xn-sim-control clear\n"
		"       xn-sim-control survey begin|read|end\n"
		"       xn-sim-control --help\n"
		"\n"
		"PROGRAM  its name; - any but xenstored\n"
		"CALL     OP[:NUMBER[:COMMAND]][@SITE] as in a survey; - any\n"
		"NTH      the NTHth call that fits, from 1; NTH+ later ones too\n"
		"ACTION   fail:ERRNO, partial:ERROR:ITEM, delay:MILLISECONDS,\n"
		"         kill-before or kill-after\n");
}

static int failed(const char *what)
{
	fprintf(stderr, "xn-sim-control: %s: %s\n", what, strerror(errno));
	return 1;
}

static int misused(void)
{
	usage(stderr);
	return 2;
}

static int show_counters(struct sim_link *l)
{
	struct sim_counters n;

	if (LINK_CALL(l, SIM_COUNTERS, (uintptr_t)&n) < 0)
		return failed("counters");
	printf("domains %u\nframes %u\nports %u\nguest_ports %u\n"
	       "grant_maps %u\ncopies %u\nhandles %u\n"
	       "calls %" PRIu64 "\nevents %" PRIu64 "\n",
	       n.domains, n.frames, n.ports, n.guest_ports, n.grant_maps,
	       n.copies, n.handles, n.calls, n.events);
	return 0;
}

static bool read_call(const char *text, struct sim_fault *f)
{
	const char *at = strchr(text, '@');
	int end = 0;

	f->number = f->command = -1;
	if (at && sscanf(at, "@%" SCNx64 "%n", &f->site, &end) == 1 &&
	    at[end] == '\0')
		end = (int)(at - text);
	else if (at)
		return false;
	else
		end = (int)strlen(text);
	if (end == 1 && text[0] == '-')
		return true;
	return sscanf(text, "%" SCNu32 ":%" SCNd32 ":%" SCNd32, &f->op,
		      &f->number, &f->command) > 0;
}

static bool read_nth(const char *text, struct sim_fault *f)
{
	char plus[2] = "";

	f->always = sscanf(text, "%" SCNu32 "%1[+]", &f->nth, plus) == 2;
	return f->nth > 0;
}

static bool read_action(const char *text, struct sim_fault *f)
{
	if (sscanf(text, "fail:%" SCNd32, &f->error) == 1)
		f->kind = SIM_FAIL;
	else if (sscanf(text, "partial:%" SCNd32 ":%" SCNu32, &f->error,
			&f->item) == 2)
		f->kind = SIM_PARTIAL;
	else if (sscanf(text, "delay:%" SCNu32, &f->milliseconds) == 1)
		f->kind = SIM_DELAY;
	else if (strcmp(text, "kill-before") == 0)
		f->kind = SIM_KILL_BEFORE;
	else if (strcmp(text, "kill-after") == 0)
		f->kind = SIM_KILL_AFTER;
	else
		return false;
	return true;
}

static int set_fault(struct sim_link *l, char **words)
{
	struct sim_fault f = {.op = 0};

	if (strcmp(words[0], "-") != 0)
		strncpy(f.program, words[0], sizeof(f.program) - 1);
	if (!read_call(words[1], &f) || !read_nth(words[2], &f) ||
	    !read_action(words[3], &f))
		return misused();
	return LINK_CALL(l, SIM_FAULT_SET, (uintptr_t)&f) < 0 ? failed("fault")
							      : 0;
}

static int clear_fault(struct sim_link *l)
{
	int64_t met = LINK_CALL(l, SIM_FAULT_CLEAR);

	if (met < 0)
		return failed("clear");
	printf("met %" PRIi64 "\n", met);
	return 0;
}

static void show_site(const struct sim_site *s)
{
	size_t i;

	printf("%s %u:%d:%d@%" PRIx64 " %u", s->program, s->op, s->number,
	       s->command, s->site, s->uses);
	for (i = 0; i < SIM_SITE_FRAMES && s->frames[i] != 0; i++)
		printf(" 0x%" PRIx64, s->frames[i]);
	putchar('\n');
}

static int read_survey(struct sim_link *l)
{
	struct sim_site *sites = calloc(SITES_MAX, sizeof(*sites));
	int64_t n, i;

	if (!sites)
		return failed("survey");
	n = LINK_CALL(l, SIM_SURVEY_READ, (uintptr_t)sites, SITES_MAX);
	for (i = 0; i < n && i < SITES_MAX; i++)
		show_site(&sites[i]);
	free(sites);
	if (n > SITES_MAX)
		errno = E2BIG;
	return n < 0 || n > SITES_MAX ? failed("survey") : 0;
}

static int survey(struct sim_link *l, const char *what)
{
	if (strcmp(what, "read") == 0)
		return read_survey(l);
	if (strcmp(what, "begin") == 0)
		return LINK_CALL(l, SIM_SURVEY_BEGIN) < 0 ? failed("survey")
							  : 0;
	if (strcmp(what, "end") == 0)
		return LINK_CALL(l, SIM_SURVEY_END) < 0 ? failed("survey") : 0;
	return misused();
}

static int obey(struct sim_link *l, int n, char **words)
{
	if (n == 1 && strcmp(words[0], "counters") == 0)
		return show_counters(l);
	if (n == 5 && strcmp(words[0], "fault") == 0)
		return set_fault(l, words + 1);
	if (n == 1 && strcmp(words[0], "clear") == 0)
		return clear_fault(l);
	if (n == 2 && strcmp(words[0], "survey") == 0)
		return survey(l, words[1]);
	return misused();
}

int main(int argc, char **argv)
{
	struct sim_link *l;
	int status;

	if (argc == 2 && strcmp(argv[1], "--help") == 0) {
		usage(stdout);
		return 0;
	}
	if (argc < 2)
		return misused();
	l = link_open(SIM_CONTROL, 0);
	if (!l)
		return failed("no simulated hypervisor");
	status = obey(l, argc - 1, argv + 1);
	link_close(l);
	return status;
}
