/* SPDX-License-Identifier: MIT */
/* A queue's rings and ports, and what is sent by them. */
#include "tests/sim/guest/net_queue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "tests/sim/guest/events.h"
#include "tests/sim/guest/grants.h"
#include "tests/sim/guest/guest.h"
#include "tests/sim/guest/net.h"

#define TX_BYTES  sizeof(struct netif_tx_request)
#define RX_BYTES  sizeof(struct netif_rx_response)
#define ANSWER_MS 15000

int net_page_open(struct net *n, struct net_page *page, uint16_t flags)
{
	page->data = guest_page_new(n->guest);
	if (!page->data)
		return -ENOMEM;
	page->ref = grants_give(n->guest->grants,
				guest_page_frame(n->guest, page->data), flags);
	if (page->ref)
		return 0;
	guest_page_free(n->guest, page->data);
	page->data = NULL;
	return -ENOSPC;
}

void net_page_close(struct net *n, struct net_page *page)
{
	if (!page->data)
		return;
	if (grants_end(n->guest->grants, page->ref) == 0)
		guest_page_free(n->guest, page->data);
	else
		bus_blame(&n->bus, "a page is mapped longer than it may be");
	page->data = NULL;
	page->ref = 0;
}

/* ---- transmit ---- */

static void tx_answer(struct net_queue *q, const struct netif_tx_response *rsp)
{
	if (q->net->racing)
		return;
	if (rsp->status == NETIF_RSP_NULL && q->tx_extras > 0) {
		q->tx_extras--;
		return;
	}
	if (rsp->id >= NET_SLOTS || !q->tx_busy[rsp->id]) {
		bus_blame(&q->net->bus,
			  "a tx answer that nobody waits for, id %u", rsp->id);
		return;
	}
	q->tx_busy[rsp->id] = false;
	q->tx_status[rsp->id] = rsp->status;
}

static void on_tx(void *arg)
{
	struct net_queue *q = arg;
	struct netif_tx_response rsp;
	int rc;

	do {
		while ((rc = front_take(&q->tx, &rsp, sizeof(rsp))) > 0)
			tx_answer(q, &rsp);
		if (rc < 0 && !q->net->racing)
			bus_blame(&q->net->bus,
				  "more tx answers than requests");
	} while (rc == 0 && front_rest(&q->tx));
}

int net_queue_put(struct net_queue *q, const struct netif_tx_request *req)
{
	if (front_room(&q->tx) == 0)
		return -ENOSPC;
	q->tx_busy[req->id % NET_SLOTS] = true;
	memcpy(front_put(&q->tx), req, sizeof(*req));
	return 0;
}

int net_queue_put_extra(struct net_queue *q,
			const struct netif_extra_info *extra)
{
	uint8_t *slot;

	if (front_room(&q->tx) == 0)
		return -ENOSPC;
	slot = front_put(&q->tx);
	memset(slot, 0, TX_BYTES);
	memcpy(slot, extra, sizeof(*extra));
	q->tx_extras++;
	return 0;
}

void net_queue_push(struct net_queue *q)
{
	if (front_push(&q->tx))
		events_notify(q->net->guest->events, q->tx_port);
}

static bool tx_is_over(void *arg)
{
	const struct net_queue *q = arg;

	return front_room(&q->tx) == q->tx.entries ||
	       bus_is_refused(&q->net->bus);
}

int net_queue_wait(struct net_queue *q, struct err *e)
{
	if (guest_wait(q->net->guest, tx_is_over, q, ANSWER_MS) < 0)
		return err_set(e, ETIMEDOUT, "%s: packets are not answered",
			       q->net->bus.front);
	if (front_room(&q->tx) != q->tx.entries)
		return err_set(e, EPIPE, "%s: the back end has given it up",
			       q->net->bus.front);
	return 0;
}

int net_queue_send(struct net_queue *q, const uint8_t *frame, uint32_t size,
		   uint32_t piece, uint16_t flags, int16_t *status,
		   struct err *e)
{
	return net_queue_send_with(q, frame, size, piece, flags, NULL, status,
				   e);
}

