/* SPDX-License-Identifier: MIT */
/* Host to guest: the receive ring, served one bounded pass at a time. */
#include "rx.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "base/err.h"
#include "chan/figures.h"
#include "chan/msg.h"
#include "chan/net_figures.h"
#include "copy.h"
#include "port.h"
#include "ring.h"
#include "rx_shape.h"
#include "rx_stall.h"
#include "source.h"
#include "vif.h"

#define RX_SLOTS  256u /* of a one-page ring */
#define RX_FRAMES 64u  /* a pass */

/* A frame of the present pass, on its slots. */
struct job {
	unsigned int first_copy; /* as many as slots with data */
	uint32_t size;
	bool uncut;
	struct rx_shape shape;
};

struct rx {
	struct vif *vif;	       /* borrowed */
	struct net_figures *figures;   /* borrowed */
	struct netif_rx_sring *shared; /* the guest's page, mapped */
	netif_rx_back_ring_t ring;
	struct source source;
	struct copy copy;
	struct rx_stall stall;
	unsigned int n_ids;
	uint16_t ids[RX_SLOTS]; /* of the slots taken in this pass */
	unsigned int n_jobs;
	struct job jobs[RX_FRAMES];
};

_Static_assert(COPY_MAX >= RX_SLOTS, "every slot can be copied in one pass");

struct rx *rx_open(struct vif *vif, uint32_t ring_ref, struct err *e)
{
	struct rx *rx = calloc(1, sizeof(*rx));
	RING_IDX answered;

	if (!rx) {
		err_set(e, ENOMEM, "no memory for a receive ring");
		return NULL;
	}
	rx->vif = vif;
	rx->figures = vif->figures;
	copy_init(&rx->copy, vif->gnttab, vif->domid);
	rx_stall_init(&rx->stall, vif->flags & MSG_NET_RX_NOTIFY);
	if (source_open(&rx->source, vif) < 0) {
		err_set(e, ENOMEM, "no memory for frames");
		goto fail;
	}
	rx->shared = xengnttab_map_grant_ref(vif->gnttab, vif->domid, ring_ref,
					     PROT_READ | PROT_WRITE);
	if (!rx->shared) {
		err_errno(e, errno, "cannot map the receive ring, grant %u",
			  ring_ref);
		goto fail;
	}
	/* Everything the guest was told is behind rsp_prod. */
	answered = *(volatile RING_IDX *)&rx->shared->rsp_prod;
	BACK_RING_ATTACH(&rx->ring, rx->shared, answered, XC_PAGE_SIZE);
	return rx;

fail:
	rx_close(rx);
	return NULL;
}

void rx_close(struct rx *rx)
{
	if (!rx)
		return;
	if (rx->shared)
		xengnttab_unmap(rx->vif->gnttab, rx->shared, 1);
	source_close(&rx->source);
	free(rx);
}

/* How many slots the guest offers, or -errno with *e set. */
static int slots_waiting(struct rx *rx, struct err *e)
{
	RING_IDX prod = *(volatile RING_IDX *)&rx->shared->req_prod;
	int n = ring_waiting(prod, rx->ring.req_cons, rx->ring.rsp_prod_pvt,
			     RING_SIZE(&rx->ring));

	if (n < 0)
		return err_set(e, EPROTO,
			       "receive ring is corrupt: producer %u, taken "
			       "%u, answered %u",
			       prod, rx->ring.req_cons, rx->ring.rsp_prod_pvt);
	xen_rmb(); /* the entries are read after the index that announced them */
	return n;
}

static void drop(struct rx *rx)
{
	figures_add(&rx->figures->rx.dropped, 1);
}

static uint32_t take_slot(struct rx *rx)
{
	struct netif_rx_request req;

	RING_COPY_REQUEST(&rx->ring, rx->ring.req_cons, &req);
	rx->ring.req_cons++;
	rx->ids[rx->n_ids++] = req.id;
	return req.gref;
}

/* Takes slots for a frame and plans its copies. */
static void deliver(struct rx *rx, const struct parcel *p)
{
	struct job *job = &rx->jobs[rx->n_jobs++];
	const uint8_t *from = p->data;
	unsigned int i, x;

	job->first_copy = rx->copy.n;
	job->size = p->size;
	job->uncut = p->uncut;
	job->shape = p->shape;
	for (i = 0; i < p->shape.n_data; i++) {
		const uint16_t part = rx_shape_part(&p->shape, i, p->size);

		copy_add_to(&rx->copy, take_slot(rx),
			    i == 0 ? p->shape.offset : 0, part, from);
		from += part;
		/* These slots' pages are left as they are. */
		for (x = 0; i == 0 && x < p->shape.n_extras; x++)
			take_slot(rx);
	}
}

static void answer_data(struct rx *rx, const struct job *job, unsigned int i,
			uint16_t id, bool ok)
{
	const struct rx_shape *shape = &job->shape;
	struct netif_rx_response rsp = {
		.id = id,
		.offset = i == 0 ? shape->offset : 0,
		.flags = i == 0 ? shape->flags : 0,
		.status = NETIF_RSP_ERROR,
	};

	if (ok)
		rsp.status = (int16_t)rx_shape_part(shape, i, job->size);
	if (i + 1 < shape->n_data)
		rsp.flags |= NETRXF_more_data;
	*RING_GET_RESPONSE(&rx->ring, rx->ring.rsp_prod_pvt) = rsp;
	rx->ring.rsp_prod_pvt++;
}

