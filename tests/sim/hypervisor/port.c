/* SPDX-License-Identifier: MIT */
/*
 * Event channels: the ports of a domain, as Xen keeps them (alloc, bind, send,
 * close of common/event_channel.c) and as Linux's evtchn device hands them to
 * a program (one owner a port, masked from delivery until unmasked). The
 * errors are the ones those two give.
 */
#include "tests/sim/hypervisor/hypervisor.h"

#include <errno.h>
#include <string.h>

static struct port *port_at(struct domain *d, uint32_t port)
{
	if (!d || port >= PORTS || d->ports[port].state == PORT_FREE)
		return NULL;
	return &d->ports[port];
}

static struct port *port_of_client(struct client *c, uint32_t port)
{
	struct port *p = port_at(client_domain(c), port);

	return p && p->owner == c ? p : NULL;
}

/* The lowest free one, as Xen takes it; port 0 is never given out. */
static int port_find_free(const struct domain *d)
{
	uint32_t port;

	if (d->dying)
		return -EINVAL;
	for (port = 1; port < PORTS && port <= d->max_evtchn_port; port++)
		if (d->ports[port].state == PORT_FREE)
			return (int)port;
	return -ENOSPC;
}

static void port_raise(struct domain *d, uint32_t port)
{
	struct port *p = &d->ports[port];

	if (p->masked || !p->owner) {
		p->pending = true;
		return;
	}
	p->masked = true;
	client_deliver(p->owner, port);
}

/* What was never delivered stays pending, as in Xen. */
static void port_unbind_peer(const struct port *p)
{
	struct port *peer =
		port_at(domain_find(p->remote_domid), p->remote_port);

	if (p->state != PORT_INTERDOMAIN || !peer)
		return;
	peer->state = PORT_UNBOUND; /* and for the same remote_domid */
	peer->remote_port = 0;
}

static void port_close(struct port *p)
{
	if (p->holds) {
		p->owner = NULL;
		p->closing = true;
		return;
	}
	port_unbind_peer(p);
	*p = (struct port){.state = PORT_FREE};
}

int port_alloc_unbound(struct domain *d, uint32_t remote_domid,
		       struct client *owner)
{
	int port;

	if (!d)
		return -ESRCH;
	if (owner && client_ports(owner)->restricted)
		return -EACCES; /* even for the one domain */
	port = port_find_free(d);
	if (port < 0)
		return port;
	d->ports[port] = (struct port){.state = PORT_UNBOUND,
				       .owner = owner,
				       .remote_domid = remote_domid};
	return port;
}

int port_bind_interdomain(struct client *c, uint32_t domid, uint32_t port)
{
	struct domain *d = client_domain(c);
	struct domain *remote = domain_find(domid);
	const struct port_client *own = client_ports(c);
	struct port *peer = port_at(remote, port);
	int local;

	if (own->restricted && own->domid != domid)
		return -EACCES;
	if (!d || !remote)
		return -ESRCH;
	local = port_find_free(d);
	if (local < 0)
		return local;
	if (!peer || peer->state != PORT_UNBOUND ||
	    peer->remote_domid != d->domid)
		return -EINVAL;

	peer->state = PORT_INTERDOMAIN;
	peer->remote_port = (uint32_t)local;
	d->ports[local] = (struct port){.state = PORT_INTERDOMAIN,
					.owner = c,
					.remote_domid = domid,
					.remote_port = port};
	/* What was sent to the unbound end is lost: Xen rings to be safe. */
	port_raise(d, (uint32_t)local);
	return local;
}

static uint32_t port_of_virq(const struct domain *d, uint32_t virq)
{
	uint32_t port;

	for (port = 1; port < PORTS; port++)
		if (d->ports[port].state == PORT_VIRQ &&
		    d->ports[port].virq == virq)
			return port;
	return 0;
}

int port_bind_virq(struct client *c, uint32_t virq)
{
	struct domain *d = client_domain(c);
	int port;

	if (!d)
		return -ESRCH;
	if (client_ports(c)->restricted)
		return -EACCES;
	if (virq >= NR_VIRQS)
		return -EINVAL;
	if (port_of_virq(d, virq))
		return -EEXIST;
	port = port_find_free(d);
	if (port < 0)
		return port;
	d->ports[port] =
		(struct port){.state = PORT_VIRQ, .owner = c, .virq = virq};
	return port;
}

