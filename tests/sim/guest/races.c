/* SPDX-License-Identifier: MIT */
/*
 * A second vCPU that changes what the back end is reading (XSA-155): shared
 * slots, indices, pages and grant entries, at random, while requests are
 * under way. Each taken request is answered once, or the device is closed;
 * either way it can be connected again and nothing else suffers.
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/err.h"
#include "tests/sim/guest/events.h"
#include "tests/sim/guest/grants.h"
#include "tests/sim/guest/guest.h"
#include "tests/sim/guest/lie.h"
#include "tests/sim/guest/net_queue.h"
#include "tests/sim/guest/script.h"
#include "tests/sim/guest/scene.h"

#define RACE_MS	     700
#define QUIET_MS     3000
#define INDEX_BYTES  16
#define SLOTS_OFFSET 64

/* What the other vCPU writes to. */
struct vandal {
	pthread_t thread;
	atomic_bool stop;
	volatile uint8_t *target;
	size_t bytes;
	uint8_t mask; /* the bits that it flips */
	bool grants;  /* target is a grant entry, to be toggled as a whole */
	uint16_t flags;
	struct blk *rings; /* instead: rings the port of its first queue */
};

static void *vandalise(void *arg)
{
	struct vandal *v = arg;
	unsigned int seed = 4711;

	while (!atomic_load(&v->stop)) {
		if (v->rings) {
			events_notify(v->rings->guest->events,
				      v->rings->queues[0].port);
		} else if (v->grants) {
			volatile uint16_t *flags = (volatile void *)v->target;

			*flags = *flags ? GTF_invalid : v->flags;
		} else {
			size_t at = (size_t)rand_r(&seed) % v->bytes;

			v->target[at] ^= (uint8_t)rand_r(&seed) & v->mask;
		}
	}
	return NULL;
}

static int vandal_start(struct vandal *v, struct err *e)
{
	int rc = pthread_create(&v->thread, NULL, vandalise, v);

	return rc ? err_errno(e, rc, "no second vCPU") : 0;
}

static void vandal_stop(struct vandal *v)
{
	atomic_store(&v->stop, true);
	pthread_join(v->thread, NULL);
}

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

enum target { SLOTS, INDICES, PAGE, GRANT };

static void vandal_aim(struct vandal *v, enum target target, void *ring,
		       size_t bytes, const struct lie *page)
{
	*v = (struct vandal){.mask = 0xff};
	switch (target) {
	case SLOTS:
		v->target = (uint8_t *)ring + SLOTS_OFFSET;
		v->bytes = bytes - SLOTS_OFFSET;
		break;
	case INDICES:
		v->target = ring;
		v->bytes = INDEX_BYTES;
		v->mask = 0x01;
		break;
	case PAGE:
		v->target = page->page;
		v->bytes = XC_PAGE_SIZE;
		break;
	case GRANT:
		v->target =
			(void *)grants_entry(page->guest->grants, page->ref);
		v->flags = GTF_permit_access;
		v->grants = true;
		break;
	}
}

/* Fills what room there is with reads and writes of one page. */
static void blk_fill(struct blk_queue *q, uint32_t ref)
{
	struct blk_wire w = {.segments = 11};
	unsigned int i;

	for (i = 0; i < w.segments; i++) {
		w.seg[i].gref = ref;
		w.seg[i].last_sect = 7;
	}
	while (front_room(&q->ring) > 0) {
		w.id = q->ring.put;
		w.operation = w.id % 2 ? BLKIF_OP_READ : BLKIF_OP_WRITE;
		blk_abi_put(q->blk->want.abi, front_put(&q->ring), &w);
	}
}

