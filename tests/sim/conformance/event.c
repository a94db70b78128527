/* SPDX-License-Identifier: MIT */
/* Promises of events: when they come, and when they do not. */
#include "tests/sim/conformance/suites.h"

#include <errno.h>
#include <fcntl.h>

#include "tests/sim/conformance/promise.h"

#define NO_PORT 200000 /* more than Xen has */

/* Two ports of dom0, bound to each other. */
struct loop {
	const struct bed *bed;
	xenevtchn_handle *here, *there;
	uint32_t port, far;
};

static struct loop loop_open(const struct bed *bed)
{
	struct loop l = {
		.bed = bed, .here = bed_evtchn(bed), .there = bed_evtchn(bed)};
	int port = xenevtchn_bind_unbound_port(l.there, 0);

	if (port <= 0)
		promise_give_up("dom0 gets no port");
	l.far = (uint32_t)port;
	port = xenevtchn_bind_interdomain(l.here, 0, l.far);
	if (port <= 0)
		promise_give_up("dom0 cannot bind to itself");
	l.port = (uint32_t)port;
	return l;
}

static void loop_close(struct loop *l)
{
	xenevtchn_close(l->here);
	xenevtchn_close(l->there);
}

static void masks(struct loop *l)
{
	promise_is(event_next(l->here), l->port,
		   "event: binding rings the port that was bound");
	promise_is(event_next(l->there), 0,
		   "event: binding does not ring the other end");
	xenevtchn_notify(l->there, l->far);
	promise_is(event_next(l->here), 0,
		   "event: none comes while the port is masked");
	xenevtchn_unmask(l->here, l->port);
	promise_is(event_next(l->here), l->port,
		   "event: what was rung while masked comes with the unmask");
	xenevtchn_notify(l->there, l->far);
	xenevtchn_notify(l->there, l->far);
	xenevtchn_unmask(l->here, l->port);
	promise_is(event_next(l->here), l->port,
		   "event: two rings while masked come");
	xenevtchn_unmask(l->here, l->port);
	promise_is(event_next(l->here), 0, "event: and are one event");
	promise_is(xenevtchn_unmask(l->here, l->port), 0,
		   "event: an unmasked port may be unmasked");
	xenevtchn_notify(l->there, l->far);
	promise_is(event_next(l->here), l->port,
		   "event: an unmasked port is rung at once");
	xenevtchn_notify(l->here, l->port);
	promise_is(event_next(l->there), l->far,
		   "event: a masked port rings the other end");
}

static void descriptor(struct loop *l)
{
	int flags = fcntl(xenevtchn_fd(l->here), F_GETFL);

	fcntl(xenevtchn_fd(l->here), F_SETFL, flags | O_NONBLOCK);
	promise_errno(xenevtchn_pending(l->here) < 0, EAGAIN,
		      "event: a non-blocking handle says EAGAIN");
	fcntl(xenevtchn_fd(l->here), F_SETFL, flags);
}

static void misuse(struct loop *l)
{
	promise_errno(xenevtchn_notify(l->here, l->far) < 0, ENOTCONN,
		      "event: notify by another's port is ENOTCONN");
	promise_errno(xenevtchn_unbind(l->here, l->far) < 0, ENOTCONN,
		      "event: unbind of another's port is ENOTCONN");
	promise_is(xenevtchn_unmask(l->here, l->far), 0,
		   "event: unmask of another's port is passed over");
	xenevtchn_notify(l->here, l->port);
	promise_is(event_next(l->there), 0, "event: and unmasks nothing");
	promise_errno(xenevtchn_unbind(l->here, NO_PORT) < 0, EINVAL,
		      "event: unbind of what is no port is EINVAL");
}

/* there's port is masked, and rung. */
static void after_close(struct loop *l)
{
	xc_evtchn_status_t status;
	int port;

	promise_is(xenevtchn_unbind(l->here, l->port), 0,
		   "event: one end is closed");
	promise_is(port_state(l->bed, 0, l->port, &status), EVTCHNSTAT_closed,
		   "event: it is free again");
	promise_is(port_state(l->bed, 0, l->far, &status), EVTCHNSTAT_unbound,
		   "event: the other end is unbound");
	promise_is(xenevtchn_notify(l->there, l->far), 0,
		   "event: to notify nobody is no error");
	xenevtchn_unmask(l->there, l->far);
	promise_is(event_next(l->there), l->far,
		   "event: a ring from before the close still comes");
	xenevtchn_unmask(l->there, l->far);
	promise_is(event_next(l->there), 0,
		   "event: the close itself does not ring");
	port = xenevtchn_bind_interdomain(l->here, 0, l->far);
	promise(port > 0, "event: the other end may be bound again");
	promise_is(event_next(l->here), port,
		   "event: and rings who has bound it");
	xenevtchn_notify(l->here, (uint32_t)port);
	promise_is(event_next(l->there), l->far,
		   "event: and carries events again");
}

void suite_events(const struct bed *bed)
{
	struct loop l = loop_open(bed);

	masks(&l);
	descriptor(&l);
	misuse(&l);
	after_close(&l);
	loop_close(&l);
}
