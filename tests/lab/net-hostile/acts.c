/* SPDX-License-Identifier: MIT */
/* Packets and rings that make no sense, and what is owed for each. */
#include "acts.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define RACE_S	 2
#define STRANGER 77 /* a domain that there is not */

static uint32_t refs[4]; /* by enum ref */
static unsigned int n_rows, n_bad;

void acts_open(void)
{
	struct page page;

	refs[BEYOND_TABLE] = 0x7fffffff;
	pages_give(STRANGER, true, 1, &page);
	refs[STRANGERS] = page.ref;
	/* Last, or another page would be given by it. */
	refs[REVOKED] = page_revoked();
}

unsigned int acts_told(void)
{
	return n_rows;
}

unsigned int acts_broken(void)
{
	return n_bad;
}

static void tell(const struct row *row, const char *why)
{
	n_rows++;
	n_bad += why != NULL;
	printf("\nGUEST hostile %sok - %s%s%s\n", why ? "not " : "", row->says,
	       why ? ": " : "", why ? why : "");
	fflush(stdout);
}

static void vif_again(struct vif *v, const struct row *row)
{
	vif_close(v);
	if (!vif_connect(v, NULL, NULL))
		give_up("it is not connected again after: %s", row->says);
}

/* What every row ends with, whatever it found. */
static void finish(struct vif *v, const struct row *row, const char *why)
{
	if (why || vif_is_closed())
		vif_again(v, row);
	if (vif_asks(v) != 1 && !why)
		why = "it does not go on";
	tell(row, why);
}

/* ---- packets ---- */

/* An Ethernet, IPv4 and TCP header, of a segment that is so long. */
static void write_tcp(uint8_t *frame, const struct vif *v, uint16_t size)
{
	static const uint8_t ip[] = {0x08, 0, 0x45, 0,	0, 0, 0, 1,  0, 0, 64,
				     6,	   0, 0,    10, 0, 0, 9, 10, 0, 0, 1};
	uint32_t sum = 0;
	unsigned int i;

	memset(frame, 0xff, 6);
	memcpy(frame + 6, v->mac, 6);
	memcpy(frame + 12, ip, sizeof(ip));
	frame[16] = (uint8_t)((size - 14) >> 8);
	frame[17] = (uint8_t)(size - 14);
	for (i = 14; i < 34; i += 2)
		sum += (uint32_t)frame[i] << 8 | frame[i + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	frame[24] = (uint8_t)(~sum >> 8);
	frame[25] = (uint8_t)~sum;
	memset(frame + 34, 0, 20);
	frame[35] = frame[37] = 9; /* ports: nobody is there */
	frame[46] = 5 << 4;
}

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

static unsigned int put_packet(struct vif *v, const struct packet *p)
{
	const unsigned int n = p->slots ? p->slots : 1;
	const uint32_t from = v->put;
	unsigned int i;

	if (p->tcp)
		write_tcp(v->tx_pages[0].data, v, p->size);
	else
		memset(v->tx_pages[0].data, 0, PAGE_BYTES);
	for (i = 0; i < n; i++) {
		netif_tx_request_t *req = &vif_slot(v)->req;
		const struct page *page = &v->tx_pages[i % TX_PAGES];

		*req = (netif_tx_request_t){
			.gref = i + 1 == n && p->ref ? refs[p->ref] : page->ref,
			.offset = p->offset,
			.id = (uint16_t)i,
			.size = i == 0 ? p->size : p->piece,
		};
		/* A header in pieces: each byte from where it is. */
		if (p->piece == 1 && p->tcp && i > 0) {
			req->gref = v->tx_pages[0].ref;
			req->offset = (uint16_t)(p->size - n + i);
		}
		if (i == 0)
			req->flags = p->flags;
		if (i + 1 < n || (p->truncated && !p->extras))
			req->flags |= NETTXF_more_data;
		if (i == 0 && p->extras)
			req->flags |= NETTXF_extra_info;
		if (i == 0)
			put_extras(v, p);
	}
	return v->put - from;
}

/* Whether every slot has the answer, and extras none. */
static bool is_answered(const struct vif *v, const struct packet *p,
			unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		const bool extra = i > 0 && i <= p->extras;
		const int16_t status = vif_answer(v, n - 1 - i)->status;

		if (status != (extra ? NETIF_RSP_NULL : p->answer))
			return false;
	}
	return true;
}

