/* SPDX-License-Identifier: MIT */
/* The handshake and the rings of a front end in a program. */
#include "vif.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FRONT	"device/vif/0/"
#define WAIT_MS 20000 /* for anything, on a machine that is busy, */
#define HEAR_MS 7000  /* but a frame, which may be lost and asked for again */

enum { INITIALISING = 1, INIT_WAIT = 2, CONNECTED = 4, CLOSING, CLOSED };

#define IN(state) (1u << (state))

/* The back end's state, as it was when we began: ours may lie later. */
static char back_path[200];

static void find_back_end(void)
{
	char back[180];

	if (!store_read(FRONT "backend", back, sizeof(back)))
		give_up("it has no back end");
	snprintf(back_path, sizeof(back_path), "%s/state", back);
	store_watch(back_path);
}

void vif_make(struct vif *v)
{
	char text[32];
	uint8_t *m = v->mac;

	memset(v, 0, sizeof(*v));
	pages_give(0, true, 3, v->rings);
	pages_give(0, false, TX_PAGES, v->tx_pages);
	pages_give(0, true, RX_PAGES, v->rx_pages);
	v->tx = (struct netif_tx_sring *)v->rings[0].data;
	v->rx = (struct netif_rx_sring *)v->rings[1].data;
	v->ctrl = (struct xen_netif_ctrl_sring *)v->rings[2].data;
	v->tx_port = port_new();
	v->rx_port = port_new();
	v->ctrl_port = port_new();
	if (!store_read(FRONT "mac", text, sizeof(text)) ||
	    sscanf(text, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", m, m + 1, m + 2,
		   m + 3, m + 4, m + 5) != 6)
		give_up("it has no mac");
	find_back_end();
}

/* ---- the handshake ---- */

static unsigned int back_state(void)
{
	char text[16];

	return store_read(back_path, text, sizeof(text))
		       ? strtoul(text, NULL, 10) % 8
		       : 0;
}

static unsigned int becomes(unsigned int states)
{
	const uint64_t end = now_ms() + WAIT_MS;
	unsigned int state;

	while (!(IN(state = back_state()) & states)) {
		if (now_ms() >= end)
			return 0;
		machine_wait(end);
	}
	return state;
}

bool vif_is_closed(void)
{
	return IN(back_state()) & (IN(CLOSING) | IN(CLOSED));
}

bool vif_becomes_closed(void)
{
	return becomes(IN(CLOSING) | IN(CLOSED));
}

bool vif_is_let_go_of(void)
{
	return becomes(IN(CLOSING) | IN(CLOSED) | IN(INIT_WAIT));
}

void vif_describe(const struct vif *v)
{
	printf("\nstate %u; tx: put %u, answered %u; rx: put %u, published %u, "
	       "answered %u, seen %u, to ring at %u, wanted at %u\n",
	       back_state(), v->put, v->tx->rsp_prod, v->rx_put,
	       v->rx->req_prod, v->rx->rsp_prod, v->rx_seen, v->rx->rsp_event,
	       v->rx->req_event);
}

void vif_says_state(const char *text)
{
	if (text)
		store_write(FRONT "state", text);
	else
		store_remove(FRONT "state");
}

static void set_state(unsigned int state)
{
	char text[4];

	snprintf(text, sizeof(text), "%u", state % 8);
	vif_says_state(text);
}

void vif_close(void)
{
	set_state(CLOSING);
	if (!vif_becomes_closed())
		give_up("it does not close");
	set_state(CLOSED);
	if (!becomes(IN(CLOSED)))
		give_up("it does not become Closed");
}

static void post(struct vif *v, uint16_t id)
{
	netif_rx_request_t *req = &v->rx->ring[v->rx_put % SLOTS].req;

	if (v->hoards)
		return;
	req->id = id;
	req->gref = v->rx_ref ? v->rx_ref : v->rx_pages[id].ref;
	v->rx_put++;
}

static void rings_clear(struct vif *v)
{
	uint16_t id;

	memset(v->tx, 0, PAGE_BYTES);
	memset(v->rx, 0, PAGE_BYTES);
	memset(v->ctrl, 0, PAGE_BYTES);
	v->tx->req_event = v->tx->rsp_event = 1;
	v->rx->req_event = v->rx->rsp_event = 1;
	v->ctrl->req_event = v->ctrl->rsp_event = 1;
	v->put = v->rx_put = v->rx_seen = v->ctrl_put = 0;
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
		{"ctrl-ring-ref", v->rings[2].ref},
		{"event-channel-tx", v->tx_port},
		{"event-channel-rx", v->rx_port},
		{"event-channel-ctrl", v->ctrl_port},
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
	set_state(INITIALISING);
	if (!becomes(IN(INIT_WAIT)))
		give_up("it is not offered again");
	rings_clear(v);
	publish(v, key, text);
	set_state(CONNECTED);
	return becomes(IN(CONNECTED) | IN(CLOSING) | IN(CLOSED)) == CONNECTED;
}