static void answer_extra(struct rx *rx, const struct netif_extra_info *extra)
{
	void *slot = RING_GET_RESPONSE(&rx->ring, rx->ring.rsp_prod_pvt);

	memcpy(slot, extra, sizeof(*extra));
	rx->ring.rsp_prod_pvt++;
}

static void count(struct rx *rx, const struct job *job, bool ok)
{
	struct net_figures_of *figures = &rx->figures->rx;

	figures_add(&figures->slots, job->shape.n_data + job->shape.n_extras);
	if (!ok) {
		figures_add(&figures->failed, 1);
		log_limited(&rx->vif->limit,
			    "%s: a grant of the receive ring cannot be used",
			    rx->vif->name);
		return;
	}
	figures_add(&figures->packets, 1);
	figures_add(&figures->bytes, job->size);
	figures_add(&figures->gso, job->uncut);
}

/*
 * One response for each slot, in the slot's order: netfront goes by position
 * (io/netif.h). When a copy failed the whole frame is an error, and more_data
 * still says which slots were its. Returns how many slots that were.
 */
static unsigned int answer(struct rx *rx, const struct job *job,
			   const uint16_t *ids)
{
	const struct rx_shape *shape = &job->shape;
	const bool ok = copy_ok(&rx->copy, job->first_copy, shape->n_data);
	unsigned int i, x;

	answer_data(rx, job, 0, ids[0], ok);
	for (x = 0; x < shape->n_extras; x++)
		answer_extra(rx, &shape->extras[x]);
	for (i = 1; i < shape->n_data; i++)
		answer_data(rx, job, i, ids[x + i], ok);
	count(rx, job, ok);
	return x + i;
}

static int act(struct rx *rx, struct port *port, struct err *e)
{
	const uint16_t *ids = rx->ids;
	unsigned int i;
	int notify;

	if (rx->n_jobs == 0)
		return 0;
	copy_run(&rx->copy);
	for (i = 0; i < rx->n_jobs; i++)
		ids += answer(rx, &rx->jobs[i], ids);
	RING_PUSH_RESPONSES_AND_CHECK_NOTIFY(&rx->ring, notify);
	if (notify && port_notify(port) < 0)
		return err_set(e, ENOTCONN, "the guest cannot be notified");
	if (notify)
		figures_add(&rx->figures->rx.notified, 1);
	else
		figures_add(&rx->figures->rx.spared, 1);
	port_useful(port);
	if (rx_stall_end(&rx->stall))
		log_limited(&rx->vif->limit,
			    "%s: the guest makes room for frames again",
			    rx->vif->name);
	return 0;
}

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* Asks the guest to ring when there are so many slots; looks once more. */
static int wait_for_slots(struct rx *rx, unsigned int slots, struct err *e)
{
	int rc;

	rx->shared->req_event = rx->ring.req_cons + slots;
	xen_mb(); /* the guest sees that before we look at its producer */
	rc = slots_waiting(rx, e);
	if (rc < 0)
		return rc;
	if ((unsigned int)rc >= slots)
		return RX_AGAIN;
	if (!rx_stall_wait(&rx->stall, now_ms()))
		return RX_WAIT_SLOTS;
	source_drop(&rx->source);
	drop(rx);
	figures_add(&rx->figures->stalled, 1);
	log_limited(&rx->vif->limit,
		    "%s: the guest makes no room for frames: they are dropped",
		    rx->vif->name);
	return RX_AGAIN;
}

/*
 * Plans deliveries until the tap is empty, the pass full, or a frame needs
 * more slots than there are: it is then held. Returns how many slots to wait
 * for, 0 or more; or -errno with *e set.
 */
static int plan(struct rx *rx, unsigned int slots, struct err *e)
{
	unsigned int left = RX_FRAMES;

	while (left--) {
		struct parcel p;
		unsigned int needed;
		int rc = source_next(&rx->source, &p, e);

		if (rc == -EAGAIN)
			continue;
		if (rc == -EINVAL) {
			drop(rx);
			continue;
		}
		if (rc <= 0)
			return rc;
		needed = p.shape.n_data + p.shape.n_extras;
		if (needed <= slots) {
			deliver(rx, &p);
			slots -= needed;
		} else if (rx->stall.stalled) {
			drop(rx);
		} else {
			source_hold(&rx->source, &p);
			return (int)needed;
		}
	}
	return 0;
}

int rx_pass(struct rx *rx, struct port *port, struct err *e)
{
	int slots = slots_waiting(rx, e);
	int needed;

	if (slots < 0)
		return slots;
	copy_reset(&rx->copy);
	source_begin(&rx->source);
	rx->n_jobs = 0;
	rx->n_ids = 0;
	needed = plan(rx, (unsigned int)slots, e);
	if (needed < 0)
		return needed;
	if (act(rx, port, e) < 0)
		return -e->code;
	if (needed)
		return wait_for_slots(rx, (unsigned int)needed, e);
	return source_has_more(&rx->source) ? RX_AGAIN : RX_WAIT_TAP;
}

unsigned int rx_look_ms(const struct rx *rx)
{
	return rx_stall_look_ms(&rx->stall, now_ms());
}
