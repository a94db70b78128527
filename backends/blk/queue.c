/* SPDX-License-Identifier: MIT */
/*
 * When the pump is turned: by the guest's events and by the image's. Turns
 * follow each other while there is work, within a budget; the port is
 * unmasked last, and that is the throttle.
 */
#include "queue.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <event2/event.h>

#include "base/err.h"
#include "base/log.h"
#include "figures.h"
#include "pump.h"
#include "spin.h"
#include "store.h"
#include "ticks.h"
#include "uring.h"
#include "xen/evtchn.h"

#define TURNS	     16 /* a wake-up, so that other events have their share */
#define EMPTY_EVENTS 16 /* in a row, before the guest's events must wait */

static const struct timeval pause_time = {.tv_usec = 1000};
static const struct timeval rest_time = {.tv_sec = 10};

struct queue {
	struct event_base *base; /* borrowed, as these */
	const struct queue_ops *ops;
	void *arg;
	struct evtchn *evtchn;	  /* owned */
	xengnttab_handle *gnttab; /* owned */
	struct store *store;	  /* owned */
	struct uring *uring;	  /* store, while it is one */
	bool listens;		  /* to store */
	struct event *again;	  /* owned: there is more to do */
	struct event *rest;	  /* owned: time to give back */
	struct pump pump;
	struct log_limit limit;

	struct queue_peer peer;
	void *pages;   /* the ring, mapped; NULL when detached */
	uint32_t port; /* ours */
	bool masked;
	bool draining;
	unsigned int empty_events; /* in a row, that announced nothing */
	struct spin spin;
	RING_IDX taken; /* requests, when there was nothing to do last */
};

static int queue_notify(struct queue *q)
{
	uint64_t begun = ticks_now();
	int rc = evtchn_notify(q->evtchn, q->port);

	spin_learn(&q->spin, ticks_now() - begun);
	return rc;
}

/* As pump_turn; -ENOTCONN when the guest cannot be told of its answers. */
static int queue_turn(struct queue *q)
{
	bool notify;
	int rc = pump_turn(&q->pump, q->pages && !q->draining, &notify);

	if (rc > 0)
		q->empty_events = 0;
	if (notify && queue_notify(q) < 0)
		return -ENOTCONN;
	return rc;
}

/*
 * There is nothing to do: is it worth while to look for more before the guest
 * is asked for an event? Where requests came one by one and the last has been
 * answered it is. Where there are many they come in larger batches, and with
 * fewer notifications, to whoever was asleep.
 */
static bool queue_finds_more(struct queue *q)
{
	RING_IDX n = q->pump.ring.taken - q->taken;

	q->taken = q->pump.ring.taken;
	if (!q->pages || q->draining || !q->masked || n != 1 || queue_busy(q))
		return false;
	return spin_until_request(&q->spin, &q->pump.ring);
}

static void queue_fail(struct queue *q, int code)
{
	struct err e;

	if (code == EPROTO)
		err_set(&e, code, "request ring is corrupt");
	else if (code == ENOTCONN)
		err_set(&e, code, "its port is out of order");
	else
		err_errno(&e, code, "cannot submit I/O");
	queue_detach(q);
	q->ops->on_failed(&e, q->arg);
}

static void queue_wake_in(struct queue *q, uint64_t ns)
{
	uint64_t us = ns / 1000 + 1;
	const struct timeval when = {
		.tv_sec = (time_t)(us / 1000000),
		.tv_usec = (suseconds_t)(us % 1000000),
	};

	event_add(q->again, &when);
}

/*
 * Nothing to do now: sleep, or, when a guest only wastes our time, make it
 * wait. Its port is opened though I/O may be in flight: what it queues
 * meanwhile must not wait for a slow disk's next completion, unless nothing
 * else could help it.
 */
static void queue_rest(struct queue *q)
{
	uint64_t held_ns = pump_held_ns(&q->pump);

	if (!q->pages || q->draining || pump_is_stuck(&q->pump))
		return;
	if (held_ns) {
		queue_wake_in(q, held_ns);
	} else if (ring_rest(&q->pump.ring)) {
		event_active(q->again, EV_TIMEOUT, 0);
	} else if (q->masked && q->empty_events >= EMPTY_EVENTS) {
		q->empty_events = 0;
		event_add(q->again, &pause_time);
	} else if (q->masked) {
		q->masked = false;
		if (evtchn_unmask(q->evtchn, q->port) < 0)
			queue_fail(q, ENOTCONN);
	}
}

static void queue_pump(struct queue *q)
{
	unsigned int left = TURNS;
	int rc = 1;

	while (rc > 0 && left-- > 0)
		if ((rc = queue_turn(q)) == 0 && queue_finds_more(q))
			rc = 1;
	if (rc == -EAGAIN)
		event_add(q->again, &pause_time);
	else if (rc < 0)
		queue_fail(q, -rc);
	else if (rc > 0)
		event_active(q->again, EV_TIMEOUT, 0);
	else
		queue_rest(q);
	if (q->draining && queue_busy(q) == 0)
		q->ops->on_drained(q->arg);
}

static void on_port(uint32_t port, void *arg)
{
	struct queue *q = arg;

	(void)port;
	q->masked = true;
	q->empty_events++;
	figures_add(&q->peer.figures->events, 1);
	queue_pump(q);
}

static void on_event(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	queue_pump(arg);
}

static void on_rest(evutil_socket_t fd, short what, void *arg)
{
	struct queue *q = arg;

	(void)fd;
	(void)what;
	pump_rest(&q->pump);
}

