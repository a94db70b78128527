/* SPDX-License-Identifier: MIT */
/* Take, parse, act, answer: a turn of the pump in this order. */
#include "pump.h"

#include <errno.h>
#include <string.h>

#include "act.h"
#include "journal.h"
#include "store.h"

/*
 * Parts of which a guest is told by itself: of what was read, a request of a
 * front end with Linux's limits; of what an image does at once, as many
 * requests as make a system call and a notification cheap beside them.
 */
#define PART_BYTES    (32 * XC_PAGE_SIZE)
#define PART_REQUESTS 8

_Static_assert(sizeof(union blk_wire) == JOURNAL_REQUEST_BYTES, "request");

/* Parses what a frame holds. The list keeps those that are sound. */
static void parse_frames(struct pump *p, struct slot_list *fresh)
{
	struct slot *slot;

	copy_frames(&p->copy, fresh);
	while ((slot = STAILQ_FIRST(fresh))) {
		STAILQ_REMOVE_HEAD(fresh, link);
		if (slot->io.indirect && slot->status == BLKIF_RSP_OKAY) {
			slot->status = request_parse_frame(
				slot->frame, &p->limits, &slot->io);
			meter_parsed_frame(&p->meter, slot);
		}
		if (slot->status == BLKIF_RSP_OKAY)
			STAILQ_INSERT_TAIL(&p->waiting, slot, link);
		else
			STAILQ_INSERT_TAIL(&p->ended, slot, link);
	}
}

/*
 * One that a predecessor has left, or else (from_ring) the next of the ring,
 * which goes into the journal. 1, 0 when there is none, or -EPROTO.
 */
static int pump_next(struct pump *p, bool from_ring, struct slot **slot)
{
	int rc;

	*slot = STAILQ_FIRST(&p->left);
	if (*slot) {
		STAILQ_REMOVE_HEAD(&p->left, link);
		return 1;
	}
	if (from_ring && meter_admits(&p->meter, &p->ring))
		*slot = slot_get(&p->pool);
	if (!*slot)
		return 0;
	rc = ring_take(&p->ring, &(*slot)->wire);
	if (rc <= 0) {
		slot_put(&p->pool, *slot);
		return rc;
	}
	journal_take(p->journal, (*slot)->number, &(*slot)->wire);
	meter_taken(&p->meter);
	return rc;
}

/* How many were taken, or -EPROTO; those that are no work go to ended. */
static int pump_take(struct pump *p, bool from_ring)
{
	struct slot_list fresh = STAILQ_HEAD_INITIALIZER(fresh);
	struct slot *slot;
	int rc, n = 0;

	while ((rc = pump_next(p, from_ring, &slot)) > 0) {
		slot->status = request_parse(&slot->wire, p->ring.abi,
					     &p->limits, &slot->io);
		meter_parsed(&p->meter, slot);
		if (slot->status != BLKIF_RSP_OKAY ||
		    slot->io.op == BLK_NOTHING)
			STAILQ_INSERT_TAIL(&p->ended, slot, link);
		else
			STAILQ_INSERT_TAIL(&fresh, slot, link);
		n++;
	}
	journal_commit(p->journal);
	parse_frames(p, &fresh);
	return rc < 0 ? rc : n;
}

/* Gets what it needs to be at the image, if it can be there now. */
static bool may_start(struct pump *p, struct slot *slot)
{
	if (p->fenced || (slot->io.barrier && p->at_image))
		return false;
	return slot->io.n_segments == 0 ||
	       arena_get(&p->arena, (uint32_t)slot->io.bytes, &slot->piece);
}

/* With all that went there with it. */
static void left_image(struct pump *p, struct slot *slot)
{
	struct slot *other;

	p->at_image--;
	if (slot->io.barrier)
		p->fenced = false;
	STAILQ_INSERT_TAIL(&p->ended, slot, link);
	STAILQ_FOREACH(other, &slot->joined, link)
		p->at_image--;
	STAILQ_CONCAT(&p->ended, &slot->joined);
}

/*
 * Requests that are neighbours in the image go there as one: a front end
 * without indirect segments cuts what is sequential into pieces of 44 KiB.
 */
static void pump_act(struct pump *p, struct slot_list *starting)
{
	struct slot *slot, *first = NULL;

	while ((slot = STAILQ_FIRST(starting))) {
		STAILQ_REMOVE_HEAD(starting, link);
		if (slot->status != BLKIF_RSP_OKAY) {
			left_image(p, slot);
			continue;
		}
		if (first && act_join(first, slot)) {
			meter_joined(&p->meter);
			continue;
		}
		if (first)
			act_begin(p->store, first);
		first = slot;
	}
	if (first)
		act_begin(p->store, first);
}

/* Starts, in order, those that can be, or a part. Returns how many. */
static int pump_start(struct pump *p)
{
	struct slot_list starting = STAILQ_HEAD_INITIALIZER(starting);
	struct slot *slot;
	int n = 0;

	while ((slot = STAILQ_FIRST(&p->waiting)) &&
	       !(p->at_once && n == PART_REQUESTS) && may_start(p, slot)) {
		STAILQ_REMOVE_HEAD(&p->waiting, link);
		STAILQ_INSERT_TAIL(&starting, slot, link);
		p->at_image++;
		p->fenced = slot->io.barrier;
		n++;
	}
	copy_from_guest(&p->copy, &starting);
	pump_act(p, &starting);
	return n;
}

