/* SPDX-License-Identifier: MIT */
/*
 * Every call of ours that the hypervisor can refuse, refused; every element
 * of a batch, refused alone; every caller killed before and after it; some
 * answers late. After each, the promises of stage.h. A table of all of it is
 * written into the bed's folder.
 *
 * faults I/N: the Ith of N shares, so that several beds do it together. Each
 * makes its own survey, so a trial's share follows from the trial alone.
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
#define TRIES	 4    /* of a fault that is met by chance */
#define LIVES	 3    /* surveyed, for calls that are made by chance */
#define DELAY_MS 2300 /* longer than any time-out of the bed's xnd.conf */

struct trial {
	const struct site *site;
	enum sim_fault_kind kind;
	uint32_t item;
	uint32_t nth; /* use of the site */
};

struct faults {
	struct world w;
	struct stage stage;
	struct sites sites;
	FILE *table;
	unsigned int share, shares;
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

/* anywhere: the same call from any place, when the one is met by chance. */
static void arm(struct faults *f, const struct trial *t, bool anywhere)
{
	const struct sim_site *at = &t->site->at;
	struct sim_fault fault = {
		.op = at->op,
		.number = at->number,
		.command = at->command,
		.nth = t->nth,
		.site = anywhere ? 0 : at->site,
		.kind = t->kind,
		.error = site_error(t->site),
		.item = t->item,
		.milliseconds = DELAY_MS,
		/* B's workers are from before. */
		.newcomers = stage_is_of_one_device(at->program),
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

	snprintf(what, sizeof(what),
		 t->kind == SIM_PARTIAL ? "%s: %u"
		 : t->nth > 1		? "%s, use %u"
					: "%s",
		 kinds[t->kind], t->nth > 1 ? t->nth : t->item);
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

/* A fault that no call can have met: the batch, or the life, is not so long. */
static bool may_miss(const struct trial *t)
{
	return (t->kind == SIM_PARTIAL && t->item > 0) || t->nth > 1;
}

/*
 * One call of ours of a library that asks many times over: to the survey, it
 * is one site.
 */
static bool is_of_a_library(const struct trial *t)
{
	return t->kind == SIM_FAIL && t->site->at.op != SIM_HELLO &&
	       strcmp(t->site->at.program, "xn-build") == 0;
}

/*
 * A's life to the step in which the call was met; then, should it be met by
 * chance only, all of it, and at last the same call from anywhere.
 */
static int64_t play(struct faults *f, const struct trial *t, struct outcome *o)
{
	unsigned int tries;
	int64_t met = 0;

	for (tries = 0; met == 0 && tries < TRIES; tries++) {
		arm(f, t, tries == TRIES - 1);
		if (t->site->step < 0)
			stage_start(&f->stage, o);
		else
			stage_play(&f->stage,
				   tries ? STAGE_DETACH_VIF
					 : (enum stage_step)t->site->step,
				   o, NULL, NULL);
		met = LINK_CALL(f->w.control, SIM_FAULT_CLEAR, 0);
		if (may_miss(t) || t->site->step < 0 || o->said[0])
			break;
	}
	if (met == 0 && !may_miss(t) && !o->broken[0])
		snprintf(o->broken, sizeof(o->broken), "was not met");
	return met;
}

/* A disk or a vif that is in use outlives its worker. */
static bool is_of_no_note(const struct trial *t)
{
	return stage_is_of_one_device(t->site->at.program) &&
	       t->site->step >= STAGE_USE && t->site->step <= STAGE_ASK;
}

static void judge(struct faults *f, const struct trial *t, struct outcome *o)
{
	bool is_kill = t->kind == SIM_KILL_BEFORE || t->kind == SIM_KILL_AFTER;

	if (is_kill && is_of_no_note(t) && o->said[0] && !o->broken[0])
		snprintf(o->broken, sizeof(o->broken), "the guest noticed");
	if (t->site->step < 0) {
		stage_judge_start(&f->stage, o);
	} else if (is_kill && strcmp(t->site->at.program, "xnd") == 0) {
		o->broken[0] = '\0'; /* no answer is no surprise */
		stage_succeed(&f->stage, o);
	} else {
		stage_judge(&f->stage, o);
	}
}

static bool is_ours(const struct faults *f, const struct trial *t)
{
	uint64_t key = site_key(t->site) * 31 + (uint64_t)t->kind;

	key = (key * 31 + t->item) * 0x9e3779b97f4a7c15ull;
	return (key >> 32) % f->shares == f->share;
}

/* True when it was met. */
static bool try(struct faults *f, const struct trial *t)
{
	struct outcome o;
	struct err e;
	int64_t met;

	if (!is_ours(f, t) ||
	    (f->only && !strstr(t->site->at.program, f->only)))
		return false;
	f->began = world_now();
	met = play(f, t, &o);
	if (met == 0 && may_miss(t))
		return false;
	if (met)
		judge(f, t, &o);
	tell(f, t, &o);
	if (o.broken[0] && stage_reopen(&f->stage, &e) < 0) {
		tap(false, "the bed cannot be made again: %s", e.text);
		exit(1);
	}
	return met != 0;
}

/*
 * Kind by kind, each in the order in which the calls were met, so that no
 * program is killed twice within its supervisor's patience.
 */
static void try_all(struct faults *f, bool starts)
{
	static const enum sim_fault_kind each[] = {
		SIM_FAIL, SIM_PARTIAL, SIM_KILL_BEFORE, SIM_KILL_AFTER};
	struct trial t;
	size_t i, k;

	for (k = 0; k < sizeof(each) / sizeof(each[0]); k++) {
		for (i = 0; i < f->sites.count; i++) {
			bool many = each[k] == SIM_PARTIAL;

			t = (struct trial){&f->sites.list[i], each[k], 0, 1};
			if ((t.site->step < 0) != starts ||
			    (many && !site_is_batch(t.site)))
				continue;
			for (; t.item < (many ? ITEMS : 1); t.item++)
				while (try(f, &t) && is_of_a_library(&t))
					t.nth++;
		}
	}
}

static bool is_last_of_its_kind(const struct sites *all, const struct site *s)
{
	const struct site *end = all->list + all->count;
	const struct site *later;

	for (later = s + 1; later < end; later++)
		if (strcmp(later->at.program, s->at.program) == 0 &&
		    (later->step == s->step || s->step > STAGE_BOOT))
			return false;
	return true;
}

/*
 * A worker's last call in a step comes late: of creating, of connecting, and
 * of all that follows.
 */
static void try_delays(struct faults *f)
{
	struct trial t = {.kind = SIM_DELAY, .nth = 1};
	size_t i;

	for (i = 0; i < f->sites.count; i++) {
		t.site = &f->sites.list[i];
		if (t.site->step >= 0 &&
		    strcmp(t.site->at.program, "xnd") != 0 &&
		    is_last_of_its_kind(&f->sites, t.site))
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
	struct outcome o = {0};
	struct err e;
	int i;

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
	for (i = 1; i < LIVES; i++)
		stage_play(&f.stage, STAGE_DETACH_VIF, &o, on_step, &f.sites);
	sites_end(&f.sites);
	sites_place(&f.sites);
	stage_judge(&f.stage, &o);
	tap(!o.broken[0], "without a fault every promise is kept%s%s",
	    o.broken[0] ? ": " : "", o.broken);
	tap(f.sites.lost == 0 && f.sites.count > 0,
	    "all of %zu call sites are known", f.sites.count);
	try_all(&f, false);
	try_delays(&f);
	if (stage_stop(&f.stage, &e) < 0)
		tap(false, "xnd's end: %s", e.text);
	try_all(&f, true);
	stage_close(&f.stage, &o);
	tap(!o.broken[0], "the end%s%s", o.broken[0] ? ": " : "", o.broken);
	fclose(f.table);
	sites_free(&f.sites);
	world_close(&f.w);
	return tap_status();
}
