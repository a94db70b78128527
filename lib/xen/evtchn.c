/* SPDX-License-Identifier: MIT */
/* Event channels on a libevent loop. */
#include "xen/evtchn.h"
#include "xen/abi.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <event2/event.h>

#include "base/err.h"
#include "base/log.h"

struct binding {
	LIST_ENTRY(binding) link;
	uint32_t port;
	evtchn_cb *cb;
	void *arg;
};

struct evtchn {
	xenevtchn_handle *handle; /* owned */
	struct event *readable;	  /* owned */
	LIST_HEAD(, binding) bindings;
	struct log_limit limit;
};

static struct binding *binding_find(struct evtchn *ec, uint32_t port)
{
	struct binding *b;

	LIST_FOREACH(b, &ec->bindings, link)
		if (b->port == port)
			return b;
	return NULL;
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct evtchn *ec = arg;
	xenevtchn_port_or_error_t port = xenevtchn_pending(ec->handle);
	struct binding *b;

	(void)fd;
	(void)what;
	if (port < 0) {
		if (errno != EAGAIN && errno != EINTR)
			log_limited(&ec->limit, "event channels: cannot read");
		return;
	}
	b = binding_find(ec, (uint32_t)port);
	/* An event may have been queued before its port was unbound. */
	if (b)
		b->cb(b->port, b->arg);
}

struct evtchn *evtchn_open(struct event_base *base, struct err *e)
{
	struct evtchn *ec = calloc(1, sizeof(*ec));

	if (!ec) {
		err_set(e, ENOMEM, "no memory for event channels");
		return NULL;
	}
	LIST_INIT(&ec->bindings);
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
	struct binding *b;

	if (!ec)
		return;
	if (ec->readable)
		event_free(ec->readable);
	if (ec->handle)
		xenevtchn_close(ec->handle);
	while ((b = LIST_FIRST(&ec->bindings))) {
		LIST_REMOVE(b, link);
		free(b);
	}
	free(ec);
}

int evtchn_restrict(struct evtchn *ec, uint32_t domid, struct err *e)
{
	if (xenevtchn_restrict(ec->handle, (domid_t)domid) < 0)
		return err_errno(e, errno,
				 "cannot restrict event channels to domain %u",
				 domid);
	return 0;
}

int evtchn_bind(struct evtchn *ec, uint32_t domid, uint32_t remote_port,
		evtchn_cb *cb, void *arg, struct err *e)
{
	struct binding *b = calloc(1, sizeof(*b));
	xenevtchn_port_or_error_t port;

	if (!b)
		return err_set(e, ENOMEM, "no memory for a port");
	port = xenevtchn_bind_interdomain(ec->handle, domid, remote_port);
	if (port < 0) {
		int code = errno;

		free(b);
		return err_errno(e, code, "cannot bind port %u of domain %u",
				 remote_port, domid);
	}
	b->port = (uint32_t)port;
	b->cb = cb;
	b->arg = arg;
	LIST_INSERT_HEAD(&ec->bindings, b, link);
	return port;
}

void evtchn_unbind(struct evtchn *ec, uint32_t port)
{
	struct binding *b = binding_find(ec, port);

	if (!b)
		return;
	LIST_REMOVE(b, link);
	free(b);
	if (xenevtchn_unbind(ec->handle, port) < 0)
		log_limited(&ec->limit, "cannot unbind port %u", port);
}

int evtchn_unmask(struct evtchn *ec, uint32_t port)
{
	return xenevtchn_unmask(ec->handle, port) < 0 ? -errno : 0;
}

int evtchn_notify(struct evtchn *ec, uint32_t port)
{
	return xenevtchn_notify(ec->handle, port) < 0 ? -errno : 0;
}
