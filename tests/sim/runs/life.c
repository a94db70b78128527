/* SPDX-License-Identifier: MIT */
/*
 * The whole life of a guest on the native bed: born with a disk, a vif and a
 * console, all of them used; more devices given and taken while the others
 * work; dead by its own poweroff, and again by order. Afterwards nothing is
 * left of it.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "base/err.h"
#include "base/scope.h"
#include "tests/sim/runs/actor.h"
#include "tests/sim/runs/nobody.h"
#include "tests/sim/runs/remains.h"
#include "tests/sim/runs/tap.h"
#include "tests/sim/runs/world.h"

#define LIMIT_S	  5.0
#define SETTLE_MS 3000

static int check_user(const char *program, uint32_t wanted, struct err *e)
{
	uint32_t user;

	if (nobody_look(program, &user, e) < 0)
		return -e->code;
	if (user == wanted)
		return 0;
	return err_set(e, EPERM, "%s is user %u, not %u", program, user,
		       wanted);
}

static int check_users(struct actor *a, struct err *e)
{
	const uint32_t own = NOBODY_FIRST + a->domid;

	if (check_user("xn-blk", own, e) < 0 ||
	    check_user("xn-net", own, e) < 0)
		return -e->code;
	return check_user("xn-console", NOBODY_CONSOLE, e);
}

static const struct step {
	const char *what;
	int (*run)(struct actor *a, struct err *e);
} steps[] = {
	{"it is created", actor_create},
	{"its front ends connect", actor_boot},
	{"disk, vif and console carry what it sends", actor_use},
	{"its workers are nobody, with all their threads", check_users},
	{"it is listed, paused and unpaused", actor_ask},
	{"a second disk is attached and used", actor_attach_disk},
	{"a second vif is attached and used", actor_attach_vif},
	{"the first ones work beside them", actor_use},
	{"the second disk is detached", actor_detach_disk},
	{"the first ones work meanwhile", actor_use},
	{"the second vif is detached", actor_detach_vif},
	{"the first ones work afterwards", actor_use},
};

static void live(struct actor *a)
{
	struct err e;
	size_t i;

	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		bool ok = steps[i].run(a, &e) == 0;

		tap(ok, "%s%s%s", steps[i].what, ok ? "" : ": ",
		    ok ? "" : e.text);
	}
}

static void nothing_left(struct world *w, const char *before, const char *when)
{
	struct err e;
	bool ok = remains_settle(w, before, SETTLE_MS, &e) == 0;

	tap(ok, "%s nothing is left%s%s", when, ok ? "" : ": ",
	    ok ? "" : e.text);
}

static void no_complaint(struct world *w)
{
	scoped_str complaint = world_complaint(w);

	tap(!complaint, "no sanitizer complains%s%s", complaint ? ": " : "",
	    complaint ? complaint : "");
}

int main(void)
{
	scoped_str before = NULL;
	double began = world_now();
	struct actor a;
	struct world w;
	struct err e;
	int status;
	bool ok;

	world_open(&w);
	actor_init(&a, &w, 1);
	ok = xnd_start(&w, NULL, &e) == 0;
	if (!tap(ok, "xnd starts%s%s", ok ? "" : ": ", ok ? "" : e.text))
		return 1;
	/* The first guest leaves the directories that all share. */
	ok = actor_create(&a, &e) == 0 && actor_destroy(&a, &e) == 0;
	tap(ok, "a guest comes and goes%s%s", ok ? "" : ": ", ok ? "" : e.text);
	before = remains_rest(&w);

	live(&a);
	ok = actor_power_off(&a, &e) == 0;
	tap(ok, "it powers off, and is gone%s%s", ok ? "" : ": ",
	    ok ? "" : e.text);
	nothing_left(&w, before, "after a poweroff");

	live(&a);
	ok = actor_destroy(&a, &e) == 0;
	tap(ok, "it is destroyed%s%s", ok ? "" : ": ", ok ? "" : e.text);
	nothing_left(&w, before, "after a destroy");

	status = xnd_stop(&w);
	tap(status == 0, "xnd stops with status 0, not 0x%x", status);
	no_complaint(&w);
	tap(world_now() - began < LIMIT_S, "all of it took %.1f s, of %.0f",
	    world_now() - began, LIMIT_S);
	actor_free(&a);
	world_close(&w);
	return tap_status();
}
