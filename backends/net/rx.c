/* SPDX-License-Identifier: MIT */
/* Host to guest: the receive ring, served one bounded pass at a time. */
#include "rx.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "arena.h"
#include "base/err.h"
#include "chan/msg.h"
#include "copy.h"
#include "frame.h"
#include "port.h"
#include "ring.h"
#include "tap.h"
#include "vif.h"

#define RX_SLOTS  256u /* of a one-page ring */
#define RX_FRAMES 64u  /* a pass */
#define RX_LIKELY 1518 /* bytes of an ordinary full frame */

/* A frame in private memory. */
struct parcel {
	uint8_t *data;
	uint32_t size; /* 0: no frame */
	struct frame_csum csum;
};

/* A frame of the present pass, on its slots. */
struct job {
	unsigned int n_slots; /* and as many copies */
	unsigned int first_copy;
	uint32_t size;
	uint16_t flags; /* NETRXF_… of its first slot */
};

struct rx {
	struct vif *vif;	       /* borrowed */
	struct netif_rx_sring *shared; /* the guest's page, mapped */
	netif_rx_back_ring_t ring;
	struct arena arena;
	struct copy copy;
	uint8_t *held_buffer; /* owned */
	struct parcel held;   /* read, but it found too few slots */
	unsigned int n_ids;
	uint16_t ids[RX_SLOTS]; /* of the slots taken in this pass */
	unsigned int n_jobs;
	struct job jobs[RX_FRAMES];
};

_Static_assert(COPY_MAX >= RX_SLOTS, "every slot can be copied in one pass");

struct rx *rx_open(struct vif *vif, uint32_t ring_ref, struct err *e)
{
	struct rx *rx = calloc(1, sizeof(*rx));
	int rc;

