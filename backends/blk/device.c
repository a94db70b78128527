/* SPDX-License-Identifier: MIT */
/* Starting and stopping one disk, whose queues are threads. */
#include "device.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <event2/event.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/scope.h"
#include "caps.h"
#include "figures.h"
#include "image.h"
#include "journal.h"
#include "server.h"
#include "start.h"
#include "store.h"
#include "thread.h"

/* In the order of the message's descriptors. */
enum { FD_JOURNAL, FD_FIGURES, FD_IMAGE };

static const struct timeval stop_limit = {.tv_sec = 10};

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
	struct thread *threads[MSG_BLK_QUEUES_MAX]; /* owned */
	unsigned int n_threads;
	int told;		/* owned: an eventfd that they write to */
	struct event *changed;	/* owned: and that we listen to */
	struct event *too_long; /* owned: stopping takes too long */
	struct journal journal; /* owned */
	struct figures figures; /* owned */
	struct caps caps;
	struct server *server; /* owned */
	int image;	       /* owned, or -1 */
	enum device_state state;
	uint32_t domid;
	char name[32]; /* "d3/vbd-51712" */
};

static void device_end(struct device *dev)
{
	if (dev->state != DEVICE_STOPPING)
		return;
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

/* One queue of a disk is of no use without the others. */
static void device_break(struct device *dev, const struct err *e)
{
	unsigned int i;

	log_error("%s: %s", dev->name, e->text);
	worker_say_failed(dev->worker, dev->domid, e);
	dev->state = DEVICE_BROKEN;
	for (i = 0; i < dev->n_threads; i++)
		loop_stop(thread_loop(dev->threads[i]));
}

static void on_changed(evutil_socket_t fd, short what, void *arg)
{
	struct device *dev = arg;
	const struct err *failure = first_failure(dev);
	eventfd_t n;

	(void)what;
	eventfd_read(fd, &n);
	if (failure &&
	    (dev->state == DEVICE_STARTING || dev->state == DEVICE_SERVING))
		device_break(dev, failure);
	if (dev->state == DEVICE_STARTING && all_are(dev, LOOP_SERVING)) {
		dev->state = DEVICE_SERVING;
		worker_say(dev->worker, MSG_BLK_SERVING, dev->domid);
	}
	if (dev->state == DEVICE_SERVING)
		server_look(dev->server);
	if (dev->state == DEVICE_STOPPING && all_are(dev, LOOP_ENDED))
		device_end(dev);
}

static void on_too_long(evutil_socket_t fd, short what, void *arg)
{
	struct device *dev = arg;
	unsigned int i;

	(void)fd;
	(void)what;
	log_error("%s: requests have not ended in %lld s, left behind",
		  dev->name, (long long)stop_limit.tv_sec);
	for (i = 0; i < dev->n_threads; i++)
		loop_give_up(thread_loop(dev->threads[i]));
}

struct device *device_new(struct worker *w, unsigned int n_queues,
			  struct err *e)
{
	struct device *dev = calloc(1, sizeof(*dev));

	if (!dev) {
		err_set(e, ENOMEM, "no memory for a device");
		return NULL;
	}
	dev->worker = w;
	dev->image = -1;
	pthread_mutex_init(&dev->caps.lock, NULL);
	snprintf(dev->name, sizeof(dev->name), "idle");
	dev->told = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	dev->too_long = evtimer_new(w->base, on_too_long, dev);
	dev->changed = event_new(w->base, dev->told, EV_READ | EV_PERSIST,
				 on_changed, dev);
	dev->server = server_new(w, dev->told);
	if (dev->told < 0 || !dev->too_long || !dev->changed || !dev->server ||
	    event_add(dev->changed, NULL) < 0) {
		err_set(e, ENOMEM, "no memory for an event");
		goto fail;
	}
	while (dev->n_threads < n_queues) {
		struct thread *t = thread_new(dev->told, e);

		if (!t)
			goto fail;
		dev->threads[dev->n_threads++] = t;
	}
	return dev;

fail:
	device_free(dev);
	return NULL;
}

void device_free(struct device *dev)
{
	if (!dev)
		return;
	while (dev->n_threads > 0) {
		struct thread *t = dev->threads[--dev->n_threads];

		loop_give_up(thread_loop(t));
		thread_free(t);
	}
	if (dev->changed)
		event_free(dev->changed);
	if (dev->too_long)
		event_free(dev->too_long);
	server_free(dev->server);
	journal_close(&dev->journal);
	figures_close(&dev->figures);
	pthread_mutex_destroy(&dev->caps.lock);
	fd_drop(&dev->told);
	fd_drop(&dev->image);
	free(dev);
}

/* Queues that the guest does not use give back what they have opened. */
static void drop_unused(struct device *dev, unsigned int n_queues)
{
	while (dev->n_threads > n_queues)
		thread_free(dev->threads[--dev->n_threads]);
}

/* Its descriptor is of no more use: who has none cannot make it longer. */
static int device_open_journal(struct device *dev,
			       const struct msg_blk_start *start, int *fd,
			       struct err *e)
{
	const struct journal_geometry geometry = {
		.queues = start->n_queues,
		.requests = start->ring_pages * BLK_RING_ENTRIES,
	};
	scoped_fd file = fd_take(fd);

	return journal_open(&dev->journal, file, &geometry, start->generation,
			    e);
}

/* What the requests go to, of the three kinds; *how says so for the log. */
static int device_find_image(struct device *dev,
			     const struct msg_blk_start *start,
			     struct queue_peer *peer, const char **how,
			     struct err *e)
{
	bool direct;

	peer->image = dev->image;
	if (start->flags & MSG_BLK_NO_MEDIUM) {
		*how = "no medium";
		return 0;
	}
	if (start->flags & MSG_BLK_NBD) {
		*how = "from a server";
		peer->store = server_start(dev->server, start, dev->name, e);
		return peer->store ? 0 : -e->code;
	}
	if (image_check(dev->image, &peer->limits, &direct, e) < 0)
		return -e->code;
	*how = direct ? "direct" : "through the page cache";
	return 0;
}

/* A store comes with one queue, which takes it. */
static int device_start_queues(struct device *dev,
			       const struct msg_blk_start *start,
			       struct queue_peer *peer, struct err *e)
{
	unsigned int i;

	for (i = 0; i < start->n_queues; i++) {
		start_peer(start, i, peer);
		peer->journal = &dev->journal.queue[i];
		peer->figures = (struct blk_figures *)dev->figures.queues + i;
		if (thread_start(dev->threads[i], i, peer, e) == 0)
			continue;
		if (peer->store)
			peer->store->ops->close(peer->store);
		return -e->code;
	}
	return 0;
}

static int device_try(struct device *dev, const struct msg_blk_start *start,
		      int *fds, struct err *e)
{
	struct queue_peer peer = {.name = dev->name, .caps = &dev->caps};
	const char *how;

	if (start_check(start, dev->n_threads, e) < 0)
		return -e->code;
	start_limits(start, &peer.limits);
	if (device_open_journal(dev, start, &fds[FD_JOURNAL], e) < 0 ||
	    figures_open(&dev->figures, fds[FD_FIGURES], start->n_queues,
			 sizeof(struct blk_figures), e) < 0 ||
	    device_find_image(dev, start, &peer, &how, e) < 0)
		return -e->code;
	drop_unused(dev, start->n_queues);
	if (device_start_queues(dev, start, &peer, e) < 0)
		return -e->code;
	log_info("%s: %llu sectors, %s, %s, %u queues of %u pages, %s%s",
		 dev->name, (unsigned long long)start->sectors,
		 peer.limits.read_only ? "read-only" : "writable", how,
		 start->n_queues, start->ring_pages,
		 peer.abi == BLK_ABI_X86_32 ? "x86_32" : "x86_64",
		 peer.persistent ? ", persistent grants" : "");
	return 0;
}

void device_open(struct device *dev, const struct msg_blk_open *open, int *fds)
{
	if (dev->state > DEVICE_SERVING)
		log_error("%s: no longer needs a server", dev->name);
	else
		server_open(dev->server, open, fds);
}

void device_start(struct device *dev, const struct msg_blk_start *start,
		  int *fds)
{
	struct err e;

	if (dev->state != DEVICE_IDLE) {
		log_error("%s: told to start again", dev->name);
		return;
	}
	dev->domid = start->domid;
	snprintf(dev->name, sizeof(dev->name), "d%u/vbd-%u", start->domid,
		 start->devid);
	dev->image = fd_take(&fds[FD_IMAGE]);
	dev->state = DEVICE_STARTING;
	if (device_try(dev, start, fds, &e) < 0)
		device_break(dev, &e);
}

void device_set_caps(struct device *dev, const struct msg_blk_caps *caps)
{
	unsigned int i;

	caps_set(&dev->caps, caps->iops, caps->bytes_per_second, clock_ns());
	for (i = 0; i < dev->n_threads; i++)
		loop_look_again(thread_loop(dev->threads[i]));
}

void device_stop(struct device *dev)
{
	unsigned int i;

	if (dev->state >= DEVICE_STOPPING)
		return;
	dev->state = DEVICE_STOPPING;
	event_add(dev->too_long, &stop_limit);
	for (i = 0; i < dev->n_threads; i++)
		loop_stop(thread_loop(dev->threads[i]));
	if (all_are(dev, LOOP_ENDED))
		device_end(dev);
}

bool device_is_idle(const struct device *dev)
{
	return dev->state == DEVICE_IDLE ||
	       (dev->state == DEVICE_BROKEN && all_are(dev, LOOP_ENDED));
}
