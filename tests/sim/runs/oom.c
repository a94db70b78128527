/* SPDX-License-Identifier: MIT */
/*
 * Every call of ours that allocates, failed once: in xnd and the workers, in
 * the step of a guest's life in which it is made first. After each, the
 * promises of stage.h. A table of all of it is written into the bed's folder.
 *
 * oom I/N: the Ith of N shares, so that several beds do it together.
 * oom deep:I/N: every way there is to an allocation, some 1500 of them; but
 * not within libseccomp, which follows its own null pointers (2.5.4).
 * oom I/N TEXT…: only places in whose name or program one of these is.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/scope.h"
#include "base/text.h"
#include "tests/sim/malloc/plan.h"
#include "tests/sim/runs/place.h"
#include "tests/sim/runs/stage.h"
#include "tests/sim/runs/tap.h"

#define TRIES 3

struct place {
	const struct malloc_site *at;
	enum stage_step step; /* in which it was met first */
	char name[320];
};

struct oom {
	struct world w;
	struct stage stage;
	struct malloc_site sites[MALLOC_SITES];
	struct place places[MALLOC_SITES];
	size_t count;
	bool seen[MALLOC_SITES]; /* of the plan's */
	FILE *table;
	unsigned int share, shares;
	char **only; /* one of these words; the first NULL: all */
	bool is_deep;
	unsigned int unmet;
};

/* ---- the survey ---- */

static void on_step(enum stage_step step, void *arg)
{
	struct oom *o = arg;
	size_t i;

	for (i = 0; i < MALLOC_SITES; i++) {
		const struct malloc_site *site = &o->w.plan->sites[i];

		if (o->seen[i] || !atomic_load(&site->uses))
			continue;
		o->seen[i] = true;
		o->sites[i] = *site;
		o->places[o->count].at = &o->sites[i];
		o->places[o->count++].step = step;
	}
}

/* "library+offset" for what is not the program's. */
static void name_frame(const struct malloc_plan *plan, uint64_t frame,
		       char *text, size_t room)
{
	uint64_t module = frame >> MALLOC_OFFSET_BITS;
	const char *path = plan->modules[module].path;
	const char *slash = strrchr(path, '/');

	snprintf(text, room, "%s+0x%llx", slash ? slash + 1 : path,
		 (unsigned long long)(frame &
				      ((1ull << MALLOC_OFFSET_BITS) - 1)));
}

static void name_place(const struct oom *o, struct places *programs,
		       struct place *p)
{
	uint64_t own[MALLOC_FRAMES];
	unsigned int n = 0;
	unsigned int i;
	char first[80] = "";

	for (i = 0; i < MALLOC_FRAMES && p->at->frames[i]; i++) {
		uint64_t frame = p->at->frames[i];
		uint64_t module = frame >> MALLOC_OFFSET_BITS;

		if (strcmp(o->w.plan->modules[module].path, p->at->program) ==
		    0)
			own[n++] = frame & ((1ull << MALLOC_OFFSET_BITS) - 1);
		else if (i == 0)
			name_frame(o->w.plan, frame, first, sizeof(first));
	}
	snprintf(p->name, sizeof(p->name), "%s%s", first,
		 first[0] ? " < " : "");
	i = (unsigned int)strlen(p->name);
	place_name(programs, own, n, p->name + i, sizeof(p->name) - i);
}

static int by_step(const void *a, const void *b)
{
	const struct place *x = a;
	const struct place *y = b;

	return x->step != y->step ? (int)x->step - (int)y->step
				  : strcmp(x->at->program, y->at->program);
}

static void name_places(struct oom *o)
{
	struct places *programs = NULL;
	const char *open = "";
	size_t i;

	qsort(o->places, o->count, sizeof(o->places[0]), by_step);
	for (i = 0; i < o->count; i++) {
		if (strcmp(open, o->places[i].at->program) != 0) {
			if (programs)
				places_close(programs);
			open = o->places[i].at->program;
			programs = places_open(open);
		}
		name_place(o, programs, &o->places[i]);
	}
	if (programs)
		places_close(programs);
}

/* ---- the trials ---- */

static void tell(struct oom *o, const struct place *p, double seconds,
		 const struct outcome *out)
{
	fprintf(o->table, "%6.0f ms %-10s %-11s %s\n    %s%s\n", seconds * 1e3,
		p->at->program,
		p->step < 0 ? "start" : stage_step_name(p->step), p->name,
		out->broken[0] ? "BROKEN " : "",
		out->broken[0] ? out->broken
		: out->said[0] ? out->said
			       : "nobody noticed");
	fflush(o->table);
	if (out->broken[0])
		tap(false, "%s, %s: %s", p->at->program, p->name, out->broken);
}

