/* SPDX-License-Identifier: MIT */
/*
 * A guest that fills xn-net's transmit ring with whatever it likes and
 * changes it while it is served. Promise: every slot taken gets one answer,
 * in order, packet by packet; the tap gets the very frames that a reference
 * makes of the slots; what is refused leaves the ring in step; and only a
 * ring that is corrupt ends it.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include <event2/event.h>

#include "backends/net/keeper.h"
#include "backends/net/port.h"
#include "backends/net/terms.h"
#include "backends/net/tx.h"
#include "backends/net/vif.h"
#include "base/err.h"
#include "chan/msg.h"
#include "chan/net_figures.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/net_model.h"
#include "tests/fuzz/net_steps.h"
#include "xen/evtchn.h"

#define RING_REF   77
#define TAP_HEADER 10
/* A tap that has so much to carry in one pass may drop the rest. */
#define TAP_MAY_DROP (100 * 1024)

enum step {
	PUBLISH,
	SET_PRODUCER,
	SET_RSP_EVENT,
	SCRIBBLE,
	PASS,
	STEPS,
};

/* The guest, and what it and the model know. */
static struct guest {
	struct net_hand hand;
	bool scribbles; /* over the ring, while it is served */
	unsigned int mapped, heard;

	struct model_slot slots[256]; /* as they were when they were taken */
	uint32_t taken, answered;
	bool corrupt;
	uint8_t addresses[64][6]; /* multicast that it wants */
	unsigned int n_addresses;
} guest;

/* What stays from one input to the next. */
static struct bed {
	struct event_base *base;
	struct evtchn *ec;
	struct port *port;
	int tap, wire; /* two ends of one socket */
	int journal;
	struct terms terms;
	struct keeper keeper;
} bed;

/* ---- libxengnttab and libxenevtchn, as far as they are used ---- */

void *xengnttab_map_grant_ref(xengnttab_handle *xgt, uint32_t domid,
			      uint32_t ref, int prot)
{
	(void)xgt;
	(void)prot;
	promise(domid == 3 && ref == RING_REF,
		"the ring is mapped, and nothing else");
	guest.mapped++;
	return guest.hand.ring;
}

int xengnttab_unmap(xengnttab_handle *xgt, void *start, uint32_t count)
{
	(void)xgt;
	promise(start == guest.hand.ring && count == 1, "the ring is unmapped");
	guest.mapped--;
	return 0;
}

int xengnttab_grant_copy(xengnttab_handle *xgt, uint32_t count,
			 xengnttab_grant_copy_segment_t *segments)
{
	uint32_t i;

	(void)xgt;
	for (i = 0; i < count; i++) {
		xengnttab_grant_copy_segment_t *s = &segments[i];
		const uint32_t ref = s->source.foreign.ref;
		const uint16_t at = s->source.foreign.offset;

		promise(s->flags == GNTCOPY_source_gref && s->len > 0 &&
				at + s->len <= 4096,
			"a copy within a page");
		s->status = ref < MODEL_PAGES ? GNTST_okay : GNTST_bad_gntref;
		if (ref < MODEL_PAGES)
			memcpy(s->dest.virt, guest.hand.pages[ref] + at,
			       s->len);
	}
	if (guest.scribbles)
		memset(guest.hand.ring->ring, 0xf7,
		       256 * sizeof(guest.hand.ring->ring[0]));
	return 0;
}

xenevtchn_handle *xenevtchn_open(xentoollog_logger *logger, unsigned int flags)
{
	return logger || flags ? NULL : (xenevtchn_handle *)&bed;
}

int xenevtchn_fd(xenevtchn_handle *xce)
{
	(void)xce;
	return bed.wire;
}

xenevtchn_port_or_error_t xenevtchn_bind_interdomain(xenevtchn_handle *xce,
						     uint32_t domid,
						     evtchn_port_t port)
{
	(void)xce;
	return domid == 3 ? (xenevtchn_port_or_error_t)port : -1;
}

int xenevtchn_notify(xenevtchn_handle *xce, evtchn_port_t port)
{
	(void)xce;
	(void)port;
	guest.heard++;
	return 0;
}

/* ---- what must come of it ---- */

