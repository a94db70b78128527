/* SPDX-License-Identifier: MIT */
/* A pump's beginning and end, and its rest; its turns are in pump.c. */
#include "pump.h"

#include <assert.h>
#include <errno.h>
#include <time.h>

#include "base/err.h"
#include "grants.h"
#include "journal.h"
#include "store.h"

/* Takes over what a predecessor has taken and not answered. */
static int pump_resume(struct pump *p, const struct pump_peer *peer,
		       struct err *e)
{
	struct journal_backlog b;
	uint32_t i;
	int rc;

	assert(p->journal->requests == p->pool.n_slots);
	rc = journal_replay(p->journal, p->ring.pushed, &b, e);
	if (rc < 0)
		return rc;
	if (ring_resume(&p->ring, b.req_cons) < 0)
		return err_set(e, EPROTO, "request ring is corrupt");
	for (i = 0; i < b.n; i++) {
		struct slot *slot = slot_claim(&p->pool, b.entries[i]);

		journal_read(p->journal, slot->number, &slot->wire);
		STAILQ_INSERT_TAIL(&p->left, slot, link);
	}
	meter_open(&p->meter, peer->figures, peer->caps, b.n);
	p->resumed = b.begun;
	if (p->resumed)
		log_info("%s: goes on with %u requests", p->name, b.n);
	return 0;
}

int pump_attach(struct pump *p, struct store *s, const struct pump_peer *peer,
		struct err *e)
{
	int rc;

	pump_close(p);
	p->name = peer->name;
	p->store = s;
	p->limits = peer->limits;
	p->copy.gnttab = peer->gnttab;
	p->copy.domid = peer->domid;
	p->journal = peer->journal;
	STAILQ_INIT(&p->left);
	STAILQ_INIT(&p->waiting);
	STAILQ_INIT(&p->ended);
	rc = ring_attach(&p->ring, peer->pages, peer->n_pages, peer->abi);
	if (rc < 0)
		return err_set(e, -rc, "request ring is corrupt");
	rc = slot_pool_open(&p->pool, p->ring.n_entries);
	if (rc == 0)
		rc = arena_open(&p->arena, s);
	if (rc == 0 && peer->persistent) {
		p->grants = grants_new(peer->gnttab, peer->domid);
		p->copy.grants = p->grants;
		rc = p->grants ? 0 : -ENOMEM;
	}
	if (rc < 0) {
		pump_close(p);
		return err_set(e, -rc, "no memory for a queue");
	}
	rc = pump_resume(p, peer, e);
	if (rc < 0) {
		pump_close(p);
		return rc;
	}
	p->has_ring = true;
	return 0;
}

void pump_put(struct pump *p, struct slot *slot)
{
	arena_put(&p->arena, &slot->piece);
	slot_put(&p->pool, slot);
}

void pump_detach(struct pump *p)
{
	struct slot *slot;

	p->has_ring = false;
	grants_free(p->grants);
	p->grants = NULL;
	p->copy.grants = NULL;
	if (!p->pool.slots)
		return;
	STAILQ_CONCAT(&p->waiting, &p->left);
	STAILQ_CONCAT(&p->waiting, &p->ended);
	while ((slot = STAILQ_FIRST(&p->waiting))) {
		STAILQ_REMOVE_HEAD(&p->waiting, link);
		pump_put(p, slot);
	}
}

void pump_close(struct pump *p)
{
	pump_detach(p);
	arena_close(&p->arena);
	slot_pool_close(&p->pool);
}

void pump_rest(struct pump *p)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &ts);
	if (p->grants)
		grants_rest(p->grants, (uint64_t)ts.tv_sec * 1000 +
					       (uint64_t)ts.tv_nsec / 1000000);
	arena_trim(&p->arena);
	meter_rest(&p->meter);
}
