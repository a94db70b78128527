/* SPDX-License-Identifier: MIT */
/* One event channel of a queue, unmasked only once its work is done. */
#include "port.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <event2/event.h>

#include "base/err.h"
#include "xen/evtchn.h"

#define PATIENCE      8 /* useless rings in a row that cost the guest nothing */
#define DELAY_MAX_LOG 5 /* 32 ms */

struct port {
	struct evtchn *ec; /* borrowed */
	uint32_t local;	   /* 0 until bound */
	port_cb *cb;
	void *arg;
	struct event *unmask; /* owned; fires when a delay is over */
	bool rung;	      /* and masked since */
	atomic_bool useful;   /* since the port was last rearmed */
	unsigned int useless; /* rings in a row, at most the last delay's */
};

static void on_ring(uint32_t local, void *arg)
{
	struct port *p = arg;

	(void)local;
	p->rung = true;
	p->cb(p->arg);
}

static void on_delay_over(evutil_socket_t fd, short what, void *arg)
{
	struct port *p = arg;

	(void)fd;
	(void)what;
	if (evtchn_unmask(p->ec, p->local) == 0)
		return;
	/* As if it had rung: port_rearm says what is wrong. */
	p->rung = true;
	p->useless = 0;
	p->cb(p->arg);
}

struct port *port_open(struct event_base *base, struct evtchn *ec,
		       uint32_t domid, uint32_t remote, port_cb *cb, void *arg,
		       struct err *e)
{
	struct port *p = calloc(1, sizeof(*p));
	int rc;

	if (!p) {
		err_set(e, ENOMEM, "no memory for a port");
		return NULL;
	}
	p->ec = ec;
	p->cb = cb;
	p->arg = arg;
	p->unmask = evtimer_new(base, on_delay_over, p);
	if (!p->unmask) {
		err_set(e, ENOMEM, "no memory for an event");
		goto fail;
	}
	rc = evtchn_bind(ec, domid, remote, on_ring, p, e);
	if (rc < 0)
		goto fail;
	p->local = (uint32_t)rc;
	return p;

fail:
	port_close(p);
	return NULL;
}

void port_close(struct port *p)
{
	if (!p)
		return;
	if (p->local)
		evtchn_unbind(p->ec, p->local);
	if (p->unmask)
		event_free(p->unmask);
	free(p);
}

int port_notify(struct port *p)
{
	return evtchn_notify(p->ec, p->local);
}

void port_useful(struct port *p)
{
	atomic_store_explicit(&p->useful, true, memory_order_relaxed);
}

int port_rearm(struct port *p)
{
	struct timeval delay = {0, 0};

	if (!p->rung)
		return 0;
	p->rung = false;
	if (atomic_exchange_explicit(&p->useful, false, memory_order_relaxed))
		p->useless = 0;
	else if (p->useless < PATIENCE + DELAY_MAX_LOG)
		p->useless++;
	if (p->useless < PATIENCE) {
		return evtchn_unmask(p->ec, p->local);
	}
	delay.tv_usec = 1000 << (p->useless - PATIENCE);
	event_add(p->unmask, &delay);
	return 0;
}
