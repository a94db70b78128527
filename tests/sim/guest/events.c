/* SPDX-License-Identifier: MIT */
/* Ports by number, and one pipe that says which of them rang. */
#include "tests/sim/guest/events.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "tests/sim/lib/link.h"

#define PORTS 8192u
#define BATCH 64

struct handler {
	events_cb *cb; /* NULL: not ours */
	void *arg;
	bool adopted;
};

struct events {
	struct sim_link *link; /* owned */
	struct handler handlers[PORTS];
};

struct events *events_open(uint32_t domid, struct err *e)
{
	struct events *ev = calloc(1, sizeof(*ev));

	if (!ev) {
		err_set(e, ENOMEM, "no memory for event channels");
		return NULL;
	}
	ev->link = link_open(SIM_EVTCHN, domid);
	if (!ev->link) {
		err_errno(e, errno, "cannot open event channels of domain %u",
			  domid);
		free(ev);
		return NULL;
	}
	return ev;
}

void events_close(struct events *ev)
{
	if (!ev)
		return;
	link_close(ev->link);
	free(ev);
}

int events_fd(const struct events *ev)
{
	return link_event_fd(ev->link);
}

static int events_handle(struct events *ev, uint32_t port, events_cb *cb,
			 void *arg)
{
	if (port >= PORTS)
		return -ERANGE;
	ev->handlers[port] = (struct handler){cb, arg, false};
	return 0;
}

int events_new(struct events *ev, events_cb *cb, void *arg)
{
	int64_t port = LINK_CALL(ev->link, SIM_BIND_UNBOUND, 0);
	int rc;

	if (port < 0)
		return -errno;
	rc = events_handle(ev, (uint32_t)port, cb, arg);
	return rc < 0 ? rc : (int)port;
}

int events_adopt(struct events *ev, uint32_t port, events_cb *cb, void *arg)
{
	int rc = events_handle(ev, port, cb, arg);

	if (rc < 0)
		return rc;
	ev->handlers[port].adopted = true;
	return LINK_CALL(ev->link, SIM_ADOPT, port) < 0 ? -errno : 0;
}

void events_free(struct events *ev, uint32_t port)
{
	if (port >= PORTS || !ev->handlers[port].cb)
		return;
	ev->handlers[port].cb = NULL;
	if (!ev->handlers[port].adopted)
		LINK_CALL(ev->link, SIM_UNBIND, port);
}

int events_notify(struct events *ev, uint32_t port)
{
	if (port < PORTS && ev->handlers[port].cb)
		return link_post(ev->link, SIM_NOTIFY, port) < 0 ? -errno : 0;
	return LINK_CALL(ev->link, SIM_NOTIFY, port) < 0 ? -errno : 0;
}

/* An event may have been queued before its port was freed. */
static int events_run(struct events *ev, uint32_t port)
{
	if (port >= PORTS || !ev->handlers[port].cb)
		return 0;
	link_post(ev->link, SIM_UNMASK, port);
	ev->handlers[port].cb(ev->handlers[port].arg);
	return 1;
}

int events_turn(struct events *ev, int ms)
{
	struct pollfd pipe = {.fd = events_fd(ev), .events = POLLIN};
	uint32_t ports[BATCH];
	ssize_t n, i;
	int ran = 0;
	int r = poll(&pipe, 1, ms);

	if (r <= 0)
		return r < 0 && errno != EINTR ? -errno : 0;
	n = read(pipe.fd, ports, sizeof(ports));
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	if (n == 0)
		return -EPIPE;
	for (i = 0; i < n / (ssize_t)sizeof(ports[0]); i++)
		ran += events_run(ev, ports[i]);
	return ran;
}
