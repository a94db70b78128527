/* SPDX-License-Identifier: MIT */
/* The receive ring itself. */
#include "rx_ring.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "base/err.h"
#include "chan/figures.h"
#include "chan/net_figures.h"
#include "direct.h"
#include "keeper.h"
#include "port.h"
#include "ring.h"
#include "vif.h"

/*
 * A copy ends where a slot, a head or a granted part of a frame does; so many
 * parts there are in a pass of a whole ring of either kind.
 */
_Static_assert(sizeof(struct netif_extra_info) ==
		       sizeof(struct netif_rx_response),
	       "an extra takes a response's place");
_Static_assert(COPY_MAX >= RX_SLOTS + RX_FRAMES + 256,
	       "every slot can be copied in one pass");

/* All that the guest was told is behind rsp_prod, or was about to be. */
static void begin(struct rx_ring *r)
{
	RING_IDX prod = *(volatile RING_IDX *)&r->shared->rsp_prod;

	r->answers = (struct answers){
		journal_answers(&r->vif->keeper->journal, r->vif->queue,
				JOURNAL_RX),
		(uint8_t *)r->shared->ring, sizeof(r->shared->ring[0]),
		sizeof(struct netif_rx_response), RX_SLOTS};
	prod = answers_resume(&r->answers, prod);
	BACK_RING_ATTACH(&r->back, r->shared, prod, XC_PAGE_SIZE);
	RING_PUSH_RESPONSES(&r->back);
}

int rx_ring_open(struct rx_ring *r, struct vif *vif, uint32_t ref,
		 struct err *e)
{
	r->vif = vif;
	r->figures = &vif->figures->rx;
	copy_init(&r->copy, vif->gnttab, vif->domid);
	r->shared = xengnttab_map_grant_ref(vif->gnttab, vif->domid, ref,
					    PROT_READ | PROT_WRITE);
	if (!r->shared)
		return err_errno(e, errno,
				 "cannot map the receive ring, grant %u", ref);
	begin(r);
	return 0;
}

void rx_ring_close(struct rx_ring *r)
{
	if (r->shared)
		xengnttab_unmap(r->vif->gnttab, r->shared, 1);
	r->shared = NULL;
}

int rx_ring_waiting(struct rx_ring *r, struct err *e)
{
	RING_IDX prod = *(volatile RING_IDX *)&r->shared->req_prod;
	int n = ring_waiting(prod, r->back.req_cons, r->back.rsp_prod_pvt,
			     RING_SIZE(&r->back));

	if (n < 0)
		return err_set(e, EPROTO,
			       "receive ring is corrupt: producer %u, taken "
			       "%u, answered %u",
			       prod, r->back.req_cons, r->back.rsp_prod_pvt);
	xen_rmb(); /* the entries are read after the index that announced them */
	return n;
}

void rx_ring_begin(struct rx_ring *r)
{
	copy_reset(&r->copy);
	r->n_jobs = 0;
	r->n_ids = 0;
}

static uint32_t take_slot(struct rx_ring *r)
{
	struct netif_rx_request req;

	RING_COPY_REQUEST(&r->back, r->back.req_cons, &req);
	r->back.req_cons++;
	r->ids[r->n_ids++] = req.id;
	return req.gref;
}

/* What of a frame has not been planned yet. */
struct cursor {
	const struct direct *frame;
	uint32_t head; /* bytes of it that have */
	unsigned int span;
	uint16_t of_span; /* likewise */
};

/* Plans a copy of the next bytes, at most size, and returns how many. */
static uint16_t copy_piece(struct rx_ring *r, struct cursor *at, uint32_t gref,
			   uint16_t offset, uint16_t size)
{
	const struct direct *f = at->frame;
	const struct tx_span *span;

	if (at->head < f->head_size) {
		if (size > f->head_size - at->head)
			size = (uint16_t)(f->head_size - at->head);
		copy_add_to(&r->copy, gref, offset, size, f->head + at->head,
			    f->arena);
		at->head += size;
		return size;
	}
	span = &f->rest[at->span];
	if (size > span->size - at->of_span)
		size = (uint16_t)(span->size - at->of_span);
	copy_add_across(&r->copy, f->domid, span->gref,
			(uint16_t)(span->offset + at->of_span), gref, offset,
			size);
	at->of_span = (uint16_t)(at->of_span + size);
	if (at->of_span == span->size) {
		at->span++;
		at->of_span = 0;
	}
	return size;
}

