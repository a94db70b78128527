/* SPDX-License-Identifier: MIT */
/*
 * Starting and stopping one virtual interface. All of its queues are threads,
 * the first one too: so the main loop has time for xnd and for the control
 * ring whatever the guest does, and no queue is a special case. It costs a
 * vif of one queue a thread, and no switch between threads a frame: each
 * sleeps on its own event channels and its own tap.
 */
#include "device.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <event2/event.h>

#include "base/clock.h"
#include "base/err.h"
#include "chan/figures.h"
#include "chan/net_figures.h"
#include "base/log.h"
#include "base/scope.h"
#include "ctrl.h"
#include "inbox.h"
#include "keeper.h"
#include "start.h"
#include "tap.h"
#include "terms.h"
#include "thread.h"

/* In the order of the message's descriptors. */
enum { FD_JOURNAL, FD_FIGURES, FD_TAPS };

/*
 * IDLE → STARTING → SERVING → STOPPING → STOPPED; STARTING and SERVING →
 * BROKEN when the guest or the kernel makes it impossible to go on; any but
 * STOPPED → STOPPING.
 */
enum device_state {
	DEVICE_IDLE,
	DEVICE_STARTING,
	DEVICE_SERVING,
	DEVICE_BROKEN,
	DEVICE_STOPPING,
	DEVICE_STOPPED,
};

struct device {
	struct worker *worker;			    /* borrowed */
	struct thread *threads[MSG_NET_QUEUES_MAX]; /* owned */
	unsigned int n_threads;
	int taps[MSG_NET_QUEUES_MAX]; /* owned, or -1 */
	struct ctrl *ctrl;	      /* owned */
	int told;		/* owned: an eventfd that threads write to */
	struct event *changed;	/* owned: and that we listen to */
	struct figures figures; /* owned */
	struct keeper keeper;	/* owned */
	struct terms terms;
	struct inbox inboxes[MSG_NET_QUEUES_MAX]; /* owned */
	bool steers; /* the guest has a say in which queue gets a frame */
	enum device_state state;
	uint32_t domid;
	char name[32]; /* "d3/vif0" */
};

static void device_end(struct device *dev)
{
	dev->state = DEVICE_STOPPED;
	log_info("%s: stopped", dev->name);
	worker_say(dev->worker, MSG_STOPPED, dev->domid);
	worker_stop(dev->worker);
}

static bool all_are(const struct device *dev, enum loop_state state)
{
	unsigned int i;

	for (i = 0; i < dev->n_threads; i++)
		if (loop_state(thread_loop(dev->threads[i])) != LOOP_IDLE &&
		    loop_state(thread_loop(dev->threads[i])) != state)
			return false;
	return true;
}

static const struct err *first_failure(const struct device *dev)
{
	const struct err *e = NULL;
	unsigned int i;

	for (i = 0; i < dev->n_threads && !e; i++)
		e = loop_failure(thread_loop(dev->threads[i]));
	return e;
}

static void stop_all(struct device *dev)
{
	unsigned int i;

	ctrl_detach(dev->ctrl);
	for (i = 0; i < dev->n_threads; i++)
		loop_stop(thread_loop(dev->threads[i]));
}

/* One queue of a vif is of no use without the others. */
static void device_break(struct device *dev, const struct err *e)
{
	log_error("%s: %s", dev->name, e->text);
	worker_say_failed(dev->worker, dev->domid, e);
	dev->state = DEVICE_BROKEN;
	stop_all(dev);
}

static bool device_is_up(const struct device *dev)
{
	return dev->state == DEVICE_STARTING || dev->state == DEVICE_SERVING;
}

static void on_ctrl_failed(const struct err *e, void *arg)
{
	struct device *dev = arg;

	if (device_is_up(dev))
		device_break(dev, e);
}

