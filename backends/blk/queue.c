/* SPDX-License-Identifier: MIT */
/*
 * The pump. One turn takes what the guest has queued, starts it, collects
 * what is done and answers it, with one grant copy each way, one submission
 * and one notification for all of it. Turns follow each other while there is
 * work, within a budget; the port is unmasked last, and that is the throttle.
 */
#include "queue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <event2/event.h>

#include "base/err.h"
#include "base/log.h"
#include "act.h"
#include "copy.h"
#include "ring.h"
#include "slot.h"
#include "uring.h"
#include "xen/evtchn.h"

#define TURNS	     16 /* a wake-up, so that other events have their share */
#define EMPTY_EVENTS 16 /* in a row, before the guest's events must wait */

static const struct timeval pause_time = {.tv_usec = 1000};

struct queue {
	const struct queue_ops *ops;
	void *arg;
	struct evtchn *evtchn;	  /* owned */
	xengnttab_handle *gnttab; /* owned */
	struct uring *uring;	  /* owned */
	struct event *completed;  /* owned: something is done */
	struct event *again;	  /* owned: there is more to do */
	struct slot_pool pool;
	struct log_limit limit;

	struct queue_peer peer;
	struct ring ring;
	void *page;    /* the ring, mapped; NULL when detached */
	uint32_t port; /* ours */
	bool masked;
	bool draining;
	unsigned int empty_events; /* in a row, that announced nothing */
};

/* Fills taken and *n. 0, or -EPROTO when the ring is corrupt. */
static int queue_take(struct queue *q, struct slot **taken, unsigned int *n)
{
	struct slot *slot;
	int rc = 1;

	while (rc > 0 && (slot = slot_get(&q->pool))) {
		rc = ring_take(&q->ring, &slot->wire);
		if (rc > 0) {
			slot->status =
				request_parse(&slot->wire, BLK_ABI_X86_64,
					      &q->peer.limits, &slot->io);
			taken[(*n)++] = slot;
		} else {
			slot_put(&q->pool, slot);
		}
	}
	return rc < 0 ? rc : 0;
}

/* Starts those that can be; moves the refused to ended. */
static void queue_start(struct queue *q, struct slot *const *taken,
			unsigned int n, struct slot **ended,
			unsigned int *n_ended)
{
	unsigned int i;

	copy_from_guest(q->gnttab, q->peer.domid, taken, n);
	for (i = 0; i < n; i++) {
		if (taken[i]->status == BLKIF_RSP_OKAY)
			act_begin(q->uring, taken[i]);
		else
			ended[(*n_ended)++] = taken[i];
	}
}

/* The image failed a request: the guest hears of it, and so does the log. */
static void queue_blame_image(struct queue *q, struct slot *slot, int code)
{
	const char *why = code == ENODATA ? "the image has become shorter"
					  : strerror(code);

	if (slot->io.bytes)
		log_limited(&q->limit, "%s: cannot %s %llu bytes at %llu: %s",
			    q->peer.name, act_name(slot),
			    (unsigned long long)slot->io.bytes,
			    (unsigned long long)slot->io.offset, why);
	else
		log_limited(&q->limit, "%s: cannot %s: %s", q->peer.name,
			    act_name(slot), why);
	slot->status = BLKIF_RSP_ERROR;
}

/* Adds to ended what came to its end. Returns how many operations did. */
static unsigned int queue_collect(struct queue *q, struct slot **ended,
				  unsigned int *n_ended)
{
	struct uring_done done[URING_DEPTH];
	unsigned int n = uring_reap(q->uring, done, URING_DEPTH);
	unsigned int i;

	for (i = 0; i < n; i++) {
		struct slot *slot = &q->pool.slots[done[i].tag];
		int rc = act_advance(q->uring, slot, done[i].result);

		if (rc < 0)
			queue_blame_image(q, slot, -rc);
		if (rc != 0)
			ended[(*n_ended)++] = slot;
	}
	return n;
}

static void queue_answer(struct queue *q, struct slot *const *ended,
			 unsigned int n)
{
	unsigned int i;

	if (n && q->page) {
		copy_to_guest(q->gnttab, q->peer.domid, ended, n);
		for (i = 0; i < n; i++)
			ring_answer(&q->ring, ended[i]->io.id,
				    ended[i]->io.operation, ended[i]->status);
		if (ring_push(&q->ring) &&
		    evtchn_notify(q->evtchn, q->port) < 0)
			log_limited(&q->limit, "%s: cannot notify the guest",
				    q->peer.name);
	}
	for (i = 0; i < n; i++)
		slot_put(&q->pool, ended[i]);
}

/* How much was done; 0: nothing; -EPROTO: a corrupt ring; else -errno. */
static int queue_turn(struct queue *q)
{
	struct slot *taken[SLOTS], *ended[SLOTS];
	unsigned int n_taken = 0, n_ended = 0, n_done;
	int rc = 0, submitted;

	if (q->page && !q->draining)
		rc = queue_take(q, taken, &n_taken);
	if (n_taken) {
		q->empty_events = 0;
		queue_start(q, taken, n_taken, ended, &n_ended);
	}
	submitted = uring_submit(q->uring);
	n_done = queue_collect(q, ended, &n_ended);
	queue_answer(q, ended, n_ended);
	if (rc == 0)
		rc = submitted;
	return rc < 0 ? rc : (int)(n_taken + n_done);
}

