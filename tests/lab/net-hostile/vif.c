/* SPDX-License-Identifier: MIT */
/* The handshake and the rings of a front end in a program. */
#include "vif.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FRONT	"device/vif/0/"
#define WAIT_MS 5000

enum {
	CLOSED = 6,
	CLOSING = 5,
	CONNECTED = 4,
	INIT_WAIT = 2,
	INITIALISING = 1
};

void vif_make(struct vif *v)
{
	char text[32];
	uint8_t *m = v->mac;

	memset(v, 0, sizeof(*v));
	pages_give(0, true, 2, v->rings);
	pages_give(0, false, TX_PAGES, v->tx_pages);
	pages_give(0, true, RX_PAGES, v->rx_pages);
	v->tx = (struct netif_tx_sring *)v->rings[0].data;
	v->rx = (struct netif_rx_sring *)v->rings[1].data;
	v->tx_port = port_new();
	v->rx_port = port_new();
	if (!store_read(FRONT "mac", text, sizeof(text)) ||
	    sscanf(text, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", m, m + 1, m + 2,
		   m + 3, m + 4, m + 5) != 6)
		give_up("it has no mac");
}

/* ---- the handshake ---- */

static int back_state(void)
{
	char back[200], path[220], text[16];

	if (!store_read(FRONT "backend", back, sizeof(back)))
		give_up("it has no back end");
	snprintf(path, sizeof(path), "%s/state", back);
	return store_read(path, text, sizeof(text)) ? atoi(text) : 0;
}

static bool becomes(int state, int or_state)
{
	unsigned int ms;

	for (ms = 0; ms < WAIT_MS; ms += 5) {
		const int is = back_state();

		if (is == state || is == or_state)
			return true;
		usleep(5000);
	}
	return false;
}

bool vif_is_closed(void)
{
	const int state = back_state();

	return state == CLOSING || state == CLOSED;
}

bool vif_becomes_closed(void)
{
	return becomes(CLOSING, CLOSED);
}

static void set_state(int state)
{
	char text[4];

	snprintf(text, sizeof(text), "%d", state);
	store_write(FRONT "state", text);
}

bool vif_close(struct vif *v)
{
	(void)v;
	set_state(CLOSING);
	if (!vif_becomes_closed())
		return false;
	set_state(CLOSED);
	return becomes(CLOSED, CLOSED);
}

static void post(struct vif *v, uint16_t id)
{
	netif_rx_request_t *req = &v->rx->ring[v->rx_put++ % SLOTS].req;

	req->id = id;
	req->gref = v->rx_ref ? v->rx_ref : v->rx_pages[id].ref;
}

static void rings_clear(struct vif *v)
{
	uint16_t id;

	memset(v->tx, 0, PAGE_BYTES);
	memset(v->rx, 0, PAGE_BYTES);
	v->tx->req_event = v->tx->rsp_event = 1;
	v->rx->req_event = v->rx->rsp_event = 1;
	v->put = v->seen = v->rx_put = v->rx_seen = 0;
	for (id = 0; id < RX_PAGES; id++)
		post(v, id);
	v->rx->req_prod = v->rx_put;
}

static void publish(const struct vif *v, const char *key, const char *text)
{
	const struct {
		const char *key;
		uint32_t value;
	} keys[] = {
		{"tx-ring-ref", v->rings[0].ref},
		{"rx-ring-ref", v->rings[1].ref},
		{"event-channel-tx", v->tx_port},
		{"event-channel-rx", v->rx_port},
		{"multi-queue-num-queues", 1},
		{"request-rx-copy", 1},
		{"feature-rx-notify", 1},
		{"feature-sg", 1},
	};
	char path[64], value[16];
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		snprintf(path, sizeof(path), FRONT "%s", keys[i].key);
		snprintf(value, sizeof(value), "%u", keys[i].value);
		if (!key || strcmp(key, keys[i].key) != 0)
			store_write(path, value);
		else if (text)
			store_write(path, text);
		else
			store_remove(path);
	}
}