static void on_changed(evutil_socket_t fd, short what, void *arg)
{
	struct device *dev = arg;
	const struct err *failure = first_failure(dev);
	eventfd_t n;

	(void)what;
	eventfd_read(fd, &n);
	if (failure && device_is_up(dev))
		device_break(dev, failure);
	if (dev->state == DEVICE_STARTING && all_are(dev, LOOP_SERVING)) {
		dev->state = DEVICE_SERVING;
		worker_say(dev->worker, MSG_NET_SERVING, dev->domid);
	}
	if (dev->state == DEVICE_STOPPING && all_are(dev, LOOP_ENDED))
		device_end(dev);
	if (!dev->worker->chan && device_is_idle(dev))
		worker_stop(dev->worker);
}

static int open_threads(struct device *dev, unsigned int n_queues,
			struct err *e)
{
	while (dev->n_threads < n_queues) {
		struct thread *t = thread_new(dev->told, e);

		if (!t)
			return -e->code;
		dev->threads[dev->n_threads++] = t;
	}
	return 0;
}

struct device *device_new(struct worker *w, unsigned int n_queues,
			  struct err *e)
{
	struct device *dev = calloc(1, sizeof(*dev));
	unsigned int i;

	if (!dev) {
		err_set(e, ENOMEM, "no memory for a device");
		return NULL;
	}
	dev->worker = w;
	for (i = 0; i < MSG_NET_QUEUES_MAX; i++)
		dev->taps[i] = -1;
	pthread_mutex_init(&dev->terms.lock, NULL);
	pthread_mutex_init(&dev->keeper.lock, NULL);
	snprintf(dev->name, sizeof(dev->name), "idle");
	dev->told = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	dev->changed = event_new(w->base, dev->told, EV_READ | EV_PERSIST,
				 on_changed, dev);
	if (dev->told < 0 || !dev->changed ||
	    event_add(dev->changed, NULL) < 0) {
		err_set(e, ENOMEM, "no memory for an event");
		goto fail;
	}
	dev->ctrl = ctrl_new(w->base, on_ctrl_failed, dev, e);
	if (!dev->ctrl || open_threads(dev, n_queues, e) < 0)
		goto fail;
	return dev;

fail:
	device_free(dev);
	return NULL;
}

void device_free(struct device *dev)
{
	unsigned int i;

	if (!dev)
		return;
	for (i = 0; i < dev->n_threads; i++)
		loop_give_up(thread_loop(dev->threads[i]));
	while (dev->n_threads > 0)
		thread_free(dev->threads[--dev->n_threads]);
	ctrl_free(dev->ctrl);
	if (dev->changed)
		event_free(dev->changed);
	for (i = 0; dev->steers && i < MSG_NET_QUEUES_MAX; i++)
		inbox_close(&dev->inboxes[i]);
	keeper_close(&dev->keeper);
	figures_close(&dev->figures);
	pthread_mutex_destroy(&dev->keeper.lock);
	pthread_mutex_destroy(&dev->terms.lock);
	fd_drop(&dev->told);
	for (i = 0; i < MSG_NET_QUEUES_MAX; i++)
		fd_drop(&dev->taps[i]);
	free(dev);
}

/* Queues that the guest does not use give back what they have opened. */
static void drop_unused(struct device *dev, unsigned int n_queues)
{
	while (dev->n_threads > n_queues)
		thread_free(dev->threads[--dev->n_threads]);
}

static int prepare_taps(struct device *dev, const struct msg_net_start *start,
			struct err *e)
{
	unsigned int i;

	for (i = 0; i < start->n_queues; i++)
		if (tap_prepare(dev->taps[i], start->flags, e) < 0)
			return -e->code;
	return 0;
}

/* A guest without a control ring, or with one queue, has no say. */
static int open_inboxes(struct device *dev, const struct msg_net_start *start,
			struct err *e)
{
	unsigned int i;

	if (!(start->flags & MSG_NET_CTRL) || start->n_queues == 1)
		return 0;
	dev->steers = true;
	for (i = 0; i < start->n_queues; i++)
		if (inbox_open(&dev->inboxes[i]) < 0)
			return err_set(e, ENOMEM,
				       "no memory for frames between queues");
	return 0;
}