static void copy_part(struct rx_ring *r, struct cursor *at, uint32_t gref,
		      uint16_t offset, uint16_t size)
{
	while (size > 0) {
		const uint16_t piece = copy_piece(r, at, gref, offset, size);

		offset = (uint16_t)(offset + piece);
		size = (uint16_t)(size - piece);
	}
}

void rx_ring_put(struct rx_ring *r, const struct direct *frame,
		 const struct rx_shape *shape)
{
	struct rx_job *job = &r->jobs[r->n_jobs++];
	struct cursor at = {.frame = frame};
	unsigned int i, x;

	job->first_copy = r->copy.n;
	job->size = frame->size;
	job->uncut = frame->marks->gso.kind != FRAME_GSO_NONE;
	job->shape = *shape;
	for (i = 0; i < shape->n_data; i++) {
		copy_part(r, &at, take_slot(r), i == 0 ? shape->offset : 0,
			  rx_shape_part(shape, i, frame->size));
		/* These slots' pages are left as they are. */
		for (x = 0; i == 0 && x < shape->n_extras; x++)
			take_slot(r);
	}
	job->n_copies = r->copy.n - job->first_copy;
}

static void answer_data(struct rx_ring *r, const struct rx_job *job,
			unsigned int i, uint16_t id)
{
	const struct rx_shape *shape = &job->shape;
	struct netif_rx_response rsp = {
		.id = id,
		.offset = i == 0 ? shape->offset : 0,
		.flags = i == 0 ? shape->flags : 0,
		.status = NETIF_RSP_ERROR,
	};

	if (job->ok)
		rsp.status = (int16_t)rx_shape_part(shape, i, job->size);
	if (i + 1 < shape->n_data)
		rsp.flags |= NETRXF_more_data;
	answers_add(&r->answers, &rsp);
}

static void answer_extra(struct rx_ring *r,
			 const struct netif_extra_info *extra)
{
	answers_add(&r->answers, extra);
}

static void count(struct rx_ring *r, const struct rx_job *job)
{
	figures_add(&r->figures->slots,
		    job->shape.n_data + job->shape.n_extras);
	if (!job->ok) {
		figures_add(&r->figures->failed, 1);
		log_limited(&r->limit,
			    "%s: a frame cannot be copied into the grants of "
			    "the receive ring",
			    r->vif->name);
		return;
	}
	figures_add(&r->figures->packets, 1);
	figures_add(&r->figures->bytes, job->size);
	figures_add(&r->figures->gso, job->uncut);
}

/*
 * One response for each slot, in the slot's order: netfront goes by position
 * (io/netif.h). When a copy failed the whole frame is an error, and more_data
 * still says which slots were its. Returns how many slots that were.
 */
static unsigned int answer(struct rx_ring *r, struct rx_job *job,
			   const uint16_t *ids)
{
	const struct rx_shape *shape = &job->shape;
	unsigned int i, x;

	job->ok = copy_ok(&r->copy, job->first_copy, job->n_copies);
	answer_data(r, job, 0, ids[0]);
	for (x = 0; x < shape->n_extras; x++)
		answer_extra(r, &shape->extras[x]);
	for (i = 1; i < shape->n_data; i++)
		answer_data(r, job, i, ids[x + i]);
	count(r, job);
	return x + i;
}

int rx_ring_act(struct rx_ring *r, struct port *port, struct err *e)
{
	const uint16_t *ids = r->ids;
	unsigned int i;
	int notify;

	if (r->n_jobs == 0)
		return 0;
	copy_run(&r->copy);
	answers_begin(&r->answers);
	for (i = 0; i < r->n_jobs; i++)
		ids += answer(r, &r->jobs[i], ids);
	answers_show(&r->answers, &r->back.rsp_prod_pvt);
	RING_PUSH_RESPONSES_AND_CHECK_NOTIFY(&r->back, notify);
	if (notify && port_notify(port) < 0)
		return err_set(e, ENOTCONN, "the guest cannot be notified");
	if (notify)
		figures_add(&r->figures->notified, 1);
	else
		figures_add(&r->figures->spared, 1);
	port_useful(port);
	return 0;
}
