/* SPDX-License-Identifier: MIT */
/*
 * Every call of ours that the hypervisor can refuse, refused; every element
 * of a batch, refused alone; every caller killed before and after it; some
 * answers late. After each, the promises of stage.h. A table of all of it is
 * written into the bed's folder.
 *
 * faults I/N: the Ith of N shares, so that several beds do it together.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xenctrl.h>
#include <xen/grant_table.h>

#include "base/scope.h"
#include "tests/sim/lib/link.h"
#include "tests/sim/runs/sites.h"
#include "tests/sim/runs/stage.h"
#include "tests/sim/runs/tap.h"

#define ITEMS	 3    /* of a batch: A's requests have so many pages */
#define TRIES	 8    /* of a fault that is only met by chance */
#define DELAY_MS 2500 /* longer than any time-out of the bed's xnd.conf */

struct trial {
	const struct site *site;
	enum sim_fault_kind kind;
	uint32_t item;
};

struct faults {
	struct world w;
	struct stage stage;
	struct sites sites;
	FILE *table;
	unsigned int share, shares;
	unsigned int number; /* of the next trial */
	const char *only;
	double began; /* the present trial */
};

static const char *const kinds[] = {
	[SIM_FAIL] = "fails",
	[SIM_PARTIAL] = "fails in part",
	[SIM_DELAY] = "late",
	[SIM_KILL_BEFORE] = "killed before",
	[SIM_KILL_AFTER] = "killed after",
};

static void arm(struct faults *f, const struct trial *t)
{
	const struct sim_site *at = &t->site->at;
	struct sim_fault fault = {
		.op = at->op,
		.number = at->number,
		.command = at->command,
		.nth = 1,
		.site = at->site,
		.kind = t->kind,
		.error = site_error(t->site),
		.item = t->item,
		.milliseconds = DELAY_MS,
	};

	memcpy(fault.program, at->program, sizeof(fault.program));
	if (t->kind == SIM_PARTIAL && at->op != SIM_FOREIGN_MAP)
		fault.error = GNTST_bad_gntref;
	if (LINK_CALL(f->w.control, SIM_FAULT_SET, (uintptr_t)&fault) < 0)
		fprintf(stderr, "cannot arm a fault: %s\n", strerror(errno));
}

static void tell(struct faults *f, const struct trial *t,
		 const struct outcome *o)
{
	char what[80];

	snprintf(what, sizeof(what), t->kind == SIM_PARTIAL ? "%s: %u" : "%s",
		 kinds[t->kind], t->item);
	fprintf(f->table, "%6.0f ms %-10s %-20s %-14s %s\n    %s%s%s\n",
		(world_now() - f->began) * 1e3, t->site->at.program,
		t->site->call, what, t->site->place,
		o->broken[0] ? "BROKEN " : "",
		o->broken[0] ? o->broken
		: o->said[0] ? o->said
			     : "nobody noticed",
		"");
	fflush(f->table);
	tap(!o->broken[0], "%s %s (%s) %s%s%s", t->site->at.program,
	    t->site->call, t->site->place, what, o->broken[0] ? ": " : "",
	    o->broken);
}

/* A fault that no call can have met: the batch is not so long. */
static bool may_miss(const struct trial *t)
{
	return t->kind == SIM_PARTIAL && t->item > 0;
}

/* All of A's life, when the fault was not met in the step that it was in. */
static enum stage_step last_step(const struct trial *t, unsigned int tries)
{
	return tries == TRIES ? (enum stage_step)t->site->step
			      : STAGE_DETACH_VIF;
}