static void check_frame(const struct model_packet *p)
{
	static uint8_t got[TAP_HEADER + MODEL_FRAME_BYTES];
	ssize_t n = recv(bed.wire, got, sizeof(got), MSG_DONTWAIT);

	promise(n == (ssize_t)(TAP_HEADER + p->size),
		"a frame of %zu bytes for the tap, not of %zd", p->size,
		n - TAP_HEADER);
	promise(memcmp(got + TAP_HEADER, p->frame, p->size) == 0,
		"the guest's own bytes");
	promise(got[0] == p->header.flags, "checksum: flags %u, not %u",
		p->header.flags, got[0]);
	promise(got[1] == p->header.gso_type &&
			got[2] + 256 * got[3] == p->header.hdr_len &&
			got[4] + 256 * got[5] == p->header.gso_size,
		"GSO: type %u, not %u", p->header.gso_type, got[1]);
	if (p->header.flags == 1)
		promise(got[6] + 256 * got[7] == p->header.csum_start &&
				got[8] + 256 * got[9] == p->header.csum_offset,
			"the place of the checksum");
}

/* What a word about multicast is answered. */
static int16_t obey(const struct model_packet *p)
{
	unsigned int i = 0;

	while (i < guest.n_addresses &&
	       memcmp(guest.addresses[i], p->address, 6) != 0)
		i++;
	if (p->word == XEN_NETIF_EXTRA_TYPE_MCAST_DEL) {
		if (i < guest.n_addresses)
			memmove(guest.addresses[i],
				guest.addresses[--guest.n_addresses], 6);
	} else if (!(p->address[0] & 1) || i == 64) {
		return NETIF_RSP_ERROR;
	} else if (i == guest.n_addresses) {
		memcpy(guest.addresses[guest.n_addresses++], p->address, 6);
	}
	return NETIF_RSP_OKAY;
}

static int16_t due_status(const struct model_packet *p)
{
	if (p->word)
		return obey(p);
	return p->sent ? NETIF_RSP_OKAY : NETIF_RSP_ERROR;
}

static void check_wishes(void)
{
	struct keeper_copy kept = {0};

	keeper_look(&bed.keeper, &kept);
	promise(kept.wishes.n_addresses == guest.n_addresses &&
			memcmp(kept.wishes.addresses, guest.addresses,
			       6 * (size_t)guest.n_addresses) == 0,
		"the multicast that was asked for");
}

static void check_answers(const struct model_packet *p, uint32_t first,
			  size_t *carried)
{
	int16_t status = 0;
	unsigned int i;

	for (i = 0; i < p->n_slots; i++) {
		const struct netif_tx_response *rsp =
			&guest.hand.ring->ring[(first + i) % 256].rsp;

		if (i > 0 && i <= p->n_extras) {
			promise(rsp->status == NETIF_RSP_NULL,
				"an extra is answered by nothing");
			continue;
		}
		promise(rsp->id == model_id(&guest.slots[(first + i) % 256]),
			"the answer to slot %u of %u", i, p->n_slots);
		promise(i == 0 || rsp->status == status,
			"one status for a packet");
		status = rsp->status;
	}
	if (status == NETIF_RSP_DROPPED && *carried >= TAP_MAY_DROP && p->sent)
		return;
	promise(status == due_status(p), "status %d", status);
	if (p->sent)
		check_frame(p);
	*carried += p->size;
}

/* Takes what the product takes, when it may. */
static void model_take(void)
{
	const uint32_t prod = guest.hand.ring->req_prod;

	guest.corrupt = prod - guest.answered > 256 ||
			prod - guest.answered < guest.taken - guest.answered;
	for (; !guest.corrupt && guest.taken != prod; guest.taken++)
		memcpy(&guest.slots[guest.taken % 256],
		       &guest.hand.ring->ring[guest.taken % 256],
		       sizeof(guest.slots[0]));
}

/* Is there, anywhere in what waits, a packet without an end? */
static bool model_is_endless(struct model_packet *p, uint32_t at)
{
	for (; at != guest.taken; at += p->n_slots) {
		model_packet(p, guest.slots, at, guest.taken - at,
			     guest.hand.pages);
		if (p->endless)
			return true;
	}
	return false;
}

