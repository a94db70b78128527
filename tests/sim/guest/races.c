/* SPDX-License-Identifier: MIT */
/*
 * A second vCPU that changes what the back end is reading (XSA-155): shared
 * slots, indices, pages, lists of segments and grant entries, at random,
 * while requests are under way. Each taken request is answered once, or the
 * device is closed; it can be connected again, and nobody else suffers.
 */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/err.h"
#include "tests/sim/guest/events.h"
#include "tests/sim/guest/grants.h"
#include "tests/sim/guest/guest.h"
#include "tests/sim/guest/net_queue.h"
#include "tests/sim/guest/scene.h"
#include "tests/sim/guest/script.h"
#include "tests/sim/guest/vandal.h"

#define RACE_MS	     300
#define INDEX_BYTES  16
#define SLOTS_OFFSET 64
#define LIST_ENTRIES 512

enum target { SLOTS, INDICES, PAGE, LIST, GRANT };

/* Two pages in a block of grant references that has nothing else. */
struct bait {
	struct guest *guest; /* borrowed */
	uint8_t *page;
	uint32_t ref;
	struct blkif_request_segment *list; /* of an indirect request */
	uint32_t list_ref;
};

static int bait_open(struct bait *b, struct guest *g, struct err *e)
{
	unsigned int i;

	*b = (struct bait){.guest = g};
	b->page = guest_page_new(g);
	b->list = guest_page_new(g);
	if (!b->page || !b->list)
		return err_set(e, ENOMEM, "no pages");
	b->ref = grants_give_apart(g->grants, guest_page_frame(g, b->page));
	b->list_ref = grants_give(g->grants, guest_page_frame(g, b->list),
				  GTF_readonly);
	if (!b->ref || !b->list_ref)
		return err_set(e, ENOSPC, "no grants");
	for (i = 0; i < LIST_ENTRIES; i++) {
		b->list[i].gref = b->ref;
		b->list[i].last_sect = 7;
	}
	return 0;
}

static int bait_close(struct bait *b, struct err *e)
{
	if ((b->ref && grants_end(b->guest->grants, b->ref) < 0) ||
	    (b->list_ref && grants_end(b->guest->grants, b->list_ref) < 0))
		return err_set(e, EBUSY, "a page is still mapped");
	guest_page_free(b->guest, b->page);
	guest_page_free(b->guest, b->list);
	return 0;
}

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void aim(struct vandal *v, enum target target, uint8_t *ring,
		const struct bait *bait)
{
	*v = (struct vandal){.kind = VANDAL_BYTES, .mask = 0xff};
	switch (target) {
	case SLOTS:
		v->target = ring + SLOTS_OFFSET;
		v->bytes = XC_PAGE_SIZE - SLOTS_OFFSET;
		break;
	case INDICES:
		v->target = ring;
		v->bytes = INDEX_BYTES;
		v->mask = 0x01;
		break;
	case PAGE:
		v->target = bait->page;
		v->bytes = XC_PAGE_SIZE;
		break;
	case LIST:
		v->target = (uint8_t *)bait->list;
		v->bytes = XC_PAGE_SIZE;
		v->record = v->ref_step = sizeof(*bait->list);
		break;
	case GRANT:
		v->kind = VANDAL_GRANT;
		v->entry = grants_entry(bait->guest->grants, bait->ref);
		break;
	}
}

/* ---- a disk ---- */

static void blk_fill(struct blk_queue *q, const struct bait *bait,
		     bool indirect)
{
	struct blk_wire w = {.segments = BLKIF_MAX_SEGMENTS_PER_REQUEST};
	uint8_t operation;

	while (front_room(&q->ring) > 0) {
		w.id = q->ring.put;
		operation = w.id % 2 ? BLKIF_OP_READ : BLKIF_OP_WRITE;
		w.operation = indirect ? BLKIF_OP_INDIRECT : operation;
		if (indirect) {
			w.segments = operation;
			w.indirect.segments = 32;
			w.indirect.pages[0] = bait->list_ref;
		} else {
			memcpy(w.seg, bait->list, sizeof(w.seg));
		}
		blk_abi_put(q->blk->want.abi, front_put(&q->ring), &w);
	}
}

