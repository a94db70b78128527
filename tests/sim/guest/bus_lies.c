/* SPDX-License-Identifier: MIT */
/*
 * States that make no sense, written at the wrong time, or too often: each
 * device comes back afterwards, and the toolstack's memory stays bounded.
 */
#include <errno.h>

#include "base/err.h"
#include "tests/sim/guest/blk_io.h"
#include "tests/sim/guest/guest.h"
#include "tests/sim/guest/script.h"
#include "tests/sim/guest/scene.h"
#include "tests/sim/guest/store.h"

#define CLOSED_MS 5000
#define SETTLE_MS 100

/* The n-th bus of all devices, disks first; NULL when there are no more. */
static struct bus *scene_bus(struct scene *s, unsigned int n)
{
	if (n < s->n_disks)
		return &s->disks[n]->bus;
	n -= s->n_disks;
	return n < s->n_nets ? &s->nets[n]->bus : NULL;
}

static int end_device(struct scene *s, unsigned int n, struct err *e)
{
	return n < s->n_disks ? blk_disconnect(s->disks[n], e)
			      : net_disconnect(s->nets[n - s->n_disks], e);
}

/* Of a device that serves. */
static int state_lied(struct scene *s, const struct step *step, struct err *e)
{
	const struct key_lie *lie = &step->key;
	struct bus *bus;
	unsigned int n;
	int rc;

	for (n = 0; (bus = scene_bus(s, n)); n++) {
		rc = lie->text ? store_write(s->guest->store, 0, lie->text,
					     "%s/state", bus->front)
			       : store_remove(s->guest->store, 0, "%s/state",
					      bus->front);
		if (rc < 0)
			return err_errno(e, -rc, "%s/state", bus->front);
		if (lie->goes_on) {
			guest_rest(s->guest, SETTLE_MS);
			bus_set_state(bus, XenbusStateConnected);
			continue;
		}
		/* After Closed it may see Initialising, and begin again. */
		if (bus_wait(bus, ~BUS_IN(XenbusStateConnected), CLOSED_MS, e) <
			    0 ||
		    end_device(s, n, e) < 0)
			return -e->code;
	}
	return n ? 0 : err_set(e, ENOTSUP, "the guest has no device");
}

/* Connected, so often: events of one path must not pile up (XSA-349). */
static int state_flood(struct scene *s, const struct step *step, struct err *e)
{
	struct bus *bus;
	unsigned int n, i;

	for (n = 0; (bus = scene_bus(s, n)); n++)
		for (i = 0; i < step->number; i++)
			bus_set_state(bus, XenbusStateConnected);
	return n ? 0 : err_set(e, ENOTSUP, "the guest has no device");
}

/* Requests are under way; nobody is waited for (XSA-350). */
static int state_toggle(struct scene *s, const struct step *step, struct err *e)
{
	const struct blk_wire flush = {.operation = BLKIF_OP_FLUSH_DISKCACHE};
	struct bus *bus;
	unsigned int n, i;

	for (n = 0; n < s->n_disks; n++) {
		s->disks[n]->racing = true;
		while (front_room(&s->disks[n]->queues[0].ring) > 0)
			blk_abi_put(BLK_X86_64,
				    front_put(&s->disks[n]->queues[0].ring),
				    &flush);
		blk_queue_push(&s->disks[n]->queues[0]);
	}
	for (i = 0; i < step->number; i++)
		for (n = 0; (bus = scene_bus(s, n)); n++)
			bus_set_state(bus, i % 2 ? XenbusStateConnected
						 : XenbusStateClosed);
	for (n = 0; (bus = scene_bus(s, n)); n++)
		if (end_device(s, n, e) < 0)
			return -e->code;
	for (n = 0; n < s->n_disks; n++) {
		s->disks[n]->racing = false;
		s->disks[n]->bus.breach = (struct err){0};
	}
	return n ? 0 : err_set(e, ENOTSUP, "the guest has no device");
}

