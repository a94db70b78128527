/* SPDX-License-Identifier: MIT */
/* Promises of ports: who may bind what, how many there are, and what becomes
 * of them when their holder goes. */
#include "tests/sim/conformance/suites.h"

#include <errno.h>

#include "tests/sim/conformance/promise.h"

#define FREE_VIRQ VIRQ_TBUF /* that nobody in dom0 wants */

static void bound_once(const struct bed *bed, uint32_t domid, uint32_t port)
{
	xenevtchn_handle *h = bed_evtchn(bed);
	xc_evtchn_status_t status;
	int local;

	promise_is(port_state(bed, domid, port, &status), EVTCHNSTAT_unbound,
		   "port: one allocated for a guest is unbound");
	promise_is(status.u.unbound.dom, 0, "port: and for dom0 to bind");
	local = xenevtchn_bind_interdomain(h, domid, port);
	promise(local > 0, "port: dom0 binds to it");
	promise_is(port_state(bed, domid, port, &status),
		   EVTCHNSTAT_interdomain, "port: the guest's end is bound");
	promise(status.u.interdomain.dom == 0 &&
			status.u.interdomain.port == (uint32_t)local,
		"port: to dom0's");
	promise_is(event_next(h), local, "port: dom0's is rung at once");
	promise_errno(xenevtchn_bind_interdomain(h, domid, port) < 0, EINVAL,
		      "port: it is bound once only: EINVAL");
	xenevtchn_close(h);
	promise_is(port_state(bed, domid, port, &status), EVTCHNSTAT_unbound,
		   "port: closing the handle unbinds the guest's end");
	promise_is(status.u.unbound.dom, 0, "port: for dom0 as before");
}

static void misuse(const struct bed *bed, const struct guest *g)
{
	xenevtchn_handle *h = bed_evtchn(bed);
	int of_another = xc_evtchn_alloc_unbound(bed->xc, g->domid, g->domid);

	promise_errno(xenevtchn_bind_interdomain(h, NO_DOMAIN, 1) < 0, ESRCH,
		      "port: a bind to no domain is ESRCH");
	promise_errno(xenevtchn_bind_interdomain(h, g->domid, GUEST_PORTS) < 0,
		      EINVAL, "port: a bind to no port is EINVAL");
	promise_errno(xenevtchn_bind_interdomain(h, g->domid,
						 (uint32_t)of_another) < 0,
		      EINVAL, "port: a bind to another's is EINVAL");
	promise_errno(xc_evtchn_alloc_unbound(bed->xc, NO_DOMAIN, 0) < 0, ESRCH,
		      "port: none is allocated for no domain: ESRCH");
	xenevtchn_close(h);
}

static long hold_port(const struct bed *bed, struct guest *g)
{
	return xenevtchn_bind_interdomain(bed_evtchn(bed), g->domid, 1);
}

/* Port 1 of the guest is unbound. */
static void death(const struct bed *bed, struct guest *g)
{
	struct child c = child_start(bed, g, hold_port);
	xenevtchn_handle *h = bed_evtchn(bed);
	xc_evtchn_status_t status;

	promise(c.told > 0, "port: a process binds it");
	promise_errno(xenevtchn_bind_interdomain(h, g->domid, 1) < 0, EINVAL,
		      "port: and nobody else");
	child_kill(&c);
	promise_is(port_state(bed, g->domid, 1, &status), EVTCHNSTAT_unbound,
		   "port: the death of the process unbinds it");
	promise_is(port_state(bed, 0, (uint32_t)c.told, &status),
		   EVTCHNSTAT_closed, "port: and frees the dead one's own");
	promise(xenevtchn_bind_interdomain(h, g->domid, 1) > 0,
		"port: and another may bind it by the same number");
	xenevtchn_close(h);
}

/* Ports below `next` are taken. */
static void limit(const struct bed *bed, const struct guest *g, uint32_t next)
{
	int port;

	do {
		port = xc_evtchn_alloc_unbound(bed->xc, g->domid, 0);
		if (port > 0 && (uint32_t)port != next)
			break;
		next++;
	} while (port > 0);
	promise_errno(port < 0, ENOSPC, "port: at a guest's limit: ENOSPC");
	promise_is(next, GUEST_PORTS + 2,
		   "port: a guest's are given from the lowest to its limit");
}

static long hold_virq(const struct bed *bed, struct guest *g)
{
	(void)g;
	return xenevtchn_bind_virq(bed_evtchn(bed), FREE_VIRQ);
}

