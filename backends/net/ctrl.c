/* SPDX-License-Identifier: MIT */
/* A vif's control ring. */
#include "ctrl.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <event2/event.h>

#include "answers.h"
#include "base/err.h"
#include "copy.h"
#include "hash_request.h"
#include "keeper.h"
#include "port.h"
#include "ring.h"
#include "xen/abi.h"
#include "xen/evtchn.h"

#define PASS  16   /* requests, so that xnd has its share of the loop */
#define SLOTS 128u /* of a one-page ring */

_Static_assert(SLOTS * sizeof(struct xen_netif_ctrl_response) <= ANSWERS_BYTES,
	       "the journal has room for as many responses");

struct ctrl {
	struct event_base *base; /* borrowed, as these */
	ctrl_failed_cb *on_failed;
	void *arg;
	struct evtchn *evtchn;	  /* owned */
	xengnttab_handle *gnttab; /* owned */
	struct event *again;	  /* owned: the rest of a pass */
	struct ctrl_peer peer;
	struct xen_netif_ctrl_sring *shared; /* mapped; NULL when detached */
	xen_netif_ctrl_back_ring_t ring;
	struct answers answers;
	struct port *port; /* owned; NULL when detached */
	struct wishes_hash hash;
	struct copy copy;
};

static bool fetch(void *arg, uint32_t gref, uint32_t size, void *to)
{
	struct ctrl *c = arg;

	copy_reset(&c->copy);
	copy_add_from(&c->copy, gref, 0, (uint16_t)size, to, NULL);
	copy_run(&c->copy);
	return copy_ok(&c->copy, 0, 1);
}

/*
 * Takes a request, carries it out and answers it. Killed before the answer
 * stands in the journal, this has left the request as it was, to be carried
 * out again: by itself, whichever it is, that changes nothing and has the same
 * answer. Behind others that had been carried out too it might not, and so
 * each is answered before the next is taken. True: the guest is to be rung.
 */
static bool serve_one(struct ctrl *c)
{
	struct xen_netif_ctrl_request req;
	struct xen_netif_ctrl_response rsp;
	int notify;

	RING_COPY_REQUEST(&c->ring, c->ring.req_cons, &req);
	c->ring.req_cons++;
	if (hash_request(&c->hash, c->peer.n_queues, fetch, c, &req, &rsp))
		keeper_set_hash(c->peer.keeper, &c->hash);
	answers_begin(&c->answers);
	answers_add(&c->answers, &rsp);
	answers_show(&c->answers, &c->ring.rsp_prod_pvt);
	RING_PUSH_RESPONSES_AND_CHECK_NOTIFY(&c->ring, notify);
	return notify;
}

/* True when there is more; -errno with *e set. */
static int pass(struct ctrl *c, struct err *e)
{
	RING_IDX prod = *(volatile RING_IDX *)&c->shared->req_prod;
	int n = ring_waiting(prod, c->ring.req_cons, c->ring.rsp_prod_pvt,
			     RING_SIZE(&c->ring));
	bool notify = false;
	int i, more;

	if (n < 0)
		return err_set(e, EPROTO,
			       "control ring is corrupt: producer %u, "
			       "answered %u",
			       prod, c->ring.rsp_prod_pvt);
	xen_rmb(); /* the entries are read after the index that announced them */
	for (i = 0; i < n && i < PASS; i++)
		notify |= serve_one(c);
	if (n > 0) {
		if (notify && port_notify(c->port) < 0)
			return err_set(e, ENOTCONN,
				       "the guest cannot be notified");
		port_useful(c->port);
	}
	RING_FINAL_CHECK_FOR_REQUESTS(&c->ring, more);
	return more;
}

static void serve(struct ctrl *c)
{
	const struct timeval now = {0, 0};
	struct err e;
	int rc = pass(c, &e);

	if (rc > 0) {
		event_add(c->again, &now);
		return;
	}
	if (rc == 0 && port_rearm(c->port) < 0)
		rc = err_set(&e, ENOTCONN, "its control port is out of order");
	if (rc < 0)
		c->on_failed(&e, c->arg);
}

