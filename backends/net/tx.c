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
#include "fdb.h"
#include "frame.h"
#include "keeper.h"
#include "port.h"
#include "ring.h"
#include "tap_batch.h"
#include "terms.h"
#include "tx_chain.h"
#include "tx_direct.h"
#include "tx_frame.h"
#include "tx_job.h"
#include "vif.h"

struct tx {
	struct vif *vif;	       /* borrowed */
	struct net_figures *figures;   /* borrowed */
	struct netif_tx_sring *shared; /* the guest's page, mapped */
	netif_tx_back_ring_t ring;
	struct answers answers;
	struct arena arena;
	struct copy copy;
	unsigned int n_slots; /* taken and not yet answered, oldest first */
	union tx_slot slots[TX_SLOTS];
	uint64_t held_ns; /* the rate: for so long, when not 0 */
	bool has_peers;	  /* in this pass: some may go directly */
	struct tx_direct direct;
	unsigned int n_jobs;
	struct tx_job jobs[TX_PACKETS];
};

_Static_assert(TAP_BATCH_MAX >= TX_PACKETS, "a pass is one batch");
_Static_assert(COPY_MAX >= TX_SLOTS, "every slot can be copied in one pass");

/* All that the guest was told is behind rsp_prod, or was about to be. */
static void begin(struct tx *tx)
{
	RING_IDX prod = *(volatile RING_IDX *)&tx->shared->rsp_prod;

	tx->answers = (struct answers){
		journal_answers(&tx->vif->keeper->journal, tx->vif->queue,
				JOURNAL_TX),
		(uint8_t *)tx->shared->ring, sizeof(tx->shared->ring[0]),
		sizeof(struct netif_tx_response), TX_SLOTS};
	prod = answers_resume(&tx->answers, prod);
	BACK_RING_ATTACH(&tx->ring, tx->shared, prod, XC_PAGE_SIZE);
	RING_PUSH_RESPONSES(&tx->ring);
}

struct tx *tx_open(struct vif *vif, uint32_t ring_ref, struct err *e)
{
	struct tx *tx = calloc(1, sizeof(*tx));
	int rc;