static void virqs(const struct bed *bed)
{
	xenevtchn_handle *h = bed_evtchn(bed), *other = bed_evtchn(bed);
	int port = xenevtchn_bind_virq(h, FREE_VIRQ);
	xc_evtchn_status_t status;
	struct child c;

	promise(port > 0, "virq: one is bound");
	promise(port_state(bed, 0, (uint32_t)port, &status) ==
				EVTCHNSTAT_virq &&
			status.u.virq == FREE_VIRQ,
		"virq: to that port");
	promise_is(event_next(h), 0, "virq: the bind does not ring");
	promise_errno(xenevtchn_bind_virq(other, FREE_VIRQ) < 0, EEXIST,
		      "virq: it has one owner: EEXIST");
	promise_is(xenevtchn_notify(h, (uint32_t)port), 0,
		   "virq: to notify by it is no error");
	promise_is(event_next(h), 0, "virq: nor does it ring");
	xenevtchn_unbind(h, (uint32_t)port);
	promise(xenevtchn_bind_virq(other, FREE_VIRQ) > 0,
		"virq: unbound, it may be bound by another");
	xenevtchn_close(other);
	c = child_start(bed, NULL, hold_virq);
	promise_errno(xenevtchn_bind_virq(h, FREE_VIRQ) < 0, EEXIST,
		      "virq: also of another process");
	child_kill(&c);
	promise(xenevtchn_bind_virq(h, FREE_VIRQ) > 0,
		"virq: whose death gives it back");
	promise_errno(xenevtchn_bind_virq(h, VIRQ_DOM_EXC) < 0, EEXIST,
		      "virq: the domains' is xenstored's");
	promise_errno(xenevtchn_bind_virq(h, NR_VIRQS) < 0, EINVAL,
		      "virq: one that is none is EINVAL");
	xenevtchn_close(h);
}

static void restricted(const struct bed *bed, const struct guest *g)
{
	xenevtchn_handle *h = bed_evtchn(bed);
	int port;

	promise_errno(xenevtchn_restrict(h, 0) < 0, EINVAL,
		      "restrict: to dom0 is EINVAL");
	promise_is(xenevtchn_restrict(h, (domid_t)g->domid), 0,
		   "restrict: to a guest");
	port = xenevtchn_bind_interdomain(h, g->domid, 1);
	promise(port > 0, "restrict: that guest's port can be bound");
	promise_is(event_next(h), port, "restrict: and rings");
	promise_is(xenevtchn_notify(h, (uint32_t)port), 0,
		   "restrict: and can be notified");
	promise_errno(xenevtchn_bind_unbound_port(h, g->domid) < 0, EACCES,
		      "restrict: an unbound port, even for it, is EACCES");
	promise_errno(xenevtchn_bind_interdomain(h, 0, 1) < 0, EACCES,
		      "restrict: a bind to another is EACCES");
	promise_errno(xenevtchn_bind_virq(h, FREE_VIRQ) < 0, EACCES,
		      "restrict: a virq is EACCES");
	promise_errno(xenevtchn_restrict(h, (domid_t)g->domid) < 0, EACCES,
		      "restrict: a second time is EACCES");
	xenevtchn_close(h);
}

static void guest_gone(const struct bed *bed, struct guest *g, uint32_t port)
{
	xenevtchn_handle *h = bed_evtchn(bed);
	int local = xenevtchn_bind_interdomain(h, g->domid, port);
	xc_evtchn_status_t status;

	promise_is(event_next(h), local, "port: dom0's is rung by the bind");
	guest_destroy(g);
	promise_is(port_state(bed, 0, (uint32_t)local, &status),
		   EVTCHNSTAT_unbound,
		   "port: the guest's destruction unbinds dom0's end");
	promise_is(xenevtchn_notify(h, (uint32_t)local), 0,
		   "port: to notify a guest that is gone is no error");
	promise_is(xenevtchn_unbind(h, (uint32_t)local), 0,
		   "port: and it can be closed");
	xenevtchn_close(h);
}

void suite_bindings(const struct bed *bed)
{
	struct guest *g = guest_new(bed);
	uint32_t port = guest_port(g);

	promise_is(port, 1, "port: a guest's first is 1");
	bound_once(bed, g->domid, port);
	misuse(bed, g);
	death(bed, g);
	restricted(bed, g);
	virqs(bed);
	limit(bed, g, 3);
	guest_gone(bed, g, 1);
	guest_free(g);
}