static uint32_t play(struct oom *o, const struct place *p, struct outcome *out)
{
	unsigned int tries = TRIES;
	uint32_t met = 0;

	while (met == 0 && tries--) {
		/* B's workers are from before. */
		malloc_arm(o->w.plan, p->at->program, p->at->site, 1,
			   stage_is_of_one_device(p->at->program));
		if (p->step < 0)
			stage_start(&o->stage, out);
		else
			stage_play(&o->stage,
				   tries == TRIES - 1 ? p->step
						      : STAGE_DETACH_VIF,
				   out, NULL, NULL);
		met = malloc_disarm(o->w.plan);
		if (met == 0 && out->said[0] && !out->broken[0])
			snprintf(out->broken, sizeof(out->broken),
				 "nothing was refused, and yet: %.300s",
				 out->said);
		if (p->step < 0 || out->broken[0])
			break;
	}
	return met;
}

static bool try(struct oom *o, const struct place *p)
{
	double began = world_now();
	struct outcome out;
	struct err e;
	bool ok;

	if (play(o, p, &out) == 0) {
		o->unmet++;
		if (!out.broken[0])
			snprintf(out.said, sizeof(out.said),
				 "was not met again");
	}
	if (p->step < 0)
		stage_judge_start(&o->stage, &out);
	else
		stage_judge(&o->stage, &out);
	tell(o, p, world_now() - began, &out);
	ok = !out.broken[0];
	if (!ok && stage_reopen(&o->stage, &e) < 0) {
		tap(false, "the bed cannot be made again: %s", e.text);
		exit(1);
	}
	return ok;
}

static bool is_wanted(const struct oom *o, const struct place *p)
{
	char **word = o->only;

	if (!*word)
		return true;
	for (; *word; word++)
		if (strstr(p->name, *word) || strstr(p->at->program, *word))
			return true;
	return false;
}

/* Each bed makes its own survey: a place's share follows from the place. */
static bool is_ours(const struct oom *o, const struct place *p)
{
	if (!is_wanted(o, p))
		return false;
	if (o->is_deep && text_begins(p->name, "libseccomp.so"))
		return false;
	return (p->at->site >> 32) % o->shares == o->share;
}

static void try_all(struct oom *o, bool starts)
{
	unsigned int good = 0;
	unsigned int all = 0;
	size_t i;

	for (i = 0; i < o->count; i++) {
		if ((o->places[i].step < 0) != starts ||
		    !is_ours(o, &o->places[i]))
			continue;
		all++;
		good += try(o, &o->places[i]);
	}
	tap(good == all,
	    "%s, %u of %u allocations fail and every promise is kept",
	    starts ? "when xnd starts" : "in a guest's life", good, all);
}

int main(int argc, char **argv)
{
	static struct oom o = {.shares = 1};
	scoped_str table = NULL;
	struct outcome out;
	struct err e;

	if (argc > 1 && sscanf(argv[1], "deep:%u/%u", &o.share, &o.shares) == 2)
		o.is_deep = true;
	else if (argc > 1)
		sscanf(argv[1], "%u/%u", &o.share, &o.shares);
	o.only = argc > 2 ? argv + 2 : argv + argc;
	world_open(&o.w);
	table = world_path(&o.w, "oom.txt");
	o.table = fopen(table, "we");
	malloc_survey_begin(o.w.plan, o.is_deep ? MALLOC_STACKS : MALLOC_CALLS);
	if (stage_open(&o.stage, &o.w, on_step, &o, &e) < 0) {
		tap(false, "the stage is not set: %s", e.text);
		return 1;
	}
	malloc_survey_end(o.w.plan);
	name_places(&o);
	tap(atomic_load(&o.w.plan->lost) == 0, "all of %zu places are known",
	    o.count);
	try_all(&o, false);
	if (stage_stop(&o.stage, &e) < 0)
		tap(false, "xnd's end: %s", e.text);
	try_all(&o, true);
	tap_note("%u were not met again: their way there is by chance",
		 o.unmet);
	stage_close(&o.stage, &out);
	tap(!out.broken[0], "the end%s%s", out.broken[0] ? ": " : "",
	    out.broken);
	fclose(o.table);
	world_close(&o.w);
	return tap_status();
}
