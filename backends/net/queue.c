/* SPDX-License-Identifier: MIT */
/* A pair of rings on one event loop: it decides what runs when. */
#include "queue.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <event2/event.h>

#include "base/err.h"
#include "port.h"
#include "rx.h"
#include "tx.h"
#include "vif.h"

struct queue {
	struct vif *vif; /* borrowed */
	queue_failed_cb *on_failed;
	void *arg;
	struct tx *tx;		/* owned */
	struct rx *rx;		/* owned */
	struct port *tx_port;	/* owned */
	struct port *rx_port;	/* owned, or NULL when tx_port rings for both */
	struct event *readable; /* owned; added while rx waits for the tap */
	struct event *poll;	/* owned; see rx_look_ms */
	struct event *again;	/* owned; the rest of the work, next round */
	enum tx_next tx_next;
	enum rx_next rx_next;
	bool failed;
};

static void fail(struct queue *q, const struct err *e)
{
	q->failed = true;
	event_del(q->readable);
	event_del(q->poll);
	event_del(q->again);
	q->on_failed(e, q->arg);
}

static int serve_tx(struct queue *q, struct err *e)
{
	int rc = tx_pass(q->tx, q->tx_port, e);

	if (rc >= 0)
		q->tx_next = (enum tx_next)rc;
	return rc;
}

static void wait_rx(struct queue *q)
{
	unsigned int ms;

	if (q->rx_next == RX_WAIT_TAP) {
		event_add(q->readable, NULL);
		return;
	}
	/* The kernel keeps what comes, and drops what is too much. */
	event_del(q->readable);
	if (q->rx_next == RX_WAIT_SLOTS) {
		ms = rx_look_ms(q->rx);
		event_add(q->poll,
			  &(struct timeval){ms / 1000, ms % 1000 * 1000});
	}
}

static int serve_rx(struct queue *q, struct err *e)
{
	int rc = rx_pass(q->rx, q->rx_port ? q->rx_port : q->tx_port, e);

	if (rc >= 0) {
		q->rx_next = (enum rx_next)rc;
		wait_rx(q);
	}
	return rc;
}

/*
 * After any pass. What is left goes through the loop first, so that neither
 * direction starves the other, nor the channel. A port is unmasked when its
 * ring has nothing left: until then the guest cannot wake us, and that is
 * the throttle.
 */
static void settle(struct queue *q)
{
	const struct timeval now = {0, 0};
	const bool tx_done = q->tx_next == TX_IDLE;
	const bool rx_done = q->rx_next != RX_AGAIN;
	struct err e;
	int rc = 0;

	if (!tx_done || !rx_done)
		event_add(q->again, &now);
	if (q->rx_port) {
		if (tx_done)
			rc = port_rearm(q->tx_port);
		if (rx_done && rc == 0)
			rc = port_rearm(q->rx_port);
	} else if (tx_done && rx_done) {
		rc = port_rearm(q->tx_port);
	}
	if (rc < 0) {
		err_set(&e, -rc, "its port is out of order");
		fail(q, &e);
	}
}

/* One pass each way where there may be work; the tap tells of its own. */
static void serve(struct queue *q, bool tx, bool rx)
{
	struct err e;

	if (q->failed)
		return;
	/* A masked port cannot tell of slots, so every occasion is taken. */
	rx = rx || q->rx_next != RX_WAIT_TAP;
	if ((tx && serve_tx(q, &e) < 0) || (rx && serve_rx(q, &e) < 0)) {
		fail(q, &e);
		return;
	}
	settle(q);
}

static void on_tx_ring(void *arg)
{
	serve(arg, true, false);
}

static void on_rx_ring(void *arg)
{
	serve(arg, false, false);
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	serve(arg, false, true);
}

static void on_poll(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	serve(arg, false, false);
}

static void on_again(evutil_socket_t fd, short what, void *arg)
{
	struct queue *q = arg;

	(void)fd;
	(void)what;
	serve(q, q->tx_next == TX_MORE, false);
}

static int open_events(struct queue *q, struct event_base *base)
{
	q->readable = event_new(base, q->vif->tap, EV_READ | EV_PERSIST,
				on_readable, q);
	q->poll = evtimer_new(base, on_poll, q);
	q->again = evtimer_new(base, on_again, q);
	if (!q->readable || !q->poll || !q->again)
		return -ENOMEM;
	return event_add(q->readable, NULL) < 0 ? -EIO : 0;
}

struct queue *queue_open(struct event_base *base, struct evtchn *ec,
			 struct vif *vif, const struct queue_wires *wires,
			 queue_failed_cb *on_failed, void *arg, struct err *e)
{
	struct queue *q = calloc(1, sizeof(*q));

	if (!q) {
		err_set(e, ENOMEM, "no memory for a queue");
		return NULL;
	}
	q->vif = vif;
	q->on_failed = on_failed;
	q->arg = arg;
	q->tx_next = TX_IDLE;
	q->rx_next = RX_WAIT_TAP;
	if (open_events(q, base) < 0) {
		err_set(e, ENOMEM, "cannot watch the tap");
		goto fail;
	}
	q->tx = tx_open(vif, wires->tx_ring_ref, e);
	if (!q->tx)
		goto fail;
	q->rx = rx_open(vif, wires->rx_ring_ref, e);
	if (!q->rx)
		goto fail;
	q->tx_port = port_open(base, ec, vif->domid, wires->tx_port, on_tx_ring,
			       q, e);
	if (!q->tx_port)
		goto fail;
	if (wires->rx_port == wires->tx_port)
		return q;
	q->rx_port = port_open(base, ec, vif->domid, wires->rx_port, on_rx_ring,
			       q, e);
	if (!q->rx_port)
		goto fail;
	return q;

fail:
	queue_close(q);
	return NULL;
}

void queue_close(struct queue *q)
{
	if (!q)
		return;
	port_close(q->rx_port);
	port_close(q->tx_port);
	rx_close(q->rx);
	tx_close(q->tx);
	if (q->again)
		event_free(q->again);
	if (q->poll)
		event_free(q->poll);
	if (q->readable)
		event_free(q->readable);
	free(q);
}