/* A queue's thread can run on all that its process can, or on one. */
static unsigned int processors(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) < 0)
		return 1;
	return (unsigned int)CPU_COUNT(&set);
}

struct queue *queue_new(struct event_base *base, const struct queue_ops *ops,
			void *arg, struct err *e)
{
	struct queue *q = calloc(1, sizeof(*q));

	if (!q) {
		err_set(e, ENOMEM, "no memory for a queue");
		return NULL;
	}
	q->base = base;
	q->ops = ops;
	q->arg = arg;
	spin_open(&q->spin, processors());
	q->evtchn = evtchn_open(base, e);
	if (!q->evtchn)
		goto fail;
	q->gnttab = xengnttab_open(NULL, 0);
	if (!q->gnttab) {
		err_errno(e, errno, "cannot open the grant device");
		goto fail;
	}
	q->uring = uring_open(e);
	if (!q->uring)
		goto fail;
	q->store = uring_store(q->uring);
	q->again = event_new(base, -1, 0, on_event, q);
	q->rest = event_new(base, -1, EV_PERSIST, on_rest, q);
	if (!q->again || !q->rest) {
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
	if (q->gnttab)
		queue_detach(q);
	if (q->again)
		event_free(q->again);
	if (q->rest)
		event_free(q->rest);
	if (q->store)
		q->store->ops->close(q->store);
	pump_close(&q->pump);
	if (q->gnttab)
		xengnttab_close(q->gnttab);
	evtchn_close(q->evtchn);
	free(q);
}

static void queue_swap_store(struct queue *q, struct store *store)
{
	q->store->ops->close(q->store);
	q->store = store;
	q->uring = NULL;
	q->listens = false;
}

/* The store that the peer comes with, or its image through our io_uring. */
static int queue_open_store(struct queue *q, struct err *e)
{
	int rc = 0;

	if (q->peer.store)
		queue_swap_store(q, q->peer.store);
	else
		rc = uring_enable(q->uring);
	if (rc == 0 && q->uring && q->peer.image >= 0)
		rc = uring_set_image(q->uring, q->peer.image);
	if (rc < 0)
		return err_errno(e, -rc, "cannot register the image");
	if (!q->listens &&
	    q->store->ops->listen(q->store, q->base, on_event, q) < 0)
		return err_set(e, ENOMEM, "no memory for an event");
	q->listens = true;
	return 0;
}

static int queue_map(struct queue *q, struct err *e)
{
	const struct queue_peer *peer = &q->peer;
	const struct pump_peer pump_peer = {
		.name = peer->name,
		.gnttab = q->gnttab,
		.domid = peer->domid,
		.persistent = peer->persistent,
		.pages = xengnttab_map_domain_grant_refs(
			q->gnttab, peer->n_pages, peer->domid, q->peer.refs,
			PROT_READ | PROT_WRITE),
		.n_pages = peer->n_pages,
		.abi = peer->abi,
		.limits = peer->limits,
		.journal = peer->journal,
		.figures = peer->figures,
		.caps = peer->caps,
	};

	q->pages = pump_peer.pages;
	if (!q->pages)
		return err_errno(e, errno,
				 "cannot map the ring of domain %u (%u pages, "
				 "the first by grant %u)",
				 peer->domid, peer->n_pages, peer->refs[0]);
	return pump_attach(&q->pump, q->store, &pump_peer, e);
}

static int queue_bind(struct queue *q, struct err *e)
{
	int rc = evtchn_restrict(q->evtchn, q->peer.domid, e);

	if (rc == 0)
		rc = evtchn_bind(q->evtchn, q->peer.domid, q->peer.port,
				 on_port, q, e);
	if (rc < 0)
		return rc;
	q->port = (uint32_t)rc;
	return 0;
}

int queue_attach(struct queue *q, const struct queue_peer *peer, struct err *e)
{
	int rc;

	q->peer = *peer;
	rc = queue_open_store(q, e);
	if (rc < 0)
		return rc;
	q->masked = false;
	q->draining = false;
	q->empty_events = 0;
	rc = queue_map(q, e);
	if (rc == 0)
		rc = queue_bind(q, e);
	if (rc < 0) {
		queue_detach(q);
		return rc;
	}
	event_add(q->rest, &rest_time);
	if (q->pump.resumed) {
		/* The predecessor may have died between an act and its word. */
		if (evtchn_notify(q->evtchn, q->port) < 0) {
			queue_detach(q);
			return err_set(e, ENOTCONN,
				       "the guest cannot be notified");
		}
		figures_add(&peer->figures->notified, 1);
		event_active(q->again, EV_TIMEOUT, 0);
	}
	return 0;
}

void queue_look_again(struct queue *q)
{
	if (q->pages)
		event_active(q->again, EV_TIMEOUT, 0);
}

void queue_drain(struct queue *q)
{
	q->draining = true;
	if (queue_busy(q) == 0)
		q->ops->on_drained(q->arg);
}

void queue_detach(struct queue *q)
{
	if (!q->pages)
		return;
	event_del(q->again);
	event_del(q->rest);
	if (q->port)
		evtchn_unbind(q->evtchn, q->port);
	q->port = 0;
	pump_detach(&q->pump);
	xengnttab_unmap(q->gnttab, q->pages, q->peer.n_pages);
	q->pages = NULL;
}

unsigned int queue_busy(const struct queue *q)
{
	return q->pump.pool.slots ? q->pump.pool.busy : 0;
}
