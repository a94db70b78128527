/* SPDX-License-Identifier: MIT */
/* Guest to host: the transmit ring, served one bounded pass at a time. */
#include "tx.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "arena.h"
#include "base/err.h"
#include "chan/figures.h"
#include "chan/net_figures.h"
#include "copy.h"
#include "frame.h"
#include "keeper.h"
#include "port.h"
#include "ring.h"
#include "tap_batch.h"
#include "terms.h"
#include "tx_chain.h"
#include "tx_frame.h"
#include "vif.h"

#define TX_SLOTS   256u /* of a one-page ring */
#define TX_PACKETS 64u	/* a pass */

/* A packet of the present pass. */
struct job {
	unsigned int n_slots;
	unsigned int n_extras;
	unsigned int first_copy;
	unsigned int n_copies;
	uint8_t *frame; /* in the arena; NULL when it was refused */
	uint32_t size;
	struct frame_marks marks;
	int16_t status; /* NETIF_RSP_… */
};

struct tx {
	struct vif *vif;	       /* borrowed */
	struct net_figures *figures;   /* borrowed */
	struct netif_tx_sring *shared; /* the guest's page, mapped */
	netif_tx_back_ring_t ring;
	struct arena arena;
	struct copy copy;
	unsigned int n_slots; /* taken and not yet answered, oldest first */
	union tx_slot slots[TX_SLOTS];
	uint64_t held_ns; /* the rate: for so long, when not 0 */
	unsigned int n_jobs;
	struct job jobs[TX_PACKETS];
};

_Static_assert(TAP_BATCH_MAX >= TX_PACKETS, "a pass is one batch");
_Static_assert(COPY_MAX >= TX_SLOTS, "every slot can be copied in one pass");

struct tx *tx_open(struct vif *vif, uint32_t ring_ref, struct err *e)
{
	struct tx *tx = calloc(1, sizeof(*tx));
	RING_IDX answered;
	int rc;

	if (!tx) {
		err_set(e, ENOMEM, "no memory for a transmit ring");
		return NULL;
	}
	tx->vif = vif;
	tx->figures = vif->figures;
	copy_init(&tx->copy, vif->gnttab, vif->domid);
	rc = arena_open(&tx->arena);
	if (rc < 0) {
		err_set(e, -rc, "no memory for frames");
		goto fail;
	}
	tx->shared = xengnttab_map_grant_ref(vif->gnttab, vif->domid, ring_ref,
					     PROT_READ | PROT_WRITE);
	if (!tx->shared) {
		err_errno(e, errno, "cannot map the transmit ring, grant %u",
			  ring_ref);
		goto fail;
	}
	/* Everything the guest was told is behind rsp_prod. */
	answered = *(volatile RING_IDX *)&tx->shared->rsp_prod;
	BACK_RING_ATTACH(&tx->ring, tx->shared, answered, XC_PAGE_SIZE);
	return tx;

fail:
	tx_close(tx);
	return NULL;
}

void tx_close(struct tx *tx)
{
	if (!tx)
		return;
	if (tx->shared)
		xengnttab_unmap(tx->vif->gnttab, tx->shared, 1);
	arena_close(&tx->arena);
	free(tx);
}

/* Copies every waiting request out of the ring, once. */
static int take(struct tx *tx, struct err *e)
{
	RING_IDX prod = *(volatile RING_IDX *)&tx->shared->req_prod;
	int n = ring_waiting(prod, tx->ring.req_cons, tx->ring.rsp_prod_pvt,
			     RING_SIZE(&tx->ring));

	if (n < 0)
		return err_set(e, EPROTO,
			       "transmit ring is corrupt: producer %u, taken "
			       "%u, answered %u",
			       prod, tx->ring.req_cons, tx->ring.rsp_prod_pvt);
	xen_rmb(); /* the entries are read after the index that announced them */
	for (; n > 0; n--) {
		RING_COPY_REQUEST(&tx->ring, tx->ring.req_cons,
				  &tx->slots[tx->n_slots].req);
		tx->ring.req_cons++;
		tx->n_slots++;
	}
	return 0;
}