static void on_ring(void *arg)
{
	serve(arg);
}

static void on_again(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	serve(arg);
}

struct ctrl *ctrl_new(struct event_base *base, ctrl_failed_cb *on_failed,
		      void *arg, struct err *e)
{
	struct ctrl *c = calloc(1, sizeof(*c));

	if (!c) {
		err_set(e, ENOMEM, "no memory for a control ring");
		return NULL;
	}
	c->base = base;
	c->on_failed = on_failed;
	c->arg = arg;
	c->evtchn = evtchn_open(base, e);
	if (!c->evtchn)
		goto fail;
	c->gnttab = xengnttab_open(NULL, 0);
	if (!c->gnttab) {
		err_errno(e, errno, "cannot open the grant device");
		goto fail;
	}
	c->again = evtimer_new(base, on_again, c);
	if (!c->again) {
		err_set(e, ENOMEM, "no memory for an event");
		goto fail;
	}
	return c;

fail:
	ctrl_free(c);
	return NULL;
}

void ctrl_free(struct ctrl *c)
{
	if (!c)
		return;
	ctrl_detach(c);
	if (c->again)
		event_free(c->again);
	if (c->gnttab)
		xengnttab_close(c->gnttab);
	evtchn_close(c->evtchn);
	free(c);
}

/* All that the guest was told is behind rsp_prod, or was about to be. */
static void begin(struct ctrl *c)
{
	RING_IDX prod = *(volatile RING_IDX *)&c->shared->rsp_prod;

	c->answers = (struct answers){
		journal_ctrl_answers(&c->peer.keeper->journal),
		(uint8_t *)c->shared->ring, sizeof(c->shared->ring[0]),
		sizeof(struct xen_netif_ctrl_response), SLOTS};
	prod = answers_resume(&c->answers, prod);
	BACK_RING_ATTACH(&c->ring, c->shared, prod, XC_PAGE_SIZE);
	RING_PUSH_RESPONSES(&c->ring);
}

static int ctrl_map(struct ctrl *c, struct err *e)
{
	const struct ctrl_peer *peer = &c->peer;

	c->shared = xengnttab_map_grant_ref(
		c->gnttab, peer->domid, peer->ring_ref, PROT_READ | PROT_WRITE);
	if (!c->shared)
		return err_errno(e, errno,
				 "cannot map the control ring, grant %u",
				 peer->ring_ref);
	begin(c);
	return 0;
}

static int ctrl_bind(struct ctrl *c, struct err *e)
{
	const struct ctrl_peer *peer = &c->peer;

	/* As a queue's: once only, and not where another guest may come. */
	if (!peer->several && evtchn_restrict(c->evtchn, peer->domid, e) < 0)
		return -e->code;
	c->port = port_open(c->base, c->evtchn, peer->domid, peer->port,
			    on_ring, c, e);
	if (!c->port)
		return -e->code;
	/* The predecessor may have died between an answer and its word. */
	if (peer->resumed && port_notify(c->port) < 0)
		return err_set(e, ENOTCONN, "the guest cannot be notified");
	return 0;
}

int ctrl_attach(struct ctrl *c, const struct ctrl_peer *peer, struct err *e)
{
	struct keeper_copy kept = {0};
	int rc;

	c->peer = *peer;
	keeper_look(peer->keeper, &kept);
	c->hash = kept.wishes.hash;
	copy_init(&c->copy, c->gnttab, peer->domid);
	rc = ctrl_map(c, e);
	if (rc == 0)
		rc = ctrl_bind(c, e);
	if (rc < 0)
		ctrl_detach(c);
	return rc;
}

void ctrl_detach(struct ctrl *c)
{
	if (c->again)
		event_del(c->again);
	port_close(c->port);
	c->port = NULL;
	if (c->shared)
		xengnttab_unmap(c->gnttab, c->shared, 1);
	c->shared = NULL;
}
