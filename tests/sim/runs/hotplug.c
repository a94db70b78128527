/* SPDX-License-Identifier: MIT */
/*
 * A disk that comes to a guest, is used and goes, a thousand times or as often
 * as the argument says, every tenth time by force from a front end that does
 * not let go, while the guest's first disk works: afterwards there is what
 * there was before.
 */
#include <stdlib.h>

#include "base/err.h"
#include "base/num.h"
#include "base/scope.h"
#include "tests/sim/runs/actor.h"
#include "tests/sim/runs/remains.h"
#include "tests/sim/runs/tap.h"
#include "tests/sim/runs/world.h"

#define ROUNDS	  1000
#define WARM_UP	  20
#define FORCED	  10 /* every so many times */
#define SETTLE_MS 5000

static int round_of(struct actor *a, unsigned int i, struct err *e)
{
	if (actor_attach_disk(a, e) < 0)
		return err_wrap(e, "attached");
	if (actor_use_disk(a, a->disk, e) < 0)
		return err_wrap(e, "the first, meanwhile");
	if ((i % FORCED ? actor_detach_disk : actor_force_disk)(a, e) < 0)
		return err_wrap(e, "detached");
	return 0;
}

/* How many went as they should; *e is of the one that did not. */
static unsigned int rounds(struct actor *a, unsigned int count, struct err *e)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		if (round_of(a, i, e) < 0)
			break;
	return i;
}

static bool begin(struct world *w, struct actor *a, struct err *e)
{
	return xnd_start(w, NULL, e) == 0 && actor_create(a, e) == 0 &&
	       actor_boot(a, e) == 0 && rounds(a, WARM_UP, e) == WARM_UP;
}

static void come_and_go(struct world *w, struct actor *a, unsigned int count)
{
	scoped_str before = NULL;
	double began = world_now();
	unsigned int good;
	struct err e;
	bool ok;

	before = remains_rest(w);
	good = rounds(a, count, &e);
	ok = good == count;
	tap(ok, "a disk comes and goes %u times of %u%s%s", good, count,
	    ok ? "" : ": ", ok ? "" : e.text);
	tap_note("in %.1f s", world_now() - began);
	ok = remains_settle(w, before, SETTLE_MS, &e) == 0;
	tap(ok, "nothing is left of it%s%s", ok ? "" : ": ", ok ? "" : e.text);
}

int main(int argc, char **argv)
{
	scoped_str complaint = NULL;
	uint32_t count = ROUNDS;
	struct actor a;
	struct world w;
	struct err e;
	int status;

	if (argc > 1 && num_parse_u32(argv[1], UINT32_MAX, &count) < 0)
		return 2;
	world_open(&w);
	actor_init(&a, &w, 1);
	if (!begin(&w, &a, &e)) {
		tap(false, "a guest does not come so far: %s", e.text);
		return 1;
	}
	come_and_go(&w, &a, count);
	tap(actor_destroy(&a, &e) == 0, "the guest is destroyed");
	status = xnd_stop(&w);
	tap(status == 0, "xnd stops with status 0, not 0x%x", status);
	complaint = world_complaint(&w);
	tap(!complaint, "no sanitizer complains%s%s", complaint ? ": " : "",
	    complaint ? complaint : "");
	actor_free(&a);
	world_close(&w);
	return tap_status();
}