bool vif_connect(struct vif *v, const char *key, const char *text)
{
	unsigned int ms;

	if (!becomes(CLOSED, INIT_WAIT))
		return false;
	set_state(INITIALISING);
	if (!becomes(INIT_WAIT, INIT_WAIT))
		return false;
	rings_clear(v);
	publish(v, key, text);
	set_state(CONNECTED);
	for (ms = 0; ms < WAIT_MS; ms += 5) {
		const int is = back_state();

		if (is == CONNECTED || is == CLOSING || is == CLOSED)
			return is == CONNECTED;
		usleep(5000);
	}
	return false;
}

/* ---- to dom0 ---- */

union netif_tx_sring_entry *vif_slot(struct vif *v)
{
	return &v->tx->ring[v->put++ % SLOTS];
}

void vif_push(struct vif *v)
{
	xen_wmb(); /* the slots are there before the index announces them */
	*(volatile RING_IDX *)&v->tx->req_prod = v->put;
	port_ring(v->tx_port);
}

bool vif_wait(struct vif *v)
{
	unsigned int ms;

	for (ms = 0; ms < WAIT_MS; ms++) {
		v->seen = *(volatile RING_IDX *)&v->tx->rsp_prod;
		xen_rmb(); /* the answers after the index that announced them */
		if (v->seen == v->put)
			return true;
		if (ms % 50 == 49 && vif_is_closed())
			return false;
		usleep(1000);
	}
	return false;
}

const struct netif_tx_response *vif_answer(const struct vif *v, uint32_t before)
{
	return &v->tx->ring[(v->put - 1 - before) % SLOTS].rsp;
}

/* ---- from dom0, and both ---- */

/* Takes what has been received: 1 the answer, -1 an error, 0 nothing. */
static int vif_hears(struct vif *v)
{
	const RING_IDX prod = *(volatile RING_IDX *)&v->rx->rsp_prod;
	int heard = 0;

	xen_rmb(); /* the answers after the index that announced them */
	while (v->rx_seen != prod) {
		const netif_rx_response_t rsp =
			v->rx->ring[v->rx_seen++ % SLOTS].rsp;
		const uint16_t id = rsp.id % RX_PAGES;
		const uint8_t *got = v->rx_pages[id].data + rsp.offset;

		if (rsp.status < 0)
			heard = -1;
		/* An answer, by ARP, to us. */
		if (rsp.status >= ARP_BYTES && memcmp(got, v->mac, 6) == 0 &&
		    got[12] == 0x08 && got[13] == 0x06 && got[21] == 2)
			heard = 1;
		post(v, id);
	}
	xen_wmb(); /* the slots are there before the index announces them */
	*(volatile RING_IDX *)&v->rx->req_prod = v->rx_put;
	port_ring(v->rx_port);
	return heard;
}

static void ask_by_arp(struct vif *v)
{
	/* who has 10.0.0.1? tell 10.0.0.9 */
	static const uint8_t question[] = {0x08, 0x06, 0, 1, 8, 0, 6, 4, 0, 1};
	static const uint8_t ours[] = {10, 0, 0, 9}, theirs[] = {10, 0, 0, 1};
	netif_tx_request_t *req = &vif_slot(v)->req;
	uint8_t *frame = v->tx_pages[0].data;

	memset(frame, 0, 60);
	memset(frame, 0xff, 6);
	memcpy(frame + 6, v->mac, 6);
	memcpy(frame + 12, question, sizeof(question));
	memcpy(frame + 22, v->mac, 6);
	memcpy(frame + 28, ours, 4);
	memcpy(frame + 38, theirs, 4);
	*req = (netif_tx_request_t){.gref = v->tx_pages[0].ref, .size = 60};
	vif_push(v);
}

int vif_asks(struct vif *v)
{
	unsigned int ms;
	int heard = 0;

	vif_hears(v);
	ask_by_arp(v);
	if (!vif_wait(v) || vif_answer(v, 0)->status != NETIF_RSP_OKAY)
		return 0;
	for (ms = 0; heard == 0 && ms < WAIT_MS; ms++) {
		if (ms % 50 == 49 && vif_is_closed())
			return 0;
		usleep(1000);
		heard = vif_hears(v);
	}
	return heard;
}