int net_queue_send_with(struct net_queue *q, const uint8_t *frame,
			uint32_t size, uint32_t piece, uint16_t flags,
			const struct netif_extra_info *extra, int16_t *status,
			struct err *e)
{
	struct net_page pages[XEN_NETIF_NR_SLOTS_MIN] = {{0}};
	struct netif_tx_request req = {.flags = flags};
	uint32_t at, part, n = 0;
	int rc = 0;

	if (piece == 0 || piece > XC_PAGE_SIZE)
		piece = XC_PAGE_SIZE;
	for (at = 0; rc == 0 && at < size; at += part) {
		/* The last slot takes what is left, if it can. */
		part = size - at < piece || n + 1 == XEN_NETIF_NR_SLOTS_MIN
			       ? size - at
			       : piece;
		if (part > XC_PAGE_SIZE || n == XEN_NETIF_NR_SLOTS_MIN)
			rc = -EMSGSIZE;
		else
			rc = net_page_open(q->net, &pages[n], GTF_readonly);
		if (rc == 0)
			memcpy(pages[n++].data, frame + at, part);
		if (rc == 0) {
			req.gref = pages[n - 1].ref;
			req.id = (uint16_t)(n - 1);
			req.size = (uint16_t)(n == 1 ? size : part);
			req.flags = n == 1 ? flags : 0;
			if (n == 1 && extra)
				req.flags |= NETTXF_extra_info;
			if (at + part < size)
				req.flags |= NETTXF_more_data;
			rc = net_queue_put(q, &req);
		}
		if (rc == 0 && n == 1 && extra)
			rc = net_queue_put_extra(q, extra);
	}
	if (rc < 0)
		err_errno(e, -rc, "%s: cannot send", q->net->bus.front);
	net_queue_push(q);
	if (rc == 0)
		rc = net_queue_wait(q, e);
	*status = q->tx_status[0];
	while (n > 0)
		net_page_close(q->net, &pages[--n]);
	return rc;
}

/* ---- both ---- */

static void on_both(void *arg)
{
	on_tx(arg);
	net_receive(arg);
}

static int queue_open_ports(struct net *n, struct net_queue *q)
{
	struct events *ev = n->guest->events;
	int port = events_new(ev, n->want.one_port ? on_both : on_tx, q);

	if (port < 0)
		return port;
	q->tx_port = q->rx_port = (uint32_t)port;
	if (n->want.one_port)
		return 0;
	port = events_new(ev, net_receive, q);
	if (port < 0)
		return port;
	q->rx_port = (uint32_t)port;
	return 0;
}

int net_queue_open(struct net *n, struct net_queue *q, struct err *e)
{
	uint16_t id;
	int rc;

	memset(q, 0, sizeof(*q));
	q->net = n;
	rc = net_page_open(n, &q->tx_ring, 0);
	if (rc == 0)
		rc = net_page_open(n, &q->rx_ring, 0);
	for (id = 0; rc == 0 && id < NET_SLOTS; id++)
		rc = net_page_open(n, &q->rx_pages[id], 0);
	if (rc == 0)
		rc = queue_open_ports(n, q);
	if (rc < 0) {
		err_errno(e, -rc, "%s: cannot open its rings", n->bus.front);
		net_queue_close(q);
		return rc;
	}
	front_init(&q->tx, q->tx_ring.data, XC_PAGE_SIZE, TX_BYTES);
	front_init(&q->rx, q->rx_ring.data, XC_PAGE_SIZE, RX_BYTES);
	for (id = 0; id < NET_SLOTS; id++)
		net_queue_post(q, id, q->rx_pages[id].ref);
	front_push(&q->rx);
	return 0;
}

void net_queue_close(struct net_queue *q)
{
	struct net *n = q->net;
	unsigned int i;

	if (!n)
		return;
	if (q->rx_port != q->tx_port)
		events_free(n->guest->events, q->rx_port);
	if (q->tx_port)
		events_free(n->guest->events, q->tx_port);
	net_page_close(n, &q->tx_ring);
	net_page_close(n, &q->rx_ring);
	for (i = 0; i < NET_SLOTS; i++)
		net_page_close(n, &q->rx_pages[i]);
	net_receive_end(q);
	q->net = NULL;
}