static int start_queues(struct device *dev, const struct msg_net_start *start,
			struct err *e)
{
	struct vif vif = {
		.domid = start->domid,
		.flags = start->flags,
		.n_queues = start->n_queues,
		.inboxes = dev->steers ? dev->inboxes : NULL,
		.resumed = start->generation > 1,
		.terms = &dev->terms,
		.keeper = &dev->keeper,
	};
	struct queue_wires wires;
	unsigned int i;

	snprintf(vif.name, sizeof(vif.name), "%s", dev->name);
	for (i = 0; i < start->n_queues; i++) {
		vif.queue = i;
		vif.tap = dev->taps[i];
		vif.figures = (struct net_figures *)dev->figures.queues + i;
		start_wires(start, i, &wires);
		if (thread_start(dev->threads[i], i, &vif, &wires, e) < 0)
			return -e->code;
	}
	return 0;
}

static int start_ctrl(struct device *dev, const struct msg_net_start *start,
		      struct err *e)
{
	const struct ctrl_peer peer = {
		.name = dev->name,
		.domid = start->domid,
		.port = start->ctrl_port,
		.ring_ref = start->ctrl_ring_ref,
		.n_queues = start->n_queues,
		.resumed = start->generation > 1,
		.keeper = &dev->keeper,
	};

	if (!(start->flags & MSG_NET_CTRL))
		return 0;
	return ctrl_attach(dev->ctrl, &peer, e);
}

static int device_try(struct device *dev, const struct msg_net_start *start,
		      const int *fds, struct err *e)
{
	if (start_check(start, dev->n_threads, e) < 0 ||
	    figures_open(&dev->figures, fds[FD_FIGURES], start->n_queues,
			 sizeof(struct net_figures), e) < 0 ||
	    keeper_open(&dev->keeper, fds[FD_JOURNAL], start->n_queues, e) <
		    0 ||
	    prepare_taps(dev, start, e) < 0 || open_inboxes(dev, start, e) < 0)
		return -e->code;
	drop_unused(dev, start->n_queues);
	if (start_ctrl(dev, start, e) < 0 || start_queues(dev, start, e) < 0)
		return -e->code;
	log_info("%s: %u queues%s%s", dev->name, start->n_queues,
		 start->flags & MSG_NET_CTRL ? ", control ring" : "",
		 start->generation > 1 ? ", resumed" : "");
	return 0;
}

void device_start(struct device *dev, const struct msg_net_start *start,
		  int *fds)
{
	struct err e;
	unsigned int i;

	if (dev->state != DEVICE_IDLE) {
		log_error("%s: told to start again", dev->name);
		return;
	}
	dev->domid = start->domid;
	snprintf(dev->name, sizeof(dev->name), "d%u/vif%u", start->domid,
		 start->devid);
	/* As many as there are queues, says msg_check. */
	for (i = 0; i < start->n_queues; i++)
		dev->taps[i] = fd_take(&fds[FD_TAPS + i]);
	dev->state = DEVICE_STARTING;
	if (device_try(dev, start, fds, &e) < 0)
		device_break(dev, &e);
}

void device_set_terms(struct device *dev, const struct msg_net_terms *terms)
{
	struct err e;
	unsigned int i;

	if (terms_set(&dev->terms, terms, clock_ns(), &e) < 0) {
		log_error("%s: %s", dev->name, e.text);
		return;
	}
	for (i = 0; i < dev->n_threads; i++)
		loop_look_again(thread_loop(dev->threads[i]));
}

void device_stop(struct device *dev)
{
	if (dev->state >= DEVICE_STOPPING)
		return;
	dev->state = DEVICE_STOPPING;
	stop_all(dev);
	if (all_are(dev, LOOP_ENDED))
		device_end(dev);
}

bool device_is_idle(const struct device *dev)
{
	return dev->state == DEVICE_IDLE ||
	       (dev->state == DEVICE_BROKEN && all_are(dev, LOOP_ENDED));
}
