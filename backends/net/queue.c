/* SPDX-License-Identifier: MIT */
/* A pair of rings on one event loop: it decides what runs when. */
#include "queue.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <event2/event.h>

#include "base/err.h"
#include "chan/figures.h"
#include "chan/net_figures.h"
#include "granter.h"
#include "inbox.h"
#include "port.h"
#include "rx.h"
#include "tx.h"
#include "vif.h"
#include "xen/evtchn.h"

struct queue {
	struct event_base *base; /* borrowed, as these */
	queue_failed_cb *on_failed;
	void *arg;
	struct evtchn *evtchn;	  /* owned */
	xengnttab_handle *gnttab; /* owned */
	xengntshr_handle *gntshr; /* owned; NULL: there is none */
	struct event *poll;	  /* owned; see rx_look_ms */
	struct event *again;	  /* owned; the rest of the work, next round */
	struct event *paid;	  /* owned; the rate lets the guest send */

	struct vif vif;
	struct tx *tx; /* owned, as what follows; NULL: detached */
	struct rx *rx;
	struct port *tx_port;
	struct port *rx_port;	/* NULL when tx_port rings for both */
	struct event *readable; /* added while rx waits for the tap */
	struct event *brought;	/* frames, by other queues; NULL: never */
	enum tx_next tx_next;
	enum rx_next rx_next;
	bool failed;
};

static void fail(struct queue *q, const struct err *e)
{
	q->failed = true;
	event_del(q->readable);
	if (q->brought)
		event_del(q->brought);
	event_del(q->poll);
	event_del(q->again);
	event_del(q->paid);
	q->on_failed(e, q->arg);
}

static int serve_tx(struct queue *q, struct err *e)
{
	int rc = tx_pass(q->tx, q->tx_port, e);

	if (rc >= 0)
		q->tx_next = (enum tx_next)rc;
	if (rc == TX_HELD)
		figures_add(&q->vif.figures->held, 1);
	return rc;
}