static int blk_race(struct scene *s, const struct step *step, struct err *e)
{
	enum target target = (enum target)step->number;
	uint64_t end = now_ms() + RACE_MS;
	struct vandal v;
	struct lie page;
	struct blk *b;
	int rc = 0;

	if (!s->n_disks)
		return err_set(e, ENOTSUP, "the guest has no disk");
	b = s->disks[0];
	if (lie_open(&page, s->guest, REF_GOOD, e) < 0)
		return -e->code;
	b->racing = true;
	vandal_aim(&v, target, b->queues[0].view, XC_PAGE_SIZE, &page);
	rc = vandal_start(&v, e);
	if (rc == 0) {
		while (now_ms() < end && !blk_is_refused(b)) {
			blk_fill(&b->queues[0], page.ref);
			blk_queue_push(&b->queues[0]);
			events_notify(s->guest->events, b->queues[0].port);
			guest_rest(s->guest, 1);
			if (target != INDICES)
				blk_queue_wait_all(&b->queues[0], e);
		}
		vandal_stop(&v);
	}
	if (target != INDICES && rc == 0 && !blk_is_refused(b))
		rc = blk_queue_wait_all(&b->queues[0], e);
	b->racing = false;
	b->breach = (struct err){0};
	if (rc == 0)
		rc = blk_disconnect(b, e);
	if (rc == 0)
		rc = blk_check(b, e);
	lie_close(&page);
	return rc;
}

/* Events fly while there is nobody to hear them (XSA-331). */
static int event_race(struct scene *s, const struct step *step, struct err *e)
{
	struct vandal v = {.rings = s->n_disks ? s->disks[0] : NULL};
	unsigned int i;
	int rc;

	if (!v.rings)
		return err_set(e, ENOTSUP, "the guest has no disk");
	rc = vandal_start(&v, e);
	if (rc < 0)
		return rc;
	for (i = 0; rc == 0 && i < step->number; i++) {
		rc = blk_disconnect(v.rings, e);
		if (rc == 0)
			rc = blk_connect(v.rings, &scene_plain_disk, e);
	}
	vandal_stop(&v);
	return rc;
}

static void net_fill(struct net_queue *q, uint32_t ref)
{
	struct netif_tx_request req = {.gref = ref, .size = 90};
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
	struct vandal v;
	struct lie page;
	struct net *n;
	int rc = 0;

	if (!s->n_nets)
		return err_set(e, ENOTSUP, "the guest has no interface");
	n = s->nets[0];
	if (lie_open(&page, s->guest, REF_GOOD, e) < 0)
		return -e->code;
	vandal_aim(&v, target, n->queues[0].tx_ring.data, XC_PAGE_SIZE, &page);
	rc = vandal_start(&v, e);
	if (rc == 0) {
		while (now_ms() < end && !net_is_refused(n)) {
			net_fill(&n->queues[0], page.ref);
			net_queue_push(&n->queues[0]);
			events_notify(s->guest->events, n->queues[0].tx_port);
			guest_rest(s->guest, 1);
		}
		vandal_stop(&v);
	}
	/* Ids and indices were not ours: that it can be closed is enough. */
	n->breach = (struct err){0};
	if (rc == 0)
		rc = net_disconnect(n, e);
	if (rc == 0)
		rc = net_check(n, e);
	lie_close(&page);
	return rc;
}

static const struct step blk_steps[] = {
	{"slots change while they are read (XSA-155)", blk_race,
	 .number = SLOTS},
	{"pages change while they are read", blk_race, .number = PAGE},
	{"grants go and come while they are used", blk_race, .number = GRANT},
	{"indices change while they are read", blk_race, .number = INDICES},
	{"events while it is closed and connected (XSA-331)", event_race,
	 .number = 20},
};

static const struct step net_steps[] = {
	{"slots change while they are read (XSA-155)", net_race,
	 .number = SLOTS},
	{"pages change while they are read", net_race, .number = PAGE},
	{"grants go and come while they are used", net_race, .number = GRANT},
	{"indices change while they are read", net_race, .number = INDICES},
};

const struct script blk_races =
	SCRIPT("blk-races", "a disk's guest changes what is read", blk_steps);
const struct script net_races = SCRIPT(
	"net-races", "an interface's guest changes what is read", net_steps);
