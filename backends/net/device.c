/* SPDX-License-Identifier: MIT */
/* One virtual interface from start to stop: its tap, its name, its queue. */
#include "device.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <event2/event.h>

#include "base/err.h"
#include "base/scope.h"
#include "chan/msg.h"
#include "queue.h"
#include "tap.h"
#include "vif.h"
#include "xen/evtchn.h"

struct device {
	struct vif vif;
	struct queue *queue; /* owned; NULL once it has failed */
	struct event *reap;  /* owned; closes a failed queue off its stack */
	struct err why;
	device_failed_cb *on_failed;
	void *arg;
};

static void on_queue_failed(const struct err *e, void *arg)
{
	const struct timeval now = {0, 0};
	struct device *d = arg;

	d->why = *e;
	err_wrap(&d->why, "%s", d->vif.name);
	event_add(d->reap, &now);
}

static void on_reap(evutil_socket_t fd, short what, void *arg)
{
	struct device *d = arg;

	(void)fd;
	(void)what;
	queue_close(d->queue);
	d->queue = NULL;
	d->on_failed(&d->why, d->arg);
}

struct device *device_open(struct event_base *base, struct evtchn *ec,
			   xengnttab_handle *gnttab,
			   const struct msg_net_start *start, int tap,
			   device_failed_cb *on_failed, void *arg,
			   struct err *e)
{
	const struct queue_wires wires = {
		.tx_ring_ref = start->queues[0].tx_ring_ref,
		.rx_ring_ref = start->queues[0].rx_ring_ref,
		.tx_port = start->queues[0].tx_port,
		.rx_port = start->queues[0].rx_port,
	};
	struct device *d = calloc(1, sizeof(*d));

	if (!d) {
		close(tap);
		err_set(e, ENOMEM, "no memory for a device");
		return NULL;
	}
	snprintf(d->vif.name, sizeof(d->vif.name), "d%u/vif%u", start->domid,
		 start->devid);
	d->vif.domid = start->domid;
	d->vif.flags = start->flags;
	d->vif.gnttab = gnttab;
	d->vif.tap = tap;
	d->on_failed = on_failed;
	d->arg = arg;
	d->reap = evtimer_new(base, on_reap, d);
	if (!d->reap) {
		err_set(e, ENOMEM, "no memory for an event");
		goto fail;
	}
	if (start->n_queues != 1) {
		err_set(e, EPROTO, "START names %u queues, there can be 1",
			start->n_queues);
		goto fail;
	}
	if (tap_prepare(tap, e) < 0 || evtchn_restrict(ec, d->vif.domid, e) < 0)
		goto fail;
	d->queue = queue_open(base, ec, &d->vif, &wires, on_queue_failed, d, e);
	if (!d->queue)
		goto fail;
	return d;

fail:
	err_wrap(e, "%s", d->vif.name);
	device_close(d);
	return NULL;
}

void device_close(struct device *d)
{
	if (!d)
		return;
	queue_close(d->queue);
	if (d->reap)
		event_free(d->reap);
	fd_drop(&d->vif.tap);
	free(d);
}