/* The image failed a request: the guest hears of it, and so does the log. */
static void blame_image(struct pump *p, struct slot *slot, int code)
{
	const char *why = code == ENODATA ? "the image has become shorter"
					  : strerror(code);

	slot->status = BLKIF_RSP_ERROR;
	if (code == EOPNOTSUPP && slot->io.op == BLK_DISCARD)
		slot->status = BLKIF_RSP_EOPNOTSUPP; /* it is but a hint */
	else if (slot->io.bytes)
		log_limited(&p->limit, "%s: cannot %s %llu bytes at %llu: %s",
			    p->name, act_name(slot),
			    (unsigned long long)slot->io.bytes,
			    (unsigned long long)slot->io.offset, why);
	else
		log_limited(&p->limit, "%s: cannot %s: %s", p->name,
			    act_name(slot), why);
}

/* Notes what came to its end. Returns how many operations did. */
static int pump_collect(struct pump *p)
{
	struct store_done done[STORE_BATCH];
	unsigned int n = p->store->ops->reap(p->store, done, STORE_BATCH);
	unsigned int i;

	for (i = 0; i < n; i++) {
		struct slot *slot = &p->pool.slots[done[i].tag];
		int rc = act_advance(p->store, slot, done[i].result);

		if (rc < 0 && slot->joined_bytes) {
			act_part(p->store, slot); /* which of them is it? */
			continue;
		}
		if (rc < 0)
			blame_image(p, slot, -rc);
		if (rc != 0)
			left_image(p, slot);
	}
	return (int)n;
}

/* The next that are to be answered. Returns how many. */
static int pump_pick(struct pump *p, struct slot_list *picked)
{
	uint64_t bytes = 0;
	struct slot *slot;
	int n = 0;

	while (bytes < PART_BYTES && (slot = STAILQ_FIRST(&p->ended))) {
		STAILQ_REMOVE_HEAD(&p->ended, link);
		STAILQ_INSERT_TAIL(picked, slot, link);
		if (slot->io.op == BLK_READ)
			bytes += slot->io.bytes;
		n++;
	}
	return n;
}

/*
 * Answers a part; returns how many, *notify when the guest is to be notified.
 * The journal hears which response it will be before the guest can see it, and
 * lets go of it only afterwards: so whenever we are killed a successor can
 * tell what has been answered.
 */
static int pump_answer(struct pump *p, bool *notify)
{
	struct slot_list picked = STAILQ_HEAD_INITIALIZER(picked);
	int n = pump_pick(p, &picked);
	struct slot *slot;

	if (p->has_ring && n > 0) {
		copy_to_guest(&p->copy, &picked);
		STAILQ_FOREACH(slot, &picked, link)
			journal_answer(p->journal, slot->number,
				       ring_answer(&p->ring, slot->io.id,
						   slot->io.operation,
						   slot->status));
		*notify = ring_push(&p->ring);
		STAILQ_FOREACH(slot, &picked, link)
			journal_drop(p->journal, slot->number);
		meter_answered(&p->meter, &picked, *notify);
	}
	while ((slot = STAILQ_FIRST(&picked))) {
		STAILQ_REMOVE_HEAD(&picked, link);
		pump_put(p, slot);
	}
	return n;
}

/*
 * Hands over what was prepared and collects what is done. 0 or more, as
 * pump_collect, or as submit of the store.
 */
static int pump_work(struct pump *p, int n_taken, int n_started)
{
	bool alone = p->store->ops->wait && n_taken == 1 && p->pool.busy == 1 &&
		     p->at_image == 1;
	bool wait = n_taken > 0 && lone_taken(&p->lone, alone);
	int rc, n;

	rc = wait ? p->store->ops->wait(p->store, LONE_WAIT_NS)
		  : p->store->ops->submit(p->store);
	n = pump_collect(p);
	if (n_started > 0 && !wait)
		p->at_once = p->at_image == 0 || n == STORE_BATCH;
	if (wait)
		lone_waited(&p->lone, n > 0 && ring_waiting(&p->ring) == 0);
	return rc < 0 ? rc : n;
}

int pump_turn(struct pump *p, bool take, bool *notify)
{
	int n_taken = 0, n_started, worked, n;

	*notify = false;
	meter_turn(&p->meter);
	if (!p->pool.slots)
		return 0;
	if (p->has_ring && STAILQ_EMPTY(&p->waiting) && STAILQ_EMPTY(&p->ended))
		n_taken = pump_take(p, take);
	n_started = pump_start(p);
	worked = pump_work(p, n_taken, n_started);
	n = n_started + pump_answer(p, notify);
	if (n_taken < 0)
		return n_taken;
	return worked < 0 ? worked : n + worked + n_taken;
}

bool pump_is_stuck(const struct pump *p)
{
	return p->pool.slots && !STAILQ_EMPTY(&p->waiting);
}

uint64_t pump_held_ns(const struct pump *p)
{
	return p->meter.held_ns;
}