/* ---- to dom0 ---- */

union netif_tx_sring_entry *vif_slot(struct vif *v)
{
	return &v->tx->ring[v->put++ % SLOTS];
}

void vif_push(struct vif *v)
{
	v->tx->rsp_event = v->put;
	xen_mb(); /* the slots are there before the index announces them */
	*(volatile RING_IDX *)&v->tx->req_prod = v->put;
	port_ring(v->tx_port);
}

/* Until *index is that, which must be announced: true; or it is closed. */
static bool wait_for(const RING_IDX *index, uint32_t is)
{
	const uint64_t end = now_ms() + WAIT_MS;

	while (*(const volatile RING_IDX *)index != is) {
		if (now_ms() >= end || vif_is_closed())
			return *(const volatile RING_IDX *)index == is;
		machine_wait(end);
	}
	xen_rmb(); /* the answers after the index that announced them */
	return true;
}

bool vif_wait(struct vif *v)
{
	return wait_for(&v->tx->rsp_prod, v->put);
}

const struct netif_tx_response *vif_answer(const struct vif *v, uint32_t before)
{
	return &v->tx->ring[(v->put - 1 - before) % SLOTS].rsp;
}

int vif_asks_ctrl(struct vif *v, const struct xen_netif_ctrl_request *req)
{
	const unsigned int at = v->ctrl_put++ % CTRL_SLOTS;

	v->ctrl->ring[at].req = *req;
	v->ctrl->rsp_event = v->ctrl_put;
	xen_mb(); /* the request is there before the index announces it */
	*(volatile RING_IDX *)&v->ctrl->req_prod = v->ctrl_put;
	port_ring(v->ctrl_port);
	if (!wait_for(&v->ctrl->rsp_prod, v->ctrl_put) ||
	    v->ctrl->ring[at].rsp.id != req->id)
		return -1;
	return (int)v->ctrl->ring[at].rsp.status;
}

/* ---- from dom0 ---- */

/* Whether a frame is dom0's answer to what was asked last, by ARP or TCP. */
static unsigned int recognise(struct vif *v, const uint8_t *frame, int bytes)
{
	if (bytes < 42 || memcmp(frame, v->mac, 6) != 0 || frame[12] != 0x08)
		return 0;
	if (frame[13] == 0x06 && frame[21] == 2 && frame[41] == v->address) {
		memcpy(v->dom0, frame + 6, 6);
		return HEARD_ARP;
	}
	return frame[13] == 0x00 && frame[23] == 6 &&
			       frame[41] == (uint8_t)v->segment
		       ? HEARD_TCP
		       : 0;
}

static unsigned int take_one(struct vif *v)
{
	const netif_rx_response_t rsp = v->rx->ring[v->rx_seen++ % SLOTS].rsp;
	/* Where slots change by themselves, so do these. */
	const uint16_t id = rsp.id % RX_PAGES;
	const uint16_t offset = rsp.offset % (PAGE_BYTES / 2);
	const uint8_t *frame = v->rx_pages[id].data + offset;
	const unsigned int heard =
		rsp.status < 0 ? HEARD_ERROR : recognise(v, frame, rsp.status);

	post(v, id);
	return heard;
}

/* Takes what has been received, and posts its pages again. */
static unsigned int take_all(struct vif *v)
{
	const volatile RING_IDX *prod = &v->rx->rsp_prod;
	unsigned int heard = 0;

	do {
		const RING_IDX end = *prod;

		xen_rmb(); /* the answers after the index that announced them */
		while (v->rx_seen != end)
			heard |= take_one(v);
		v->rx->rsp_event = end + 1;
		xen_mb(); /* it is asked for before we look again */
	} while (v->rx_seen != *prod);
	if (v->rx->req_prod != v->rx_put) {
		*(volatile RING_IDX *)&v->rx->req_prod = v->rx_put;
		port_ring(v->rx_port);
	}
	return heard;
}

unsigned int vif_hears(struct vif *v, unsigned int any)
{
	const uint64_t end = now_ms() + HEAR_MS;
	unsigned int heard;

	while (!((heard = take_all(v)) & any) && now_ms() < end &&
	       !vif_is_closed())
		machine_wait(end);
	return heard;
}

bool vif_takes(struct vif *v, uint32_t frames)
{
	const uint64_t end = now_ms() + WAIT_MS;

	take_all(v);
	while ((int32_t)(v->rx_seen - frames) < 0 && now_ms() < end &&
	       !vif_is_closed()) {
		machine_wait(end);
		take_all(v);
	}
	return (int32_t)(v->rx_seen - frames) >= 0;
}

void vif_post_all(struct vif *v)
{
	uint16_t id;

	take_all(v);
	v->hoards = false;
	for (id = 0; id < RX_PAGES; id++)
		post(v, id);
	take_all(v);
}