/* Turns for a while; the indices may not tell the truth any more. */
static int blk_serve(struct blk *b, const struct bait *bait, enum target target,
		     struct err *e)
{
	uint64_t end = now_ms() + RACE_MS;
	struct blk_queue *q = &b->queues[0];
	int rc = 0;

	while (rc == 0 && now_ms() < end && !bus_is_refused(&b->bus)) {
		blk_fill(q, bait, target == LIST);
		blk_queue_push(q);
		if (target == INDICES)
			guest_rest(b->guest, 1);
		else
			rc = blk_queue_wait_all(q, e);
	}
	return rc == -EPIPE ? 0 : rc;
}

/* What flips in the request decides what the back end owes: an answer. */
static int blk_race(struct scene *s, const struct step *step, struct err *e)
{
	enum target target = (enum target)step->number;
	struct bait bait;
	struct vandal v;
	struct blk *b;
	int rc;

	if (!s->n_disks)
		return err_set(e, ENOTSUP, "the guest has no disk");
	b = s->disks[0];
	if (target == LIST && !b->max_indirect)
		return err_set(e, ENOTSUP, "indirect segments are not offered");
	if (bait_open(&bait, s->guest, e) < 0)
		return -e->code;
	b->racing = true;
	aim(&v, target, b->queues[0].view, &bait);
	if (target == SLOTS) {
		v.record = blk_abi_slot_bytes(b->want.abi);
		v.first_ref = b->want.abi == BLK_X86_64 ? 24 : 20;
		v.ref_step = sizeof(struct blkif_request_segment);
	}
	rc = vandal_start(&v, e);
	if (rc == 0) {
		rc = blk_serve(b, &bait, target, e);
		vandal_stop(&v);
	}
	b->racing = false;
	b->bus.breach = (struct err){0};
	if (rc == 0)
		rc = blk_disconnect(b, e);
	if (rc == 0)
		rc = bait_close(&bait, e);
	return rc < 0 ? rc : bus_check(&b->bus, e);
}

/* Events fly while there is nobody to hear them (XSA-331). */
static int event_race(struct scene *s, const struct step *step, struct err *e)
{
	struct vandal v = {.kind = VANDAL_EVENTS, .events = s->guest->events};
	unsigned int i;
	struct blk *b;
	int rc;

	if (!s->n_disks)
		return err_set(e, ENOTSUP, "the guest has no disk");
	b = s->disks[0];
	v.port = &b->queues[0].port;
	rc = vandal_start(&v, e);
	if (rc < 0)
		return rc;
	for (i = 0; rc == 0 && i < step->number; i++) {
		rc = blk_disconnect(b, e);
		if (rc == 0)
			rc = blk_connect(b, &s->disk_want, e);
	}
	vandal_stop(&v);
	return rc;
}

/* ---- an interface ---- */

static void net_fill(struct net_queue *q, uint32_t ref)
{
	struct netif_tx_request req = {.gref = ref};
	unsigned int i;

	while (front_room(&q->tx) >= 3) {
		for (i = 0; i < 3; i++) {
			req.id = (uint16_t)(q->tx.put % NET_SLOTS);
			req.size = i == 0 ? 90 : 30;
			req.flags = i < 2 ? NETTXF_more_data : 0;
			net_queue_put(q, &req);
		}
	}
}