	if (!tx) {
		err_set(e, ENOMEM, "no memory for a transmit ring");
		return NULL;
	}
	tx->vif = vif;
	tx->figures = vif->figures;
	copy_init(&tx->copy, vif->gnttab, vif->domid);
	rc = arena_open(&tx->arena, vif->gntshr);
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
	begin(tx);
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

static void plan_whole(struct tx *tx, const struct tx_packet *packet,
		       uint8_t *to)
{
	unsigned int i;

	for (i = 0; i < packet->n_spans; i++) {
		const struct tx_span *span = &packet->spans[i];

		copy_add_from(&tx->copy, span->gref, span->offset, span->size,
			      to, &tx->arena);
		to += span->size;
	}
}

/*
 * Gives a good packet its place in the arena and plans its copies. False when
 * the arena is full. The place of a blank checksum is found later, once the
 * frame is there.
 */
static bool plan_copies(struct tx *tx, struct tx_job *job,
			const struct tx_packet *packet)
{
	uint8_t *to =
		packet->size <= XC_PAGE_SIZE
			? arena_place(&tx->arena, packet->size)
			: arena_place_at(&tx->arena, tx_frame_place(packet));

	if (!to)
		return false;
	arena_keep(&tx->arena, to, packet->size);
	terms_pay(tx->vif->terms, packet->size);
	job->frame = to;
	job->size = packet->size;
	job->first_copy = tx->copy.n;
	if (tx->has_peers)
		tx_direct_plan(&tx->direct, job, tx->vif->domid, packet,
			       &tx->copy, &tx->arena);
	else
		plan_whole(tx, packet, to);
	job->n_copies = tx->copy.n - job->first_copy;
	tx_frame_mark(&job->marks, packet);
	return true;
}

static void refuse(struct tx *tx, struct tx_job *job, const char *why)
{
	job->status = NETIF_RSP_ERROR;
	figures_add(&tx->figures->tx.refused, 1);
	log_limited(&tx->vif->limit, "%s: refused a packet of %u slots: %s",
		    tx->vif->name, job->n_slots, why);
}

/* False when the arena is full: the packet is left for the next pass. */
static bool plan_packet(struct tx *tx, struct tx_job *job,
			const struct tx_packet *packet)
{
	memset(job, 0, sizeof(*job));
	job->n_slots = packet->n_slots;
	job->n_extras = packet->n_extras;
	job->status = NETIF_RSP_OKAY;
	if (packet->verdict == TX_GOOD)
		return plan_copies(tx, job, packet);
	if (packet->verdict == TX_MULTICAST)
		job->status = keeper_obey(tx->vif->keeper, &packet->extras);
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
	tx_direct_begin(&tx->direct);
	tx->has_peers = tx->vif->member && fdb_has_peers(tx->vif->member);
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

/* Whether there is a frame, and what has been planned of it has come. */
static bool has_come(struct tx *tx, struct tx_job *job)
{
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
	return true;
}

/* Whether the packet has come, and is a frame for the tap. */
static bool is_frame(struct tx *tx, struct tx_job *job)
{
	const char *why;

	if (job->direct.delivered || !has_come(tx, job))
		return false;
	why = tx_frame_measure(job->frame, job->size, &job->marks);
	if (why)
		refuse(tx, job, why);
	return !why;
}

static void count_sent(struct tx *tx, const struct tx_job *job)
{
	struct net_figures_of *figures = &tx->figures->tx;

	figures_add(&figures->packets, 1);
	figures_add(&figures->bytes, job->size);
	figures_add(&figures->gso, job->marks.gso.kind != FRAME_GSO_NONE);
	figures_add(&figures->direct, job->direct.delivered);
}

/*
 * A tap without room drops the frame, as an Ethernet does: waiting for it
 * would hold up the guest's later packets, and unless somebody limits the
 * tap's send buffer the case does not arise.
 */
static int settle(struct tx *tx, struct tx_job *job, int rc, struct err *e)
{
	if (rc == -EBADFD)
		return err_set(e, ENODEV, "the tap is gone");
	if (rc < 0) {
		job->status = NETIF_RSP_DROPPED;
		figures_add(&tx->figures->tx.dropped, 1);
		return 0;
	}
	count_sent(tx, job);
	return 0;
}

/* Those whose heads alone have been copied: what is left has all come. */
static void send_directly(struct tx *tx)
{
	unsigned int i;

	for (i = 0; i < tx->n_jobs; i++)
		if (!has_come(tx, &tx->jobs[i]))
			tx->jobs[i].frame = NULL;
	tx_direct_send(&tx->direct, tx->vif, tx->jobs, tx->n_jobs);
	for (i = 0; i < tx->n_jobs; i++)
		if (tx->jobs[i].direct.delivered)
			count_sent(tx, &tx->jobs[i]);
	tx_direct_fetch(tx->jobs, tx->n_jobs, &tx->copy);
}

/* Writes all frames of the pass, but those that need no tap. */
static int send_frames(struct tx *tx, struct err *e)
{
	struct tap_frame frames[TX_PACKETS];
	struct tx_job *jobs[TX_PACKETS];
	unsigned int i, n = 0;

	for (i = 0; i < tx->n_jobs; i++) {
		struct tx_job *job = &tx->jobs[i];

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
static void answer(struct tx *tx, const struct tx_job *job,
		   const union tx_slot *slots)
{
	unsigned int i;

	for (i = 0; i < job->n_slots; i++) {
		struct netif_tx_response rsp = {0, NETIF_RSP_NULL};

		if (i == 0 || i > job->n_extras) {
			rsp.id = slots[i].req.id;
			rsp.status = job->status;
		}
		answers_add(&tx->answers, &rsp);
	}
}

static int act(struct tx *tx, struct port *port, struct err *e)
{
	unsigned int done = 0;
	unsigned int i;
	int notify;

	copy_run(&tx->copy);
	if (tx->has_peers)
		send_directly(tx);
	if (send_frames(tx, e) < 0)
		return -e->code;
	answers_begin(&tx->answers);
	for (i = 0; i < tx->n_jobs; i++) {
		answer(tx, &tx->jobs[i], tx->slots + done);
		done += tx->jobs[i].n_slots;
	}
	if (done == 0)
		return 0;
	answers_show(&tx->answers, &tx->ring.rsp_prod_pvt);
	RING_PUSH_RESPONSES_AND_CHECK_NOTIFY(&tx->ring, notify);
	if (notify && port_notify(port) < 0)
		return err_set(e, ENOTCONN, "the guest cannot be notified");
	figures_add(notify ? &tx->figures->tx.notified
			   : &tx->figures->tx.spared,
		    1);
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