/*
 * Gives a good packet its place in the arena and plans its copies. False when
 * the arena is full. The place of a blank checksum is found later, once the
 * frame is there.
 */
static bool plan_copies(struct tx *tx, struct job *job,
			const struct tx_packet *packet)
{
	uint8_t *to =
		packet->size <= XC_PAGE_SIZE
			? arena_place(&tx->arena, packet->size)
			: arena_place_at(&tx->arena, tx_frame_place(packet));
	unsigned int i;

	if (!to)
		return false;
	arena_keep(&tx->arena, to, packet->size);
	terms_pay(tx->vif->terms, packet->size);
	job->frame = to;
	job->size = packet->size;
	job->first_copy = tx->copy.n;
	job->n_copies = packet->n_spans;
	for (i = 0; i < packet->n_spans; i++) {
		const struct tx_span *span = &packet->spans[i];

		copy_add_from(&tx->copy, span->gref, span->offset, span->size,
			      to);
		to += span->size;
	}
	tx_frame_mark(&job->marks, packet);
	return true;
}

/* A word about the multicast filter. Returns its answer, NETIF_RSP_…. */
static int16_t obey(struct keeper *k, const struct tx_extras *extras)
{
	if (extras->multicast == XEN_NETIF_EXTRA_TYPE_MCAST_DEL)
		keeper_delete(k, extras->address);
	else if (keeper_add(k, extras->address) < 0)
		return NETIF_RSP_ERROR;
	return NETIF_RSP_OKAY;
}

static void refuse(struct tx *tx, struct job *job, const char *why)
{
	job->status = NETIF_RSP_ERROR;
	figures_add(&tx->figures->tx.refused, 1);
	log_limited(&tx->vif->limit, "%s: refused a packet of %u slots: %s",
		    tx->vif->name, job->n_slots, why);
}

/* False when the arena is full: the packet is left for the next pass. */
static bool plan_packet(struct tx *tx, struct job *job,
			const struct tx_packet *packet)
{
	memset(job, 0, sizeof(*job));
	job->n_slots = packet->n_slots;
	job->n_extras = packet->n_extras;
	job->status = NETIF_RSP_OKAY;
	if (packet->verdict == TX_GOOD)
		return plan_copies(tx, job, packet);
	if (packet->verdict == TX_MULTICAST)
		job->status = obey(tx->vif->keeper, &packet->extras);
	else
		refuse(tx, job, tx_verdict_text(packet->verdict));
	return true;
}

/* Whether the rate lets a packet go now. What is refused goes for nothing. */
static bool may_go(struct tx *tx, const struct tx_packet *packet)
{
	if (packet->verdict == TX_GOOD)
		tx->held_ns = terms_held_ns(tx->vif->terms);
	return tx->held_ns == 0;
}

/* Parses packets until the slots, the jobs, arena or rate are used up. */
static int plan(struct tx *tx, struct err *e)
{
	struct tx_packet packet;
	unsigned int at = 0;

	copy_reset(&tx->copy);
	arena_reset(&tx->arena);
	tx->n_jobs = 0;
	tx->held_ns = 0;
	while (at < tx->n_slots && tx->n_jobs < TX_PACKETS) {
		const unsigned int left = tx->n_slots - at;

		if (tx_chain_parse(tx->slots + at, left, &packet) < 0)
			return err_set(e, EPROTO,
				       "transmit ring is corrupt: the packet "
				       "in its last %u slots has no end",
				       left);
		if (!may_go(tx, &packet) ||
		    !plan_packet(tx, &tx->jobs[tx->n_jobs], &packet))
			break;
		at += packet.n_slots;
		tx->n_jobs++;
	}
	return 0;
}

/* Whether the packet has come, and is a frame for the tap. */
static bool is_frame(struct tx *tx, struct job *job)
{
	const char *why;

	if (!job->frame)
		return false;
	if (terms_unplugged(tx->vif->terms)) {
		job->status = NETIF_RSP_DROPPED;
		figures_add(&tx->figures->tx.dropped, 1);
		return false;
	}
	if (!copy_ok(&tx->copy, job->first_copy, job->n_copies)) {
		job->status = NETIF_RSP_ERROR;
		figures_add(&tx->figures->tx.failed, 1);
		return false;
	}
	why = tx_frame_measure(job->frame, job->size, &job->marks);
	if (why)
		refuse(tx, job, why);
	return !why;
}