static int net_race(struct scene *s, const struct step *step, struct err *e)
{
	enum target target = (enum target)step->number;
	uint64_t end = now_ms() + RACE_MS;
	struct bait bait;
	struct vandal v;
	struct net *n;
	int rc;

	if (!s->n_nets)
		return err_set(e, ENOTSUP, "the guest has no interface");
	n = s->nets[0];
	if (bait_open(&bait, s->guest, e) < 0)
		return -e->code;
	n->racing = true;
	aim(&v, target, n->queues[0].tx_ring.data, &bait);
	if (target == SLOTS)
		v.record = sizeof(struct netif_tx_request);
	rc = vandal_start(&v, e);
	if (rc == 0) {
		while (now_ms() < end && !bus_is_refused(&n->bus)) {
			net_fill(&n->queues[0], bait.ref);
			net_queue_push(&n->queues[0]);
			events_notify(s->guest->events, n->queues[0].tx_port);
			guest_rest(s->guest, 1);
		}
		vandal_stop(&v);
	}
	/* Ids and indices were not ours: that it can be closed is enough. */
	if (rc == 0)
		rc = net_disconnect(n, e);
	n->racing = false;
	if (rc == 0)
		rc = bait_close(&bait, e);
	return rc < 0 ? rc : bus_check(&n->bus, e);
}

static void net_flood(struct net *from, const struct net *to,
		      const struct bait *bait)
{
	struct net_queue *q = &from->queues[0];
	struct netif_tx_request req = {.gref = bait->ref, .size = 60};

	memcpy(bait->page, to->mac, sizeof(to->mac));
	memcpy(bait->page + 6, from->mac, sizeof(from->mac));
	while (front_room(&q->tx) > 0) {
		req.id = (uint16_t)(q->tx.put % NET_SLOTS);
		net_queue_put(q, &req);
	}
	net_queue_push(q);
}

/* Where a flood of frames is to be received: indices, or the grants. */
static int net_rx_race(struct scene *s, const struct step *step, struct err *e)
{
	enum target target = (enum target)step->number;
	uint64_t end = now_ms() + RACE_MS;
	struct net *from, *to;
	struct bait bait;
	struct vandal v;
	int rc;

	if (s->n_nets < 2)
		return err_set(e, ENOTSUP, "the guest has one interface");
	from = s->nets[0];
	to = s->nets[1];
	if (bait_open(&bait, s->guest, e) < 0)
		return -e->code;
	to->racing = true;
	aim(&v, target, to->queues[0].rx_ring.data, &bait);
	if (target == GRANT)
		v.entry = grants_entry(s->guest->grants,
				       to->queues[0].rx_pages[0].ref);
	rc = vandal_start(&v, e);
	if (rc == 0) {
		while (rc == 0 && now_ms() < end && !bus_is_refused(&to->bus)) {
			net_flood(from, to, &bait);
			rc = net_queue_wait(&from->queues[0], e);
		}
		vandal_stop(&v);
	}
	if (rc == 0)
		rc = net_disconnect(to, e);
	to->racing = false;
	if (rc == 0)
		rc = bait_close(&bait, e);
	return rc < 0 ? rc : bus_check(&to->bus, e);
}

static const struct step blk_steps[] = {
	{"slots change while they are read (XSA-155)", blk_race,
	 .number = SLOTS},
	{"pages change while they are read", blk_race, .number = PAGE},
	{"lists of segments change while they are read", blk_race,
	 .number = LIST},
	{"grants go and come while they are used", blk_race, .number = GRANT},
	{"indices change while they are read", blk_race, .number = INDICES},
	{"events while it is closed and connected (XSA-331)", event_race,
	 .number = 3},
};

static const struct step net_steps[] = {
	{"slots change while they are read (XSA-155)", net_race,
	 .number = SLOTS},
	{"pages change while they are read", net_race, .number = PAGE},
	{"grants go and come while they are used", net_race, .number = GRANT},
	{"indices change while they are read", net_race, .number = INDICES},
	{"grants vanish from slots to receive in", net_rx_race,
	 .number = GRANT},
	{"indices of that ring change", net_rx_race, .number = INDICES},
};

const struct script blk_races =
	SCRIPT("blk-races", "a disk's guest changes what is read", blk_steps);
const struct script blk_races_32 =
	SCRIPT_FOR("blk-races-x86_32", "the same in the other layout",
		   blk_steps, .abi = BLK_X86_32, .order = 2);
const struct script blk_races_persistent =
	SCRIPT_FOR("blk-races-persistent", "the same with persistent grants",
		   blk_steps, .persistent = true);
const struct script net_races = SCRIPT(
	"net-races", "an interface's guest changes what is read", net_steps);
