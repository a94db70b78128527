/* SPDX-License-Identifier: MIT */
/* Starting and stopping one disk. */
#include "device.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <event2/event.h>

#include "base/err.h"
#include "base/log.h"
#include "base/scope.h"
#include "image.h"
#include "journal.h"
#include "queue.h"

static const struct timeval stop_limit = {.tv_sec = 10};

/*
 * IDLE → SERVING → STOPPING → STOPPED; SERVING → BROKEN when the guest or the
 * kernel makes it impossible to go on; any but STOPPED → STOPPING.
 */
enum device_state {
	DEVICE_IDLE,
	DEVICE_SERVING,
	DEVICE_BROKEN,
	DEVICE_STOPPING,
	DEVICE_STOPPED,
};

struct device {
	struct worker *worker;	/* borrowed */
	struct queue *queue;	/* owned */
	struct event *too_long; /* owned: stopping takes too long */
	struct journal journal; /* owned */
	int image;		/* owned, or -1 */
	enum device_state state;
	uint32_t domid;
	char name[32]; /* "d3/vbd-51712" */
};

static void device_end(struct device *dev)
{
	if (dev->state != DEVICE_STOPPING)
		return;
	dev->state = DEVICE_STOPPED;
	queue_detach(dev->queue);
	log_info("%s: stopped", dev->name);
	worker_say(dev->worker, MSG_STOPPED, dev->domid);
	worker_stop(dev->worker);
}

static void on_failed(const struct err *e, void *arg)
{
	struct device *dev = arg;

	if (dev->state == DEVICE_SERVING)
		dev->state = DEVICE_BROKEN;
	log_error("%s: %s", dev->name, e->text);
	worker_say_failed(dev->worker, dev->domid, e);
}

static void on_drained(void *arg)
{
	device_end(arg);
}

static const struct queue_ops queue_ops = {on_failed, on_drained};

static void on_too_long(evutil_socket_t fd, short what, void *arg)
{
	struct device *dev = arg;

	(void)fd;
	(void)what;
	log_error("%s: %u requests have not ended in %lld s, left behind",
		  dev->name, queue_busy(dev->queue),
		  (long long)stop_limit.tv_sec);
	device_end(dev);
}

struct device *device_new(struct worker *w, struct err *e)
{
	struct device *dev = calloc(1, sizeof(*dev));

	if (!dev) {
		err_set(e, ENOMEM, "no memory for a device");
		return NULL;
	}
	dev->worker = w;
	dev->image = -1;
	snprintf(dev->name, sizeof(dev->name), "idle");
	dev->too_long = evtimer_new(w->base, on_too_long, dev);
	if (!dev->too_long) {
		err_set(e, ENOMEM, "no memory for an event");
		goto fail;
	}
	dev->queue = queue_new(w->base, &queue_ops, dev, e);
	if (!dev->queue)
		goto fail;
	return dev;

fail:
	device_free(dev);
	return NULL;
}

void device_free(struct device *dev)
{
	if (!dev)
		return;
	queue_free(dev->queue);
	if (dev->too_long)
		event_free(dev->too_long);
	journal_close(&dev->journal);
	fd_drop(&dev->image);
	free(dev);
}

static int device_try(struct device *dev, const struct msg_blk_start *start,
		      int image, int journal, struct err *e)
{
	const struct queue_peer peer = {
		.name = dev->name,
		.domid = start->domid,
		.port = start->port,
		.n_pages = 1,
		.refs = {start->ring_ref},
		.image = image,
		.journal = &dev->journal.queue[0],
		.limits =
			{
				.sectors = start->sectors,
				.read_only = start->flags & MSG_BLK_READ_ONLY,
			},
	};
	const struct journal_geometry geometry = {
		.queues = 1,
		.requests = peer.n_pages * BLK_RING_ENTRIES,
	};
	bool direct;

	if (start->flags & ~MSG_BLK_READ_ONLY)
		return err_set(e, EINVAL, "unknown flags %#x", start->flags);
	if (image_check(image, &peer.limits, &direct, e) < 0 ||
	    journal_open(&dev->journal, journal, &geometry, start->generation,
			 e) < 0 ||
	    queue_attach(dev->queue, &peer, e) < 0)
		return -e->code;
	log_info("%s: serving %llu sectors, %s, %s", dev->name,
		 (unsigned long long)start->sectors,
		 peer.limits.read_only ? "read-only" : "writable",
		 direct ? "direct" : "through the page cache");
	return 0;
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
	if (device_try(dev, start, fds[0], fds[1], &e) < 0) {
		log_error("%s: %s", dev->name, e.text);
		worker_say_failed(dev->worker, dev->domid, &e);
		return;
	}
	dev->image = fd_take(&fds[0]);
	dev->state = DEVICE_SERVING;
	worker_say(dev->worker, MSG_BLK_SERVING, dev->domid);
}

void device_stop(struct device *dev)
{
	if (dev->state >= DEVICE_STOPPING)
		return;
	dev->state = DEVICE_STOPPING;
	event_add(dev->too_long, &stop_limit);
	queue_drain(dev->queue);
}

bool device_is_idle(const struct device *dev)
{
	return dev->state == DEVICE_IDLE;
}
