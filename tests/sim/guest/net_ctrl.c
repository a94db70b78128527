/* SPDX-License-Identifier: MIT */
/* Control requests out, their answers in. */
#include "tests/sim/guest/net_ctrl.h"

#include <errno.h>
#include <string.h>

#include "base/err.h"
#include "tests/sim/guest/events.h"
#include "tests/sim/guest/guest.h"
#include "tests/sim/guest/net.h"
#include "tests/sim/guest/net_queue.h"

#define ANSWER_MS 5000

static void on_answer(void *arg)
{
	struct net_ctrl *c = arg;
	int rc;

	do {
		while ((rc = front_take(&c->ring, &c->answer,
					sizeof(c->answer))) > 0) {
			if (!c->busy)
				bus_blame(&c->net->bus,
					  "a control answer to nothing");
			c->busy = false;
		}
		if (rc < 0)
			bus_blame(&c->net->bus,
				  "more control answers than requests");
	} while (rc == 0 && front_rest(&c->ring));
}

int net_ctrl_open(struct net_ctrl *c, struct net *n, struct err *e)
{
	struct net_page page;
	int rc;

	memset(c, 0, sizeof(*c));
	rc = net_page_open(n, &page, 0);
	if (rc < 0)
		return err_errno(e, -rc, "%s: no control ring", n->bus.front);
	c->net = n;
	c->page = page.data;
	c->ref = page.ref;
	front_init(&c->ring, c->page, XC_PAGE_SIZE,
		   sizeof(struct xen_netif_ctrl_request));
	rc = events_new(n->guest->events, on_answer, c);
	if (rc < 0) {
		net_ctrl_close(c);
		return err_errno(e, -rc, "%s: no control port", n->bus.front);
	}
	c->port = (uint32_t)rc;
	return 0;
}

void net_ctrl_close(struct net_ctrl *c)
{
	struct net_page page = {c->page, c->ref};

	if (!c->net)
		return;
	if (c->port)
		events_free(c->net->guest->events, c->port);
	net_page_close(c->net, &page);
	c->net = NULL;
}

static bool is_answered(void *arg)
{
	const struct net_ctrl *c = arg;

	return !c->busy || bus_is_refused(&c->net->bus);
}

int net_ctrl_ask(struct net_ctrl *c, const struct xen_netif_ctrl_request *req,
		 uint32_t *status, uint32_t *data, struct err *e)
{
	memcpy(front_put(&c->ring), req, sizeof(*req));
	c->busy = true;
	if (front_push(&c->ring))
		events_notify(c->net->guest->events, c->port);
	if (guest_wait(c->net->guest, is_answered, c, ANSWER_MS) < 0)
		return err_set(e, ETIMEDOUT, "control type %u is not answered",
			       req->type);
	if (c->busy)
		return err_set(e, EPIPE, "%s: the back end has given it up",
			       c->net->bus.front);
	if (c->answer.id != req->id || c->answer.type != req->type)
		return err_set(e, EBADMSG,
			       "control type %u is answered as type %u",
			       req->type, c->answer.type);
	*status = c->answer.status;
	*data = c->answer.data;
	return 0;
}