static void queue_fail(struct queue *q, int code)
{
	struct err e;

	if (code == EPROTO)
		err_set(&e, code, "request ring is corrupt");
	else
		err_errno(&e, code, "cannot submit I/O");
	queue_detach(q);
	q->ops->on_failed(&e, q->arg);
}

/*
 * Nothing to do now: sleep, or, when a guest only wastes our time, make it
 * wait. Its port is opened though I/O may be in flight: what it queues
 * meanwhile must not wait for a slow disk's next completion.
 */
static void queue_rest(struct queue *q)
{
	if (!q->page || q->draining)
		return;
	if (ring_rest(&q->ring)) {
		event_active(q->again, EV_TIMEOUT, 0);
	} else if (q->masked && q->empty_events >= EMPTY_EVENTS) {
		q->empty_events = 0;
		event_add(q->again, &pause_time);
	} else if (q->masked) {
		q->masked = false;
		evtchn_unmask(q->evtchn, q->port);
	}
}

static void queue_pump(struct queue *q)
{
	unsigned int left = TURNS;
	int rc = 1;

	while (rc > 0 && left-- > 0)
		rc = queue_turn(q);
	if (rc == -EAGAIN)
		event_add(q->again, &pause_time);
	else if (rc < 0)
		queue_fail(q, -rc);
	else if (rc > 0)
		event_active(q->again, EV_TIMEOUT, 0);
	else
		queue_rest(q);
	if (q->draining && q->pool.busy == 0)
		q->ops->on_drained(q->arg);
}

static void on_port(uint32_t port, void *arg)
{
	struct queue *q = arg;

	(void)port;
	q->masked = true;
	q->empty_events++;
	queue_pump(q);
}

static void on_event(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	queue_pump(arg);
}

struct queue *queue_new(struct event_base *base, const struct queue_ops *ops,
			void *arg, struct err *e)
{
	struct queue *q = calloc(1, sizeof(*q));

	if (!q) {
		err_set(e, ENOMEM, "no memory for a queue");
		return NULL;
	}
	q->ops = ops;
	q->arg = arg;
	if (slot_pool_open(&q->pool, e) < 0)
		goto fail;
	q->evtchn = evtchn_open(base, e);
	if (!q->evtchn)
		goto fail;
	q->gnttab = xengnttab_open(NULL, 0);
	if (!q->gnttab) {
		err_errno(e, errno, "cannot open the grant device");
		goto fail;
	}
	q->uring = uring_open(q->pool.memory, SLOT_POOL_BYTES, e);
	if (!q->uring)
		goto fail;
	q->again = event_new(base, -1, 0, on_event, q);
	q->completed = event_new(base, uring_fd(q->uring), EV_READ | EV_PERSIST,
				 on_event, q);
	if (!q->again || !q->completed || event_add(q->completed, NULL) < 0) {
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
	if (q->completed)
		event_free(q->completed);
	if (q->again)
		event_free(q->again);
	uring_close(q->uring);
	if (q->gnttab)
		xengnttab_close(q->gnttab);
	evtchn_close(q->evtchn);
	slot_pool_close(&q->pool);
	free(q);
}

int queue_attach(struct queue *q, const struct queue_peer *peer, struct err *e)
{
	uint32_t ref = peer->ring_ref;
	int rc;

	q->peer = *peer;
	rc = uring_set_image(q->uring, peer->image);
	if (rc < 0)
		return err_errno(e, -rc, "cannot register the image");
	q->page = xengnttab_map_domain_grant_refs(q->gnttab, 1, peer->domid,
						  &ref, PROT_READ | PROT_WRITE);
	if (!q->page)
		return err_errno(e, errno,
				 "cannot map ring-ref %u of domain %u", ref,
				 peer->domid);
	rc = ring_attach(&q->ring, q->page, 1, BLK_ABI_X86_64);
	if (rc < 0) {
		err_set(e, -rc, "request ring is corrupt");
		goto fail;
	}
	rc = evtchn_restrict(q->evtchn, peer->domid, e);
	if (rc == 0)
		rc = evtchn_bind(q->evtchn, peer->domid, peer->port, on_port, q,
				 e);
	if (rc < 0)
		goto fail;
	q->port = (uint32_t)rc;
	q->masked = false;
	q->draining = false;
	q->empty_events = 0;
	return 0;

fail:
	queue_detach(q);
	return rc;
}

void queue_drain(struct queue *q)
{
	q->draining = true;
	if (q->pool.busy == 0)
		q->ops->on_drained(q->arg);
}

void queue_detach(struct queue *q)
{
	if (!q->page)
		return;
	event_del(q->again);
	evtchn_unbind(q->evtchn, q->port);
	q->port = 0;
	xengnttab_unmap(q->gnttab, q->page, 1);
	q->page = NULL;
}

unsigned int queue_busy(const struct queue *q)
{
	return q->pool.busy;
}