/*
 * A tap without room drops the frame, as an Ethernet does: waiting for it
 * would hold up the guest's later packets, and unless somebody limits the
 * tap's send buffer the case does not arise.
 */
static int settle(struct tx *tx, struct job *job, int rc, struct err *e)
{
	struct net_figures_of *figures = &tx->figures->tx;

	if (rc == -EBADFD)
		return err_set(e, ENODEV, "the tap is gone");
	if (rc < 0) {
		job->status = NETIF_RSP_DROPPED;
		figures_add(&figures->dropped, 1);
		return 0;
	}
	figures_add(&figures->packets, 1);
	figures_add(&figures->bytes, job->size);
	figures_add(&figures->gso, job->marks.gso.kind != FRAME_GSO_NONE);
	return 0;
}

/* Writes all frames of the pass. */
static int send_frames(struct tx *tx, struct err *e)
{
	struct tap_frame frames[TX_PACKETS];
	struct job *jobs[TX_PACKETS];
	unsigned int i, n = 0;

	for (i = 0; i < tx->n_jobs; i++) {
		struct job *job = &tx->jobs[i];

		if (!is_frame(tx, job))
			continue;
		jobs[n] = job;
		frames[n++] = (struct tap_frame){
			.data = job->frame,
			.size = job->size,
			.marks = &job->marks,
		};
	}
	tap_batch_write(tx->vif->batch, tx->vif->tap, frames, n);
	for (i = 0; i < n; i++)
		if (settle(tx, jobs[i], frames[i].rc, e) < 0)
			return -e->code;
	return 0;
}

/* One response for each slot, in the slot's order. */
static void answer(struct tx *tx, const struct job *job,
		   const union tx_slot *slots)
{
	unsigned int i;

	for (i = 0; i < job->n_slots; i++) {
		struct netif_tx_response rsp = {0, NETIF_RSP_NULL};

		if (i == 0 || i > job->n_extras) {
			rsp.id = slots[i].req.id;
			rsp.status = job->status;
		}
		*RING_GET_RESPONSE(&tx->ring, tx->ring.rsp_prod_pvt) = rsp;
		tx->ring.rsp_prod_pvt++;
	}
}

static int act(struct tx *tx, struct port *port, struct err *e)
{
	unsigned int done = 0;
	unsigned int i;
	int notify;

	copy_run(&tx->copy);
	if (send_frames(tx, e) < 0)
		return -e->code;
	for (i = 0; i < tx->n_jobs; i++) {
		answer(tx, &tx->jobs[i], tx->slots + done);
		done += tx->jobs[i].n_slots;
	}
	if (done == 0)
		return 0;
	RING_PUSH_RESPONSES_AND_CHECK_NOTIFY(&tx->ring, notify);
	if (notify && port_notify(port) < 0)
		return err_set(e, ENOTCONN, "the guest cannot be notified");
	if (notify)
		figures_add(&tx->figures->tx.notified, 1);
	else
		figures_add(&tx->figures->tx.spared, 1);
	figures_add(&tx->figures->tx.slots, done);
	port_useful(port);
	tx->n_slots -= done;
	memmove(tx->slots, tx->slots + done, tx->n_slots * sizeof(*tx->slots));
	return 0;
}

int tx_pass(struct tx *tx, struct port *port, struct err *e)
{
	int more;

	if (take(tx, e) < 0 || plan(tx, e) < 0 || act(tx, port, e) < 0)
		return -e->code;
	if (tx->held_ns)
		return TX_HELD;
	if (tx->n_slots)
		return TX_MORE;
	RING_FINAL_CHECK_FOR_REQUESTS(&tx->ring, more);
	return more ? TX_MORE : TX_IDLE;
}

uint64_t tx_held_ns(const struct tx *tx)
{
	return tx->held_ns;
}
