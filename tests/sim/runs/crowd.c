/* SPDX-License-Identifier: MIT */
/*
 * Two hundred guests, twenty at a time, each created, used and destroyed:
 * afterwards there is what there was after the first twenty, and xnd has not
 * grown.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/scope.h"
#include "tests/sim/runs/actor.h"
#include "tests/sim/runs/remains.h"
#include "tests/sim/runs/tap.h"
#include "tests/sim/runs/world.h"

#define GUESTS	  200
#define TOGETHER  20
#define SLOTS	  (TOGETHER + 2)	    /* one comes, and one goes */
#define HALF	  ((GUESTS - TOGETHER) / 2) /* of those after the first */
#define SETTLE_MS 5000
#define KIB_MORE  8192 /* what the sanitizer keeps of freed memory, and more */

/* In KiB. */
static long memory_of(const struct world *w)
{
	char path[64];
	long pages = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/statm", (int)w->xnd);
	f = fopen(path, "re");
	if (f) {
		if (fscanf(f, "%*d %ld", &pages) != 1)
			pages = 0;
		fclose(f);
	}
	return pages * 4;
}

static struct call *begin(struct actor *a, struct world *w, unsigned int number)
{
	actor_init(a, w, number);
	return actor_begin_create(a);
}

static bool come(struct actor *a, struct call *creation, struct err *e)
{
	return actor_end_create(a, creation, e) == 0 && actor_boot(a, e) == 0 &&
	       actor_use(a, e) == 0;
}

/*
 * While one boots, the next is created and the oldest is destroyed. How many
 * lived as they should; *e is of the last that did not.
 */
static unsigned int crowd(struct world *w, unsigned int count, struct err *e)
{
	static struct actor all[SLOTS];
	struct call *creation = begin(&all[0], w, 1);
	unsigned int good = 0;
	unsigned int i;

	for (i = 0; i < count + TOGETHER; i++) {
		struct actor *oldest = &all[(i + SLOTS - TOGETHER) % SLOTS];
		struct call *destruction = NULL;
		struct call *next = NULL;

		if (i >= TOGETHER)
			destruction = actor_begin_destroy(oldest);
		if (i + 1 < count)
			next = begin(&all[(i + 1) % SLOTS], w, i + 2);
		if (i < count && !come(&all[i % SLOTS], creation, e))
			tap_note("guest %u: %s", i, e->text);
		creation = next;
		if (!destruction)
			continue;
		good += actor_end_destroy(oldest, destruction, e) == 0;
		actor_free(oldest);
	}
	return good;
}

int main(void)
{
	scoped_str complaint = NULL;
	scoped_str before = NULL;
	struct err e = {0};
	struct world w;
	long memory;
	int status;
	bool ok;

	world_open(&w);
	if (xnd_start(&w, NULL, &e) < 0) {
		tap(false, "xnd does not start: %s", e.text);
		return 1;
	}
	ok = crowd(&w, TOGETHER, &e) == TOGETHER;
	tap(ok, "%u guests come and go%s%s", TOGETHER, ok ? "" : ": ", e.text);
	ok = remains_await_end(&w, "xn-blk", SETTLE_MS, &e) == 0 &&
	     remains_await_end(&w, "xn-net", SETTLE_MS, &e) == 0;
	tap(ok, "their workers end%s%s", ok ? "" : ": ", ok ? "" : e.text);
	before = remains_rest(&w);
	ok = crowd(&w, HALF, &e) == HALF;
	memory = memory_of(&w);
	ok = crowd(&w, HALF, &e) == HALF && ok;
	tap(ok, "%u guests do, %u at a time%s%s", 2 * HALF, TOGETHER,
	    ok ? "" : ": ", e.text);
	ok = remains_settle(&w, before, SETTLE_MS, &e) == 0;
	tap(ok, "nothing is left of them%s%s", ok ? "" : ": ",
	    ok ? "" : e.text);
	tap(memory_of(&w) - memory < KIB_MORE,
	    "xnd has grown by %ld KiB over the last %u, to %ld",
	    memory_of(&w) - memory, HALF, memory_of(&w));
	status = xnd_stop(&w);
	tap(status == 0, "xnd stops with status 0, not 0x%x", status);
	complaint = world_complaint(&w);
	tap(!complaint, "no sanitizer complains%s%s", complaint ? ": " : "",
	    complaint ? complaint : "");
	world_close(&w);
	return tap_status();
}