static void wait_for_credit(struct queue *q)
{
	const uint64_t us = tx_held_ns(q->tx) / 1000 + 1;
	const struct timeval wait = {
		.tv_sec = (time_t)(us / 1000000),
		.tv_usec = (suseconds_t)(us % 1000000),
	};

	event_add(q->paid, &wait);
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

static struct port *port_of_rx(struct queue *q)
{
	return q->rx_port ? q->rx_port : q->tx_port;
}

static int serve_rx(struct queue *q, struct err *e)
{
	int rc = rx_pass(q->rx, port_of_rx(q), e);

	if (rc >= 0) {
		q->rx_next = (enum rx_next)rc;
		wait_rx(q);
	}
	return rc;
}

/*
 * After any pass. What is left goes through the loop first, so that neither
 * direction starves the other. A port is unmasked when its ring has nothing
 * left: until then the guest cannot wake us, and that is the throttle. A
 * guest that has used up its rate is not heard on its transmit port before it
 * may send again; but where that port rings for both, it is.
 */
static void settle(struct queue *q)
{
	const struct timeval now = {0, 0};
	const bool rx_done = q->rx_next != RX_AGAIN;
	struct err e;
	int rc = 0;

	if (q->tx_next == TX_MORE || !rx_done)
		event_add(q->again, &now);
	if (q->tx_next == TX_HELD)
		wait_for_credit(q);
	if (q->rx_port) {
		if (q->tx_next == TX_IDLE)
			rc = port_rearm(q->tx_port);
		if (rx_done && rc == 0)
			rc = port_rearm(q->rx_port);
	} else if (q->tx_next != TX_MORE && rx_done) {
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
	struct queue *q = arg;

	figures_add(&q->vif.figures->tx.events, 1);
	serve(q, true, false);
}

static void on_rx_ring(void *arg)
{
	struct queue *q = arg;

	figures_add(&q->vif.figures->rx.events, 1);
	serve(q, false, false);
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	serve(arg, false, true);
}

static void on_brought(evutil_socket_t fd, short what, void *arg)
{
	eventfd_t n;

	(void)what;
	eventfd_read(fd, &n);
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

static void on_paid(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	serve(arg, true, false);
}

struct queue *queue_new(struct event_base *base, queue_failed_cb *on_failed,
			void *arg, struct err *e)
{
	struct queue *q = calloc(1, sizeof(*q));

	if (!q) {
		err_set(e, ENOMEM, "no memory for a queue");
		return NULL;
	}
	q->base = base;
	q->on_failed = on_failed;
	q->arg = arg;
	q->evtchn = evtchn_open(base, e);
	if (!q->evtchn)
		goto fail;
	q->gnttab = xengnttab_open(NULL, 0);
	if (!q->gnttab) {
		err_errno(e, errno, "cannot open the grant device");
		goto fail;
	}
	q->gntshr = granter_open();
	q->poll = evtimer_new(base, on_poll, q);
	q->again = evtimer_new(base, on_again, q);
	q->paid = evtimer_new(base, on_paid, q);
	if (!q->poll || !q->again || !q->paid) {
		err_set(e, ENOMEM, "no memory for an event");
		goto fail;
	}
	return q;

fail:
	queue_free(q);
	return NULL;
}

void queue_free(struct queue *q)
{
	if (!q)
		return;
	queue_detach(q);
	if (q->paid)
		event_free(q->paid);
	if (q->again)
		event_free(q->again);
	if (q->poll)
		event_free(q->poll);
	if (q->gntshr)
		xengntshr_close(q->gntshr);
	if (q->gnttab)
		xengnttab_close(q->gnttab);
	evtchn_close(q->evtchn);
	free(q);
}

static int queue_listen(struct queue *q, struct err *e)
{
	struct vif *vif = &q->vif;

	q->readable = event_new(q->base, vif->tap, EV_READ | EV_PERSIST,
				on_readable, q);
	if (!q->readable || event_add(q->readable, NULL) < 0)
		return err_set(e, ENOMEM, "cannot watch the tap");
	if (!vif->inboxes)
		return 0;
	q->brought = event_new(q->base, vif->inboxes[vif->queue].ready,
			       EV_READ | EV_PERSIST, on_brought, q);
	if (!q->brought || event_add(q->brought, NULL) < 0)
		return err_set(e, ENOMEM, "cannot watch the other queues");
	return 0;
}

static int queue_map(struct queue *q, const struct queue_wires *wires,
		     struct err *e)
{
	q->tx = tx_open(&q->vif, wires->tx_ring_ref, e);
	if (!q->tx)
		return -e->code;
	q->rx = rx_open(&q->vif, wires->rx_ring_ref, e);
	if (!q->rx)
		return -e->code;
	return queue_listen(q, e);
}

static int queue_bind(struct queue *q, const struct queue_wires *wires,
		      struct err *e)
{
	const uint32_t domid = q->vif.domid;

	/*
	 * It can be restricted to one domain, for good. Where a process serves
	 * several vifs, this handle will be another guest's later: there it is
	 * not, and what is lost is that a process that one of its guests has
	 * taken over can bind the ports of others, whose rings it has as well.
	 */
	if (!q->vif.member && evtchn_restrict(q->evtchn, domid, e) < 0)
		return -e->code;
	q->tx_port = port_open(q->base, q->evtchn, domid, wires->tx_port,
			       on_tx_ring, q, e);
	if (!q->tx_port)
		return -e->code;
	if (wires->rx_port == wires->tx_port)
		return 0;
	q->rx_port = port_open(q->base, q->evtchn, domid, wires->rx_port,
			       on_rx_ring, q, e);
	return q->rx_port ? 0 : -e->code;
}

/*
 * The predecessor may have died between an answer and its word. The guest's
 * own words that it did not hear are made good by the event that each port
 * begins with.
 */
static int queue_kick(struct queue *q, struct err *e)
{
	if (!q->vif.resumed)
		return 0;
	if (port_notify(q->tx_port) < 0 ||
	    (q->rx_port && port_notify(q->rx_port) < 0))
		return err_set(e, ENOTCONN, "the guest cannot be notified");
	return 0;
}

int queue_attach(struct queue *q, const struct vif *vif,
		 const struct queue_wires *wires, struct err *e)
{
	int rc;

	q->vif = *vif;
	q->vif.gnttab = q->gnttab;
	q->vif.gntshr = q->gntshr;
	q->tx_next = TX_IDLE;
	q->rx_next = RX_WAIT_TAP;
	q->failed = false;
	rc = queue_map(q, wires, e);
	if (rc == 0)
		rc = queue_bind(q, wires, e);
	if (rc == 0)
		rc = queue_kick(q, e);
	if (rc < 0)
		queue_detach(q);
	return rc;
}

void queue_look_again(struct queue *q)
{
	const struct timeval now = {0, 0};

	if (q->tx && !q->failed && q->tx_next == TX_HELD)
		event_add(q->paid, &now);
	if (q->tx && !q->failed && q->rx_next == RX_WAIT_SLOTS)
		event_add(q->poll, &now);
}

void queue_detach(struct queue *q)
{
	if (q->paid)
		event_del(q->paid);
	if (q->again)
		event_del(q->again);
	if (q->poll)
		event_del(q->poll);
	if (q->readable)
		event_free(q->readable);
	if (q->brought)
		event_free(q->brought);
	q->readable = q->brought = NULL;
	port_close(q->rx_port);
	port_close(q->tx_port);
	q->rx_port = q->tx_port = NULL;
	rx_close(q->rx);
	tx_close(q->tx);
	q->rx = NULL;
	q->tx = NULL;
}

void queue_take(struct queue *q, struct direct *const *frames, unsigned int n)
{
	rx_take(q->rx, port_of_rx(q), frames, n);
}

bool queue_is_drained(struct queue *q)
{
	return rx_is_drained(q->rx);
}