static void try(struct faults *f, const struct trial *t)
{
	bool is_kill = t->kind == SIM_KILL_BEFORE || t->kind == SIM_KILL_AFTER;
	unsigned int tries = TRIES;
	struct outcome o;
	struct err e;
	int64_t met;

	if (f->number++ % f->shares != f->share ||
	    (f->only && !strstr(t->site->at.program, f->only)))
		return;
	f->began = world_now();
	do {
		arm(f, t);
		if (t->site->step < 0)
			stage_start(&f->stage, &o);
		else
			stage_play(&f->stage, last_step(t, tries), &o, NULL,
				   NULL);
		met = LINK_CALL(f->w.control, SIM_FAULT_CLEAR, 0);
	} while (met == 0 && !may_miss(t) && t->site->step >= 0 && !o.said[0] &&
		 --tries);
	if (met == 0 && may_miss(t))
		return;
	if (met == 0 && !o.broken[0])
		snprintf(o.broken, sizeof(o.broken), "the fault was not met");
	if (t->site->step < 0)
		stage_judge_start(&f->stage, &o);
	else if (is_kill && strcmp(t->site->at.program, "xnd") == 0) {
		o.broken[0] = '\0'; /* no answer is no surprise */
		stage_succeed(&f->stage, &o);
	} else {
		stage_judge(&f->stage, &o);
	}
	tell(f, t, &o);
	if (o.broken[0] && stage_reopen(&f->stage, &e) < 0) {
		tap(false, "the bed cannot be made again: %s", e.text);
		exit(1);
	}
}

static void try_all_of(struct faults *f, const struct site *s)
{
	static const enum sim_fault_kind each[] = {SIM_FAIL, SIM_KILL_BEFORE,
						   SIM_KILL_AFTER};
	struct trial t = {.site = s};
	size_t i;

	for (i = 0; i < sizeof(each) / sizeof(each[0]); i++) {
		t.kind = each[i];
		try(f, &t);
	}
	t.kind = SIM_PARTIAL;
	for (t.item = 0; site_is_batch(s) && t.item < ITEMS; t.item++)
		try(f, &t);
}

/* The last call of each program in each step comes late. */
static void try_delays(struct faults *f)
{
	struct trial t = {.kind = SIM_DELAY};
	size_t i;

	for (i = 0; i < f->sites.count; i++) {
		const struct site *s = &f->sites.list[i];

		t.site = s;
		if (strcmp(s->at.program, "xnd") != 0 && s->step >= 0 &&
		    (i + 1 == f->sites.count ||
		     strcmp(s[1].at.program, s->at.program) != 0 ||
		     (s[1].step != s->step && s->step <= STAGE_BOOT)))
			try(f, &t);
	}
}

static void on_step(enum stage_step step, void *arg)
{
	sites_note(arg, (int)step);
}

int main(int argc, char **argv)
{
	static struct faults f = {.shares = 1};
	scoped_str table = NULL;
	struct outcome o;
	struct err e;
	size_t i;

	if (argc > 1)
		sscanf(argv[1], "%u/%u", &f.share, &f.shares);
	f.only = argc > 2 ? argv[2] : NULL;
	world_open(&f.w);
	table = world_path(&f.w, "faults.txt");
	f.table = fopen(table, "we");
	sites_begin(&f.sites, &f.w);
	if (stage_open(&f.stage, &f.w, on_step, &f.sites, &e) < 0) {
		tap(false, "the stage is not set: %s", e.text);
		return 1;
	}
	sites_end(&f.sites);
	sites_place(&f.sites);
	stage_judge(&f.stage, &o);
	tap(!o.broken[0], "without a fault every promise is kept%s%s",
	    o.broken[0] ? ": " : "", o.broken);
	tap_note("%zu call sites", f.sites.count);
	for (i = 0; i < f.sites.count; i++)
		if (f.sites.list[i].step >= 0)
			try_all_of(&f, &f.sites.list[i]);
	try_delays(&f);
	stage_stop(&f.stage);
	for (i = 0; i < f.sites.count; i++)
		if (f.sites.list[i].step < 0)
			try_all_of(&f, &f.sites.list[i]);
	stage_close(&f.stage, &o);
	tap(!o.broken[0], "the end%s%s", o.broken[0] ? ": " : "", o.broken);
	fclose(f.table);
	sites_free(&f.sites);
	world_close(&f.w);
	return tap_status();
}