/* Returns false when the ring is at its end. */
static bool pass(struct tx *tx)
{
	static struct model_packet p;
	const uint32_t before = guest.answered;
	const uint32_t event = guest.hand.ring->rsp_event;
	size_t carried = 0;
	uint32_t after;
	struct err e;
	int rc;

	model_take();
	guest.heard = 0;
	rc = tx_pass(tx, bed.port, &e);
	after = guest.hand.ring->rsp_prod;
	if (rc < 0) {
		promise(after == before, "a corrupt ring gets no answer");
		promise(guest.corrupt || model_is_endless(&p, before),
			"a sound ring goes on: %s", e.text);
		/* What it said before the packet without an end may count. */
		guest.corrupt = true;
		return false;
	}
	promise(!guest.corrupt, "a corrupt ring is refused");
	promise(after - before <= guest.taken - before,
		"no more answers than slots");
	while (guest.answered != after) {
		model_packet(&p, guest.slots, guest.answered,
			     guest.taken - guest.answered, guest.hand.pages);
		promise(!p.endless && p.n_slots <= after - guest.answered,
			"whole packets are answered");
		check_answers(&p, guest.answered, &carried);
		guest.answered += p.n_slots;
	}
	promise(recv(bed.wire, &p, 1, MSG_DONTWAIT) < 0, "no frame too many");
	promise(rc == TX_MORE || after == guest.taken,
		"idle only when all is answered");
	promise(after != before || before == guest.taken, "it gets on");
	promise(guest.heard == (event - before - 1 < after - before),
		"the guest is rung as it asked: %u", guest.heard);
	return true;
}

static bool step(struct tx *tx, struct input *in)
{
	const unsigned int choice = input_u8(in) % (NET_STEPS + STEPS);

	if (choice < NET_STEPS) {
		net_step(&guest.hand, (enum net_step)choice, in);
		return true;
	}
	switch ((enum step)(choice - NET_STEPS)) {
	case PUBLISH:
		guest.hand.ring->req_prod = guest.hand.written;
		break;
	case SET_PRODUCER:
		guest.hand.ring->req_prod = input_u32(in);
		break;
	case SET_RSP_EVENT:
		guest.hand.ring->rsp_event = guest.answered + input_u8(in);
		break;
	case SCRIBBLE:
		guest.scribbles = input_u8(in) & 1;
		break;
	case PASS:
	case STEPS:
		return pass(tx);
	}
	return true;
}

static void bed_open(void)
{
	const int room = 4 * 1024 * 1024;
	int pair[2];
	struct err e;

	promise(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, pair) ==
			0,
		"a socket for a tap");
	bed.tap = pair[0];
	bed.wire = pair[1];
	bed.journal = memfd_create("journal", MFD_CLOEXEC);
	pthread_mutex_init(&bed.terms.lock, NULL);
	pthread_mutex_init(&bed.keeper.lock, NULL);
	setsockopt(bed.tap, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	bed.base = event_base_new();
	bed.ec = evtchn_open(bed.base, &e);
	bed.port = port_open(bed.base, bed.ec, 3, 9, NULL, NULL, &e);
	promise(bed.port, "a port");
}

void fuzz_one(struct input *in)
{
	struct net_figures figures = {0};
	struct vif vif = {.name = "d3/vif0",
			  .domid = 3,
			  .figures = &figures,
			  .terms = &bed.terms,
			  .keeper = &bed.keeper};
	uint8_t drained[1];
	struct err e;
	struct tx *tx;

	if (!bed.base)
		bed_open();
	memset(&guest, 0, sizeof(guest));
	promise(ftruncate(bed.journal, 0) == 0 &&
			ftruncate(bed.journal, MSG_NET_JOURNAL_BYTES) == 0 &&
			keeper_open(&bed.keeper, bed.journal, 1, &e) == 0,
		"a new journal");
	guest.hand.ring = aligned_alloc(4096, 4096);
	guest.hand.pages = calloc(MODEL_PAGES, sizeof(*guest.hand.pages));
	memset(guest.hand.ring, 0, 4096);
	guest.hand.written = guest.taken = guest.answered = input_u32(in);
	guest.hand.ring->req_prod = guest.hand.ring->rsp_prod =
		guest.hand.written;
	guest.hand.ring->rsp_event = guest.hand.written + 1;
	vif.tap = bed.tap;
	tx = tx_open(&vif, RING_REF, &e);
	promise(tx, "%s", e.text);
	while (in->left && step(tx, in))
		continue;
	/* Whatever is left in step is served to the end. */
	while (!in->left && guest.hand.ring->req_prod != guest.answered &&
	       pass(tx))
		continue;
	if (!guest.corrupt)
		check_wishes();
	keeper_close(&bed.keeper);
	tx_close(tx);
	promise(guest.mapped == 0, "nothing stays mapped");
	while (recv(bed.wire, drained, 1, MSG_DONTWAIT) >= 0)
		continue;
	free(guest.hand.ring);
	free(guest.hand.pages);
}
