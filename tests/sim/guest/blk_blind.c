/* SPDX-License-Identifier: MIT */
/*
 * A front end that never looks at the back end's state: it writes its keys and
 * Connected, puts requests into its ring, and waits for answers alone. It has
 * its pages back when its grants say that nobody uses them.
 */
#include <errno.h>

#include "base/err.h"
#include "tests/sim/guest/blk_io.h"
#include "tests/sim/guest/grants.h"
#include "tests/sim/guest/guest.h"
#include "tests/sim/guest/scene.h"
#include "tests/sim/guest/script.h"
#include "xen/abi.h"

#define FREE_MS 5000
#define TOLD_MS 5000
#define SECTORS 333

static const struct blk_want blind = {.abi = BLK_X86_64, .blind = true};

static bool ring_is_free(void *arg)
{
	const struct blk_queue *q = arg;
	const volatile struct grant_entry_v1 *entry =
		grants_entry(q->blk->guest->grants, q->refs[0]);

	return !(entry->flags & (GTF_reading | GTF_writing));
}

static int connect_blindly(struct scene *s, struct blk *b, struct err *e)
{
	if (blk_prepare(b, &blind, e) < 0 || blk_publish(b, NULL, NULL, e) < 0)
		return -e->code;
	return blk_io_verify(&b->queues[0], 0, SECTORS, s->seed++, e);
}

/* It is served: what looks at it next is to find the state said, too. */
static int end_well(struct blk *b, struct err *e)
{
	return bus_wait(&b->bus, BUS_IN(XenbusStateConnected), TOLD_MS, e);
}

/* Whatever it was before: from then on it does not look. */
static int connects(struct scene *s, const struct step *step, struct err *e)
{
	(void)step;
	if (!s->n_disks)
		return err_set(e, ENOTSUP, "the guest has no disk");
	if (blk_disconnect(s->disks[0], e) < 0 ||
	    connect_blindly(s, s->disks[0], e) < 0)
		return -e->code;
	return end_well(s->disks[0], e);
}

static int closes_and_connects(struct scene *s, const struct step *step,
			       struct err *e)
{
	unsigned int i;
	struct blk *b;

	if (!s->n_disks)
		return err_set(e, ENOTSUP, "the guest has no disk");
	b = s->disks[0];
	for (i = 0; i < step->number; i++) {
		bus_set_state(&b->bus, XenbusStateClosing);
		bus_set_state(&b->bus, XenbusStateClosed);
		if (guest_wait(s->guest, ring_is_free, &b->queues[0], FREE_MS) <
		    0)
			return err_set(e, EBUSY, "closed, its ring is in use");
		if (connect_blindly(s, b, e) < 0)
			return err_wrap(e, "connected again");
	}
	return end_well(b, e);
}

static const struct step steps[] = {
	{.says = "connects: is served", .act = connects},
	{"closes and connects three times: is served", closes_and_connects,
	 .number = 3},
	{.says = "closed by one that looks: so is it, and served again",
	 .act = connects},
};

const struct script blk_blind = SCRIPT(
	"blk-blind", "a disk whose guest does not look at the back end's state",
	steps);