/* Closed before the back end has looked at what was Initialised. */
static int hasty(struct scene *s, const struct step *step, struct err *e)
{
	unsigned int i;
	struct blk *b;

	if (!s->n_disks)
		return err_set(e, ENOTSUP, "the guest has no disk");
	b = s->disks[0];
	for (i = 0; i < step->number; i++)
		if (blk_disconnect(b, e) < 0 ||
		    blk_prepare(b, &scene_plain_disk, e) < 0 ||
		    blk_publish(b, NULL, NULL, e) < 0)
			return -e->code;
	return blk_disconnect(b, e);
}

/* The state node goes while the back end reads the other keys. */
static int removed_midway(struct scene *s, const struct step *step,
			  struct err *e)
{
	struct blk *b;

	(void)step;
	if (!s->n_disks)
		return err_set(e, ENOTSUP, "the guest has no disk");
	b = s->disks[0];
	if (blk_disconnect(b, e) < 0 ||
	    blk_prepare(b, &scene_plain_disk, e) < 0 ||
	    blk_publish(b, NULL, NULL, e) < 0)
		return -e->code;
	store_remove(s->guest->store, 0, "%s/state", b->bus.front);
	guest_rest(s->guest, SETTLE_MS);
	return blk_disconnect(b, e);
}

/* Where the guest says its back end is means nothing (XSA-175). */
static int backend_rewritten(struct scene *s, const struct step *step,
			     struct err *e)
{
	struct bus *bus;
	unsigned int n;

	for (n = 0; (bus = scene_bus(s, n)); n++) {
		store_write(s->guest->store, 0, step->key.text, "%s/backend",
			    bus->front);
		store_write(s->guest->store, 0, "7", "%s/backend-id",
			    bus->front);
		if (end_device(s, n, e) < 0)
			return -e->code;
	}
	return n ? 0 : err_set(e, ENOTSUP, "the guest has no device");
}

/* All that a guest may remove. What it had is lost to it, not to others. */
static int directory_removed(struct scene *s, const struct step *step,
			     struct err *e)
{
	struct blk *b;

	(void)step;
	if (s->n_disks < 2)
		return err_set(e, ENOTSUP, "the guest has one disk");
	b = s->disks[s->n_disks - 1];
	store_remove(s->guest->store, 0, "%s", b->bus.front);
	if (bus_wait(&b->bus,
		     BUS_IN(XenbusStateClosed) | BUS_IN(XenbusStateUnknown),
		     CLOSED_MS, e) < 0)
		return -e->code;
	blk_free(b);
	s->n_disks--;
	return 0;
}

static const struct step steps[] = {
	{"state is Connected again: goes on", state_flood, .number = 1},
	{"state is a word: closed", state_lied, .key = {"state", "abc"}},
	{"state is empty: closed", state_lied, .key = {"state", ""}},
	{"state is negative: closed", state_lied, .key = {"state", "-1"}},
	{"state is 99: closed", state_lied, .key = {"state", "99"}},
	{"state is 2^32 + 4: closed", state_lied,
	 .key = {"state", "4294967300"}},
	{"state has a blank: closed", state_lied, .key = {"state", "4 "}},
	{"state is a line of log: closed", state_lied,
	 .key = {"state", "4\nxnd: all is well"}},
	{"state is removed: closed", state_lied, .key = {"state", NULL}},
	{"state is Initialising, unclosed: closed", state_lied,
	 .key = {"state", "1"}},
	{"state is InitWait, which is not a front end's: goes on", state_lied,
	 .key = {"state", "2", true}},
	{"state is Initialised again: goes on", state_lied,
	 .key = {"state", "3", true}},
	{"state is Reconfiguring: goes on", state_lied,
	 .key = {"state", "7", true}},
	{"state is Closing: closed", state_lied, .key = {"state", "5"}},
	{"state is written 1000 times: goes on (XSA-349)", state_flood,
	 .number = 1000},
	{"state toggles 500 times under requests: can be closed (XSA-350)",
	 state_toggle, .number = 500},
	{"closed while being connected, four times", hasty, .number = 4},
	{"state is removed while being connected", removed_midway, .number = 0},
	{"backend is rewritten: serves, closes, comes back (XSA-175)",
	 backend_rewritten, .key = {"backend", "/local/domain/0/name"}},
	{"the whole directory is removed: the others go on", directory_removed,
	 .number = 0},
};

const struct script bus_lies =
	SCRIPT("bus-lies", "states that make no sense", steps);
