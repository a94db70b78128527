/* SPDX-License-Identifier: MIT */
/* Event channels on a libevent loop, the bindings in an array by port. */
#include "xen/evtchn.h"
#include "xen/abi.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <event2/event.h>

#include "base/err.h"
#include "base/log.h"

struct binding {
	evtchn_cb *cb; /* NULL: not bound */
	void *arg;
};

struct evtchn {
	xenevtchn_handle *handle; /* owned */
	struct event *readable;	  /* owned */
	uint32_t restricted_to;	  /* 0: to nobody */
	struct binding *bindings; /* owned; indexed by local port */
	uint32_t ports;		  /* how many there are */
	struct log_limit limit;
};

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct evtchn *ec = arg;
	xenevtchn_port_or_error_t port = xenevtchn_pending(ec->handle);
	struct binding b;

	(void)fd;
	(void)what;
	if (port < 0) {
		if (errno != EAGAIN && errno != EINTR)
			log_limited(&ec->limit, "event channels: cannot read");
		return;
	}
	/* An event may have been queued before its port was unbound. */
	if ((uint32_t)port >= ec->ports || !ec->bindings[port].cb)
		return;
	b = ec->bindings[port]; /* the array may move when b.cb binds */
	b.cb((uint32_t)port, b.arg);
}

struct evtchn *evtchn_open(struct event_base *base, struct err *e)
{
	struct evtchn *ec = calloc(1, sizeof(*ec));

	if (!ec) {
		err_set(e, ENOMEM, "no memory for event channels");
		return NULL;
	}
	ec->handle = xenevtchn_open(NULL, 0);
	if (!ec->handle) {
		err_errno(e, errno, "cannot open the event-channel device");
		goto fail;
	}
	ec->readable = event_new(base, xenevtchn_fd(ec->handle),
				 EV_READ | EV_PERSIST, on_readable, ec);
	if (!ec->readable || event_add(ec->readable, NULL) < 0) {
		err_set(e, ENOMEM, "no memory for an event");
		goto fail;
	}
	return ec;

fail:
	evtchn_close(ec);
	return NULL;
}

void evtchn_close(struct evtchn *ec)
{
	if (!ec)
		return;
	if (ec->readable)
		event_free(ec->readable);
	if (ec->handle)
		xenevtchn_close(ec->handle);
	free(ec->bindings);
	free(ec);
}

/* Makes room for a port. 0 or -ENOMEM. */
static int bindings_reach(struct evtchn *ec, uint32_t port)
{
	uint32_t ports = ec->ports ? ec->ports : 64;
	struct binding *grown;

	if (port < ec->ports)
		return 0;
	while (ports <= port)
		ports *= 2; /* a port is under 2^17 */
	grown = realloc(ec->bindings, ports * sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	memset(grown + ec->ports, 0, (ports - ec->ports) * sizeof(*grown));
	ec->bindings = grown;
	ec->ports = ports;
	return 0;
}

int evtchn_restrict(struct evtchn *ec, uint32_t domid, struct err *e)
{
	/* The kernel takes it once; 0 is nobody's back end's guest. */
	if (domid && ec->restricted_to == domid)
		return 0;
	if (xenevtchn_restrict(ec->handle, (domid_t)domid) < 0)
		return err_errno(e, errno,
				 "cannot restrict event channels to domain %u",
				 domid);
	ec->restricted_to = domid;
	return 0;
}

int evtchn_bind(struct evtchn *ec, uint32_t domid, uint32_t remote_port,
		evtchn_cb *cb, void *arg, struct err *e)
{
	xenevtchn_port_or_error_t port;

	port = xenevtchn_bind_interdomain(ec->handle, domid, remote_port);
	if (port < 0)
		return err_errno(e, errno, "cannot bind port %u of domain %u",
				 remote_port, domid);
	if (bindings_reach(ec, (uint32_t)port) < 0) {
		xenevtchn_unbind(ec->handle, (evtchn_port_t)port);
		return err_set(e, ENOMEM, "no memory for a port");
	}
	ec->bindings[port].cb = cb;
	ec->bindings[port].arg = arg;
	return port;
}

int evtchn_unbind(struct evtchn *ec, uint32_t port)
{
	if (port >= ec->ports || !ec->bindings[port].cb)
		return 0;
	ec->bindings[port].cb = NULL;
	if (xenevtchn_unbind(ec->handle, port) < 0) {
		int code = errno;

		log_limited(&ec->limit, "cannot unbind port %u", port);
		return -code;
	}
	return 0;
}

int evtchn_unmask(struct evtchn *ec, uint32_t port)
{
	return xenevtchn_unmask(ec->handle, port) < 0 ? -errno : 0;
}

int evtchn_notify(struct evtchn *ec, uint32_t port)
{
	return xenevtchn_notify(ec->handle, port) < 0 ? -errno : 0;
}