	if (!rx) {
		err_set(e, ENOMEM, "no memory for a receive ring");
		return NULL;
	}
	rx->vif = vif;
	copy_init(&rx->copy, vif->gnttab, vif->domid);
	rc = arena_open(&rx->arena);
	rx->held_buffer = malloc(ARENA_FRAME_MAX);
	if (rc < 0 || !rx->held_buffer) {
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
	BACK_RING_ATTACH(&rx->ring, rx->shared,
			 *(volatile RING_IDX *)&rx->shared->rsp_prod,
			 XC_PAGE_SIZE);
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
	arena_close(&rx->arena);
	free(rx->held_buffer);
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

/*
 * The held frame, else the next of the tap. 1; 0 (none now, or no memory in
 * this pass); -EINVAL (one was dropped); or another -errno with *e set.
 */
static int next_frame(struct rx *rx, struct parcel *p, struct err *e)
{
	int rc;

	if (rx->held.size) {
		*p = rx->held;
		rx->held.size = 0;
		return 1;
	}
	p->data = arena_place(&rx->arena, RX_LIKELY);
	if (!p->data)
		return 0;
	rc = tap_read(rx->vif->tap, p->data, ARENA_FRAME_MAX, &p->csum);
	if (rc < 0 && rc != -EINVAL)
		return err_errno(e, -rc, "the tap is gone");
	if (rc <= 0)
		return rc;
	p->size = (uint32_t)rc;
	arena_keep(&rx->arena, p->data, p->size);
	return 1;
}

static unsigned int slots_for(uint32_t size)
{
	return (size + XC_PAGE_SIZE - 1) / XC_PAGE_SIZE;
}

/*
 * Whether the guest can complete this frame's checksum: it does so only
 * where it finds TCP or UDP by itself, which it does not look for behind a
 * VLAN tag.
 */
static bool may_stay_blank(const struct vif *vif, const struct parcel *p)
{
	struct frame_transport t;

	return frame_find_transport(p->data, p->size, &t) && !t.tagged &&
	       t.start == p->csum.start && t.csum_offset == p->csum.offset &&
	       (t.ipv6 ? vif->flags & MSG_NET_IPV6_CSUM
		       : !(vif->flags & MSG_NET_NO_CSUM));
}

/* The checksum flags of a frame; completes what the guest would not. */
static uint16_t settle_csum(const struct vif *vif, struct parcel *p)
{
	if (p->csum.state == FRAME_CSUM_BLANK) {
		if (may_stay_blank(vif, p))
			return NETRXF_csum_blank | NETRXF_data_validated;
		if (frame_fill_csum(p->data, p->size, &p->csum) < 0)
			return 0;
	}
	return p->csum.state == FRAME_CSUM_VALID ? NETRXF_data_validated : 0;
}

/* Takes slots for a frame and plans its copies. */
static void deliver(struct rx *rx, struct parcel *p)
{
	struct job *job = &rx->jobs[rx->n_jobs++];
	uint32_t at;

	job->flags = settle_csum(rx->vif, p);
	job->first_copy = rx->copy.n;
	job->size = p->size;
	job->n_slots = slots_for(p->size);
	for (at = 0; at < p->size; at += XC_PAGE_SIZE) {
		uint32_t left = p->size - at;
		struct netif_rx_request req;

		RING_COPY_REQUEST(&rx->ring, rx->ring.req_cons, &req);
		rx->ring.req_cons++;
		rx->ids[rx->n_ids++] = req.id;
		copy_add_to(
			&rx->copy, req.gref, p->data + at,
			(uint16_t)(left < XC_PAGE_SIZE ? left : XC_PAGE_SIZE));
	}
}

static void hold(struct rx *rx, const struct parcel *p)
{
	memmove(rx->held_buffer, p->data, p->size);
	rx->held = *p;
	rx->held.data = rx->held_buffer;
}

/*
 * One response for each slot, in the slot's order: netfront goes by position
 * (io/netif.h). When a copy failed the whole frame is an error, and more_data
 * still says which slots were its.
 */
static void answer(struct rx *rx, const struct job *job, const uint16_t *ids)
{
	bool ok = copy_ok(&rx->copy, job->first_copy, job->n_slots);
	uint32_t left = job->size;
	unsigned int i;

	for (i = 0; i < job->n_slots; i++) {
		uint32_t part = left < XC_PAGE_SIZE ? left : XC_PAGE_SIZE;
		struct netif_rx_response rsp = {
			.id = ids[i],
			.flags = i == 0 ? job->flags : 0,
			.status = ok ? (int16_t)part : NETIF_RSP_ERROR,
		};

		left -= part;
		if (left)
			rsp.flags |= NETRXF_more_data;
		*RING_GET_RESPONSE(&rx->ring, rx->ring.rsp_prod_pvt) = rsp;
		rx->ring.rsp_prod_pvt++;
	}
	if (!ok)
		log_limited(&rx->vif->limit,
			    "%s: a grant of the receive ring cannot be used",
			    rx->vif->name);
}

static int act(struct rx *rx, struct port *port, struct err *e)
{
	const uint16_t *ids = rx->ids;
	unsigned int i;
	int notify;

	if (rx->n_jobs == 0)
		return 0;
	copy_run(&rx->copy);
	for (i = 0; i < rx->n_jobs; i++) {
		answer(rx, &rx->jobs[i], ids);
		ids += rx->jobs[i].n_slots;
	}
	RING_PUSH_RESPONSES_AND_CHECK_NOTIFY(&rx->ring, notify);
	if (notify && port_notify(port) < 0)
		return err_set(e, ENOTCONN, "the guest cannot be notified");
	port_useful(port);
	return 0;
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
	return (unsigned int)rc >= slots ? RX_AGAIN : RX_WAIT_SLOTS;
}

/*
 * Plans deliveries until the tap is empty, the pass full, or a frame needs
 * more slots than there are: *over is then that frame (of size 0 if it has
 * not been read). Returns how many slots to wait for, 0 or more; or -errno.
 */
static int plan(struct rx *rx, unsigned int slots, struct parcel *over,
		struct err *e)
{
	const bool sg = rx->vif->flags & MSG_NET_SG;
	unsigned int left = RX_FRAMES;

	while (left--) {
		struct parcel p = {0};
		unsigned int needed;
		int rc;

		if (slots == 0)
			return 1;
		rc = next_frame(rx, &p, e);
		if (rc == -EINVAL)
			continue;
		if (rc <= 0)
			return rc;
		needed = slots_for(p.size);
		if (needed > 1 && !sg) {
			log_limited(&rx->vif->limit,
				    "%s: dropped a frame of %u bytes, the "
				    "guest lacks feature-sg",
				    rx->vif->name, p.size);
			continue;
		}
		if (needed > slots) {
			*over = p;
			return (int)needed;
		}
		deliver(rx, &p);
		slots -= needed;
	}
	return 0;
}

int rx_pass(struct rx *rx, struct port *port, struct err *e)
{
	struct parcel over = {0};
	int slots = slots_waiting(rx, e);
	int needed;

	if (slots < 0)
		return slots;
	copy_reset(&rx->copy);
	arena_reset(&rx->arena);
	rx->n_jobs = 0;
	rx->n_ids = 0;
	needed = plan(rx, (unsigned int)slots, &over, e);
	if (needed < 0)
		return needed;
	if (act(rx, port, e) < 0)
		return -e->code;
	/* Only now: the held buffer may have been a source of the copies. */
	if (over.size)
		hold(rx, &over);
	return needed ? wait_for_slots(rx, (unsigned int)needed, e)
		      : RX_WAIT_TAP;
}