void act_packet(struct vif *v, const struct row *row)
{
	const unsigned int n = put_packet(v, &row->packet);
	const char *why = NULL;

	vif_push(v);
	if (!vif_wait(v))
		why = vif_is_closed() ? "it is closed" : "it is not answered";
	else if (!is_answered(v, &row->packet, n))
		why = "it has another answer";
	finish(v, row, why);
}

/* The same, so often: nothing may pile up. */
void act_packets(struct vif *v, const struct row *row)
{
	const struct packet bad = {.size = 13, .answer = REFUSED};
	const char *why = NULL;
	uint32_t left;
	unsigned int i;

	for (left = row->number; !why && left > 0; left -= 200) {
		for (i = 0; i < 200; i++)
			put_packet(v, &bad);
		vif_push(v);
		if (!vif_wait(v))
			why = "they are not answered";
	}
	finish(v, row, why);
}

void act_closing_packet(struct vif *v, const struct row *row)
{
	put_packet(v, &row->packet);
	vif_push(v);
	finish(v, row, vif_becomes_closed() ? NULL : "it is not closed");
}

/* ---- rings ---- */

void act_tx_producer(struct vif *v, const struct row *row)
{
	*(volatile RING_IDX *)&v->tx->req_prod = v->put + row->number;
	port_ring(v->tx_port);
	finish(v, row, vif_becomes_closed() ? NULL : "it is not closed");
}

/* Nobody looks at it before there is a frame, which is dom0's answer. */
void act_rx_producer(struct vif *v, const struct row *row)
{
	v->rx_put += row->number;
	vif_asks(v);
	finish(v, row, vif_becomes_closed() ? NULL : "it is not closed");
}

/* Slots that cannot be written: what comes there is an error. */
void act_rx_grants(struct vif *v, const struct row *row)
{
	const char *why = NULL;

	vif_close(v);
	v->rx_ref =
		row->number == GOOD ? v->tx_pages[1].ref : refs[row->number];
	if (!vif_connect(v, NULL, NULL))
		why = "it was refused";
	else if (vif_asks(v) != -1)
		why = "there was no error";
	v->rx_ref = 0;
	vif_again(v, row);
	finish(v, row, why);
}

void act_storm(struct vif *v, const struct row *row)
{
	uint32_t i;

	for (i = 0; i < row->number; i++)
		port_ring(i % 2 ? v->tx_port : v->rx_port);
	finish(v, row, NULL);
}

/* ---- a second vCPU ---- */

static volatile bool race_is_over;

/*
 * Not the indices, which would be the end of it at once; nor to which page a
 * frame is written, for all pages here are the kernel's.
 */
static bool may_flip(const struct row *row, unsigned int at)
{
	return at >= 64 && (row->number == 0 || at % 8 < 4);
}

struct flipper {
	volatile uint8_t *ring;
	const struct row *row;
};

static void *flip(void *arg)
{
	const struct flipper *f = arg;
	uint32_t x = 2463534242;

	while (!race_is_over) {
		x ^= x << 13;
		x ^= x >> 17;
		x ^= x << 5;
		if (may_flip(f->row, x % PAGE_BYTES))
			f->ring[x % PAGE_BYTES] ^= (uint8_t)(x >> 24);
	}
	return NULL;
}

static void fill_ring(struct vif *v)
{
	const struct packet sound = {.size = 90, .slots = 3, .piece = 30};
	unsigned int i;

	for (i = 0; i < 60; i++)
		put_packet(v, &sound);
	vif_push(v);
	vif_wait(v);
}

/* Answered once each, or closed; then all is well again (XSA-155). */
void act_race(struct vif *v, const struct row *row)
{
	const time_t end = time(NULL) + RACE_S;
	struct flipper flipper = {v->rings[row->number].data, row};
	pthread_t thread;

	race_is_over = false;
	if (pthread_create(&thread, NULL, flip, &flipper) != 0)
		give_up("no thread");
	while (time(NULL) < end) {
		if (row->number == 0)
			fill_ring(v);
		else
			vif_asks(v);
		if (vif_is_closed())
			vif_again(v, row);
	}
	race_is_over = true;
	pthread_join(thread, NULL);
	/* What slots say by now is nobody's fault. */
	vif_again(v, row);
	finish(v, row, NULL);
}

/* ---- keys ---- */

void act_key(struct vif *v, const struct row *row)
{
	const char *why = NULL;

	vif_close(v);
	if (vif_connect(v, row->key, row->text))
		why = "it was served";
	vif_again(v, row);
	finish(v, row, why);
}