int port_unbind(struct client *c, uint32_t port)
{
	struct port *p = port_of_client(c, port);

	if (port >= EVTCHN_FIFO_NR_CHANNELS)
		return -EINVAL;
	if (!p)
		return -ENOTCONN;
	port_close(p);
	return 0;
}

void port_ring(struct domain *d, uint32_t port)
{
	const struct port *p = port_at(d, port);
	struct domain *remote;

	if (!p || p->state != PORT_INTERDOMAIN)
		return; /* sent to nobody, which Linux does not report */
	remote = domain_find(p->remote_domid);
	if (port_at(remote, p->remote_port))
		port_raise(remote, p->remote_port);
}

int port_notify(struct client *c, uint32_t port)
{
	if (!port_of_client(c, port))
		return -ENOTCONN;
	port_ring(client_domain(c), port);
	return 0;
}

int port_unmask(struct client *c, uint32_t port)
{
	struct port *p = port_of_client(c, port);

	if (!p || !p->masked)
		return 0;
	if (p->pending) {
		p->pending = false;
		client_deliver(c, port);
	} else {
		p->masked = false;
	}
	return 0;
}

int port_adopt(struct client *c, uint32_t port)
{
	struct domain *d = client_domain(c);
	struct port *p = port_at(d, port);

	if (!p)
		return -EINVAL;
	if (p->owner)
		return -EBUSY;
	p->owner = c;
	p->adopted = true;
	p->masked = false;
	if (p->pending) {
		p->pending = false;
		port_raise(d, port);
	}
	return 0;
}

int port_restrict(struct client *c, uint32_t domid)
{
	struct port_client *own = client_ports(c);

	if (own->restricted)
		return -EACCES;
	if (!domid || domid >= DOMID_FIRST_RESERVED)
		return -EINVAL;
	own->restricted = true;
	own->domid = domid;
	return 0;
}

int port_hold(struct domain *d, uint32_t port)
{
	struct port *p = port_at(d, port);

	if (!p || !p->owner)
		return -EINVAL;
	p->holds++;
	return 0;
}

void port_let_go(struct domain *d, uint32_t port)
{
	struct port *p = port_at(d, port);

	if (p && --p->holds == 0 && p->closing)
		port_close(p);
}

int port_status(const struct domain *d, struct evtchn_status *status)
{
	const struct port *p;

	if (!d)
		return -ESRCH;
	if (status->port >= PORTS)
		return -EINVAL;
	p = &d->ports[status->port];
	status->vcpu = 0;
	switch (p->state) {
	case PORT_FREE:
		status->status = EVTCHNSTAT_closed;
		break;
	case PORT_UNBOUND:
		status->status = EVTCHNSTAT_unbound;
		status->u.unbound.dom = (domid_t)p->remote_domid;
		break;
	case PORT_INTERDOMAIN:
		status->status = EVTCHNSTAT_interdomain;
		status->u.interdomain.dom = (domid_t)p->remote_domid;
		status->u.interdomain.port = p->remote_port;
		break;
	case PORT_VIRQ:
		status->status = EVTCHNSTAT_virq;
		status->u.virq = p->virq;
		break;
	}
	return 0;
}

/* A port that was only adopted waits for the next who does. */
static void port_disown(struct port *p)
{
	if (!p->adopted) {
		port_close(p);
		return;
	}
	p->owner = NULL;
	p->adopted = false;
}

void port_close_all_of_client(struct client *c)
{
	struct domain *d = client_domain(c);
	uint32_t port;

	for (port = 1; d && port < PORTS; port++)
		if (d->ports[port].state != PORT_FREE &&
		    d->ports[port].owner == c)
			port_disown(&d->ports[port]);
}

void port_close_all_of_domain(struct domain *d)
{
	uint32_t port;

	for (port = 1; port < PORTS; port++) {
		d->ports[port].holds = 0;
		if (d->ports[port].state != PORT_FREE)
			port_close(&d->ports[port]);
	}
}

void port_raise_virq(uint32_t virq)
{
	struct domain *dom0 = domain_find(0);
	uint32_t port = dom0 ? port_of_virq(dom0, virq) : 0;

	if (port)
		port_raise(dom0, port);
}

uint32_t port_count(const struct domain *d)
{
	uint32_t port, n = 0;

	for (port = 1; port < PORTS; port++)
		n += d->ports[port].state != PORT_FREE;
	return n;
}
