/* SPDX-License-Identifier: MIT */
/*
 * libxenevtchn on the simulated hypervisor. The descriptor of a handle is the
 * read end of a pipe of ports: it can be polled and made non-blocking, and is
 * good for nothing else.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>
#include <xenevtchn.h>

#include "tests/sim/lib/link.h"

#define PORTS 4096u /* beyond those, as with others' ports, it has to ask */

/* Of this process. With several, what one posts could overtake another. */
static _Atomic unsigned int handles;

struct xenevtchn_handle {
	struct sim_link *link;
	bool own[PORTS]; /* bound by this handle: what is sent cannot fail */
};

static bool may_post(const xenevtchn_handle *h, evtchn_port_t port)
{
	return handles == 1 && port < PORTS && h->own[port];
}

static int bound(xenevtchn_handle *h, int64_t port)
{
	if (port >= 0 && port < PORTS)
		h->own[port] = true;
	return (int)port;
}

/* XENEVTCHN_NO_CLOEXEC is taken, since xenstored asks for it, and not obeyed:
 * what it would be good for is xenevtchn_fdopen, which is not here. */
xenevtchn_handle *xenevtchn_open(struct xentoollog_logger *logger,
				 unsigned int flags)
{
	xenevtchn_handle *h;

	(void)logger;
	if (flags & ~(unsigned int)XENEVTCHN_NO_CLOEXEC) {
		errno = EINVAL;
		return NULL;
	}
	h = calloc(1, sizeof(*h));
	if (!h)
		return NULL;
	h->link = link_open(SIM_EVTCHN, 0);
	if (!h->link) {
		free(h);
		return NULL;
	}
	handles++;
	return h;
}

xenevtchn_handle *xenevtchn_fdopen(struct xentoollog_logger *logger, int fd,
				   unsigned int flags)
{
	(void)logger;
	(void)fd;
	(void)flags;
	errno = ENOSYS;
	return NULL;
}

int xenevtchn_close(xenevtchn_handle *h)
{
	if (h) {
		handles--;
		link_close(h->link);
	}
	free(h);
	return 0;
}

int xenevtchn_fd(xenevtchn_handle *h)
{
	return link_event_fd(h->link);
}

int xenevtchn_notify(xenevtchn_handle *h, evtchn_port_t port)
{
	if (may_post(h, port))
		return (int)link_post(h->link, SIM_NOTIFY, port);
	return (int)LINK_CALL(h->link, SIM_NOTIFY, port);
}

xenevtchn_port_or_error_t xenevtchn_bind_unbound_port(xenevtchn_handle *h,
						      uint32_t domid)
{
	return bound(h, LINK_CALL(h->link, SIM_BIND_UNBOUND, domid));
}

xenevtchn_port_or_error_t xenevtchn_bind_interdomain(xenevtchn_handle *h,
						     uint32_t domid,
						     evtchn_port_t remote_port)
{
	return bound(h, LINK_CALL(h->link, SIM_BIND_INTERDOMAIN, domid,
				  remote_port));
}

xenevtchn_port_or_error_t xenevtchn_bind_virq(xenevtchn_handle *h,
					      unsigned int virq)
{
	return bound(h, LINK_CALL(h->link, SIM_BIND_VIRQ, virq));
}

int xenevtchn_unbind(xenevtchn_handle *h, evtchn_port_t port)
{
	int r = (int)LINK_CALL(h->link, SIM_UNBIND, port);

	if (r == 0 && port < PORTS)
		h->own[port] = false;
	return r;
}

xenevtchn_port_or_error_t xenevtchn_pending(xenevtchn_handle *h)
{
	uint32_t port;
	ssize_t n = read(link_event_fd(h->link), &port, sizeof(port));

	if (n == sizeof(port))
		return (int)port;
	if (n >= 0)
		errno = EIO; /* the hypervisor is gone */
	return -1;
}

int xenevtchn_unmask(xenevtchn_handle *h, evtchn_port_t port)
{
	if (may_post(h, port))
		return (int)link_post(h->link, SIM_UNMASK, port);
	return (int)LINK_CALL(h->link, SIM_UNMASK, port);
}

int xenevtchn_restrict(xenevtchn_handle *h, domid_t domid)
{
	return (int)LINK_CALL(h->link, SIM_EVTCHN_RESTRICT, domid);
}
