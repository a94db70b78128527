/* SPDX-License-Identifier: MIT */
/*
 * Rings whose indices, pages, grants and ports are not what they were said to
 * be: the device is closed, can be connected again, and nothing else suffers.
 */
#include <errno.h>
#include <string.h>

#include "base/err.h"
#include "tests/sim/guest/blk_io.h"
#include "tests/sim/guest/events.h"
#include "tests/sim/guest/grants.h"
#include "tests/sim/guest/guest.h"
#include "tests/sim/guest/script.h"
#include "tests/sim/guest/scene.h"

#define CLOSED_MS 5000
#define REST_MS	  150

static struct blk *first_disk(struct scene *s, struct err *e)
{
	if (s->n_disks)
		return s->disks[0];
	err_set(e, ENOTSUP, "the guest has no disk");
	return NULL;
}

/* Closed by the back end, which must not need our help for it. */
static int is_closed(struct blk *b, struct err *e)
{
	b->racing = false;
	if (bus_wait(&b->bus,
		     BUS_IN(XenbusStateClosing) | BUS_IN(XenbusStateClosed),
		     CLOSED_MS, e) < 0)
		return err_wrap(e, "not refused");
	/* What it tells of a ring that we have broken means nothing. */
	b->bus.breach = (struct err){0};
	if (blk_disconnect(b, e) < 0)
		return -e->code;
	return bus_check(&b->bus, e);
}

static void ring_port(struct blk *b)
{
	events_notify(b->guest->events, b->queues[0].port);
}

static int index_lied(struct scene *s, const struct step *step, struct err *e)
{
	const struct index_lie *lie = &step->index;
	struct blk *b = first_disk(s, e);
	const struct blk_wire flush = {.operation = BLKIF_OP_FLUSH_DISKCACHE};
	volatile uint32_t *index;
	int rc;

	if (!b)
		return -e->code;
	if (scene_check_disk(s, b, e) < 0)
		return -e->code;
	b->racing = true;
	index = &b->queues[0].ring.index[lie->which];
	*index = lie->relative ? *index + lie->by : lie->by;
	ring_port(b);
	if (!lie->goes_on)
		return is_closed(b, e);
	/* With its answer the back end puts the indices right. */
	blk_abi_put(b->want.abi, front_put(&b->queues[0].ring), &flush);
	rc = blk_queue_wait_all(&b->queues[0], e);
	b->racing = false;
	return rc;
}

/* Slots as they are: old requests with old answers written over them. */
static int stale_slots(struct scene *s, const struct step *step, struct err *e)
{
	struct blk *b = first_disk(s, e);
	int rc;

	(void)step;
	if (!b)
		return -e->code;
	b->racing = true;
	while (front_room(&b->queues[0].ring) > 0)
		front_put(&b->queues[0].ring);
	rc = blk_queue_wait_all(&b->queues[0], e);
	b->racing = false;
	return rc;
}

/* The entry is gone while dom0 has the ring mapped. */
static int ring_revoked(struct scene *s, const struct step *step, struct err *e)
{
	struct blk *b = first_disk(s, e);
	struct grant_entry_v1 *entry;

	(void)step;
	if (!b)
		return -e->code;
	entry = grants_entry(b->guest->grants, b->queues[0].refs[0]);
	if (grants_end(b->guest->grants, b->queues[0].refs[0]) != -EBUSY)
		return err_set(e, EPROTO, "a mapped ring is not in use");
	entry->flags = GTF_invalid;
	if (scene_check_disk(s, b, e) < 0)
		return -e->code;
	return blk_disconnect(b, e);
}

/* Rings number times without a request. */
static int storm(struct scene *s, const struct step *step, struct err *e)
{
	struct blk *b = first_disk(s, e);
	unsigned int i;

	if (!b)
		return -e->code;
	for (i = 0; i < step->number; i++)
		ring_port(b);
	return 0;
}

/* The guest's end of the port goes while requests are under way. */
static int port_closed(struct scene *s, const struct step *step, struct err *e)
{
	struct blk *b = first_disk(s, e);
	struct blk_wire flush = {.operation = BLKIF_OP_FLUSH_DISKCACHE};

	(void)step;
	if (!b)
		return -e->code;
	for (flush.id = 0; flush.id < 8; flush.id++)
		blk_queue_put(&b->queues[0], &flush);
	blk_queue_push(&b->queues[0]);
	events_free(b->guest->events, b->queues[0].port);
	guest_rest(s->guest, REST_MS);
	return blk_disconnect(b, e);
}

/* The disk is read into the ring itself, over indices and requests. */
static int ring_as_data(struct scene *s, const struct step *step, struct err *e)
{
	struct blk *b = first_disk(s, e);
	struct blk_wire w = {
		.operation = BLKIF_OP_READ,
		.segments = 1,
		.id = 9,
	};

	(void)step;
	if (!b)
		return -e->code;
	b->racing = true;
	w.seg[0].gref = b->queues[0].refs[0];
	w.seg[0].last_sect = 7;
	w.sector = b->sectors - 8;
	blk_queue_put(&b->queues[0], &w);
	blk_queue_push(&b->queues[0]);
	guest_rest(s->guest, REST_MS);
	ring_port(b);
	guest_rest(s->guest, REST_MS);
	b->racing = false;
	b->bus.breach = (struct err){0};
	return blk_disconnect(b, e);
}

#define PROD(n)	  .which = RING_REQ_PROD, .relative = true, .by = (n)
#define SET(w, n) .which = (w), .by = (n), .goes_on = true

static const struct step steps[] = {
	{"a producer one beyond a full ring: closed", index_lied,
	 .index = {PROD(33)}},
	{"a producer far ahead: closed", index_lied,
	 .index = {PROD(0x40000000)}},
	{"a producer half the numbers ahead: closed", index_lied,
	 .index = {PROD(0x80000000)}},
	{"a producer that moves back by one: closed", index_lied,
	 .index = {PROD(UINT32_MAX)}},
	{"a producer that moves back by a ring: closed", index_lied,
	 .index = {PROD(-32u)}},
	{"a producer set to the highest number: closed", index_lied,
	 .index = {.which = RING_REQ_PROD, .by = UINT32_MAX}},
	{.says = "requests that were never written: answered",
	 .act = stale_slots},
	{"the back end's own index overwritten: goes on", index_lied,
	 .index = {SET(RING_RSP_PROD, 0x12345678)}},
	{"req_event overwritten: goes on", index_lied,
	 .index = {SET(RING_REQ_EVENT, 0x87654321)}},
	{"rsp_event overwritten: goes on", index_lied,
	 .index = {SET(RING_RSP_EVENT, 0x87654321)}},
	{.says = "the ring's grant taken away by force: goes on",
	 .act = ring_revoked},
	{"20000 events without a request: goes on (XSA-332)", storm,
	 .number = 20000},
	{.says = "the port closed under requests: can be closed",
	 .act = port_closed},
	{.says = "the ring itself as a page to read into: can be closed",
	 .act = ring_as_data},
};

const struct script blk_ring_lies =
	SCRIPT("blk-ring-lies", "block rings that are not rings", steps);
