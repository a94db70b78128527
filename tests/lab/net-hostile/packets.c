/* SPDX-License-Identifier: MIT */
/* Packets that make no sense, and some that look so and do. */
#include "acts.h"

#include <string.h>

#define RING_OF_THEM 200

static void put_extras(struct vif *v, const struct packet *p)
{
	unsigned int i;

	for (i = 0; i < p->extras; i++) {
		union netif_tx_sring_entry *slot = vif_slot(v);
		netif_extra_info_t extra = {.type = p->extra_type};

		extra.u.gso.size = p->gso_size;
		extra.u.gso.type = p->gso_type;
		if (i + 1 < p->extras || p->truncated)
			extra.flags = XEN_NETIF_EXTRA_FLAG_MORE;
		memset(slot, 0, sizeof(*slot));
		memcpy(slot, &extra, sizeof(extra));
	}
}

static void write_frame(struct vif *v, const struct packet *p)
{
	uint8_t *frame = v->tx_pages[0].data;

	if (p->tcp)
		frame_write_tcp(frame, v, p->size);
	else
		frame_write_arp(frame, v);
	if (p->at)
		frame[p->at] = p->byte;
}

static unsigned int slots_of(const struct packet *p)
{
	return p->slots ? p->slots : 1;
}

/* What slot i really has, which the first one does not say. */
static int bytes_in(const struct packet *p, unsigned int i)
{
	const unsigned int n = slots_of(p);
	const int others = (int)n - 1 - (p->hollow > 0);

	if (i == 0)
		return p->first ? p->first : p->size - others * p->piece;
	if (i == p->hollow)
		return 0;
	if (p->first && i + 1 == n)
		return p->size - p->first - (others - 1) * p->piece;
	return p->piece;
}

/*
 * A piece of no bytes is where no page is, so that whoever looks at its place
 * refuses it; but what is refused is wrong in one way only.
 */
static uint16_t offset_of(const struct packet *p, unsigned int i, bool whole,
			  unsigned int at)
{
	if (bytes_in(p, i) == 0 && !p->refused)
		return UINT16_MAX;
	return (uint16_t)(whole ? at : p->offset);
}

/*
 * A frame that fits lies in the first page, and its pieces are there where
 * they belong; others have a page each, as large packets do.
 */
static void put_slot(struct vif *v, const struct packet *p, unsigned int i,
		     unsigned int at)
{
	const unsigned int n = slots_of(p);
	const bool whole = p->size <= PAGE_BYTES && p->offset == 0 &&
			   at + (unsigned int)p->piece <= PAGE_BYTES;
	const struct page *page = &v->tx_pages[whole ? 0 : i % TX_PAGES];
	netif_tx_request_t *req = &vif_slot(v)->req;

	*req = (netif_tx_request_t){
		.gref = i + 1 == n && p->ref ? acts_ref(p->ref) : page->ref,
		.offset = offset_of(p, i, whole, at),
		.id = (uint16_t)i,
		.size = i == 0 ? p->size : (uint16_t)bytes_in(p, i),
	};
	if (i == 0)
		req->flags = p->flags;
	if (i + 1 < n || (p->truncated && !p->extras))
		req->flags |= NETTXF_more_data;
	if (i == 0 && p->extras)
		req->flags |= NETTXF_extra_info;
}

unsigned int put_packet(struct vif *v, const struct packet *p)
{
	const uint32_t from = v->put;
	unsigned int i, at = 0;

	write_frame(v, p);
	for (i = 0; i < slots_of(p); i++) {
		const int bytes = bytes_in(p, i);

		put_slot(v, p, i, at);
		if (bytes > 0)
			at += (unsigned int)bytes;
		if (i == 0)
			put_extras(v, p);
	}
	return v->put - from;
}

/* Whether every slot has the answer, and extras none. */
static bool is_answered(const struct vif *v, const struct packet *p,
			unsigned int n)
{
	const int16_t owed = p->refused ? NETIF_RSP_ERROR : NETIF_RSP_OKAY;
	unsigned int i;

	for (i = 0; i < n; i++) {
		const bool extra = i > 0 && i <= p->extras;
		const struct netif_tx_response *rsp = vif_answer(v, n - 1 - i);

		if (rsp->status != (extra ? NETIF_RSP_NULL : owed))
			return false;
		if (!extra && rsp->id != (i == 0 ? 0 : i - p->extras))
			return false;
	}
	return true;
}

static void count(const struct packet *p)
{
	if (!p->refused || p->uncounted)
		return;
	if (p->ref == GOOD)
		acts_count_refused(1);
	else
		acts_count_failed(1);
}

void act_packet(struct vif *v, const struct row *row)
{
	const struct packet *p = &row->packet;
	const unsigned int reply = p->tcp ? HEARD_TCP : HEARD_ARP;
	const unsigned int n = put_packet(v, p);
	const char *why = NULL;

	vif_push(v);
	if (!vif_wait(v))
		why = vif_is_closed() ? "it is closed" : "it is not answered";
	else if (!is_answered(v, p, n))
		why = "it has another answer";
	else if (!p->refused && !(vif_hears(v, reply) & reply))
		why = "dom0 does not answer";
	count(p);
	act_finish(v, row, why);
}

void act_packets(struct vif *v, const struct row *row)
{
	const struct packet bad = {.size = 13, .refused = true};
	const char *why = NULL;
	int64_t left;
	unsigned int i;

	for (left = row->number; !why && left > 0; left -= RING_OF_THEM) {
		for (i = 0; i < RING_OF_THEM; i++) {
			put_packet(v, &bad);
			count(&bad);
		}
		vif_push(v);
		if (!vif_wait(v))
			why = "they are not answered";
	}
	act_finish(v, row, why);
}

void act_closing_packet(struct vif *v, const struct row *row)
{
	put_packet(v, &row->packet);
	vif_push(v);
	act_finish_closed(v, row);
}
