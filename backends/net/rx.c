/* SPDX-License-Identifier: MIT */
/*
 * Host to guest: the receive ring, served one bounded pass at a time, by its
 * own queue from the tap and by others from their guests' pages.
 */
#include "rx.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/err.h"
#include "chan/figures.h"
#include "chan/msg.h"
#include "chan/net_figures.h"
#include "direct.h"
#include "port.h"
#include "rx_ring.h"
#include "rx_stall.h"
#include "source.h"
#include "terms.h"
#include "vif.h"

#define LOCK_NS 200000 /* see lock_soon */

/*
 * Between two passes no frame is anywhere but in the tap, or held in the
 * source. The lock is for all of it, but for the stall, which is written by
 * the queue's own thread, with the lock.
 */
struct rx {
	pthread_mutex_t lock;
	struct vif *vif;	     /* borrowed */
	struct net_figures *figures; /* borrowed */
	struct rx_ring ring;
	struct source source;
	struct rx_stall stall;
	bool broken; /* nobody answers it any more */
};

struct rx *rx_open(struct vif *vif, uint32_t ring_ref, struct err *e)
{
	struct rx *rx = calloc(1, sizeof(*rx));

	if (!rx) {
		err_set(e, ENOMEM, "no memory for a receive ring");
		return NULL;
	}
	pthread_mutex_init(&rx->lock, NULL);
	rx->vif = vif;
	rx->figures = vif->figures;
	rx_stall_init(&rx->stall, vif->flags & MSG_NET_RX_NOTIFY);
	if (source_open(&rx->source, vif) < 0) {
		err_set(e, ENOMEM, "no memory for frames");
		goto fail;
	}
	if (rx_ring_open(&rx->ring, vif, ring_ref, e) < 0)
		goto fail;
	return rx;

fail:
	rx_close(rx);
	return NULL;
}

void rx_close(struct rx *rx)
{
	if (!rx)
		return;
	rx_ring_close(&rx->ring);
	source_close(&rx->source);
	pthread_mutex_destroy(&rx->lock);
	free(rx);
}

static void drop(struct rx *rx)
{
	figures_add(&rx->figures->rx.dropped, 1);
}

static void deliver(struct rx *rx, struct parcel *p)
{
	const struct direct frame = {
		.head = p->data,
		.arena = &rx->source.arena,
		.head_size = p->size,
		.size = p->size,
		.marks = &p->marks,
	};

	rx_ring_put(&rx->ring, &frame, &p->shape);
}

static int act(struct rx *rx, struct port *port, struct err *e)
{
	if (rx->ring.n_jobs == 0)
		return 0;
	if (rx_ring_act(&rx->ring, port, e) < 0)
		return -e->code;
	if (rx_stall_end(&rx->stall))
		log_limited(&rx->vif->limit,
			    "%s: the guest makes room for frames again",
			    rx->vif->name);
	return 0;
}

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* Asks the guest to ring when there are so many slots; looks once more. */
static int wait_for_slots(struct rx *rx, unsigned int slots, struct err *e)
{
	int rc;

	rx->ring.shared->req_event = rx->ring.back.req_cons + slots;
	xen_mb(); /* the guest sees that before we look at its producer */
	rc = rx_ring_waiting(&rx->ring, e);
	if (rc < 0)
		return rc;
	if ((unsigned int)rc >= slots)
		return RX_AGAIN;
	if (!rx_stall_wait(&rx->stall, slots, now_ms()))
		return RX_WAIT_SLOTS;
	source_drop(&rx->source);
	drop(rx);
	figures_add(&rx->figures->stalled, 1);
	log_limited(&rx->vif->limit,
		    "%s: the guest makes no room for frames: they are dropped",
		    rx->vif->name);
	return RX_AGAIN;
}

/*
 * Plans deliveries until the tap is empty, the pass full, or a frame needs
 * more slots than there are: it is then held. Returns how many slots to wait
 * for, 0 or more; or -errno with *e set.
 */
static int plan(struct rx *rx, unsigned int slots, struct err *e)
{
	unsigned int left = RX_FRAMES;

	while (left--) {
		struct parcel p;
		unsigned int needed;
		int rc = source_next(&rx->source, &p, e);

		if (rc == -EAGAIN)
			continue;
		if (rc == -EINVAL) {
			drop(rx);
			continue;
		}
		if (rc <= 0)
			return rc;
		needed = p.shape.n_data + p.shape.n_extras;
		if (needed <= slots) {
			deliver(rx, &p);
			slots -= needed;
		} else if (rx_stall_drops(&rx->stall, needed)) {
			drop(rx);
		} else {
			source_hold(&rx->source, &p);
			return (int)needed;
		}
	}
	return 0;
}

static int pass(struct rx *rx, struct port *port, struct err *e)
{
	int slots = rx_ring_waiting(&rx->ring, e);
	int needed;

	if (slots < 0)
		return slots;
	rx_stall_offer(&rx->stall, (unsigned int)slots);
	rx_ring_begin(&rx->ring);
	source_begin(&rx->source);
	needed = plan(rx, (unsigned int)slots, e);
	if (needed < 0)
		return needed;
	if (act(rx, port, e) < 0)
		return -e->code;
	if (needed)
		return wait_for_slots(rx, (unsigned int)needed, e);
	return source_has_more(&rx->source) ? RX_AGAIN : RX_WAIT_TAP;
}

int rx_pass(struct rx *rx, struct port *port, struct err *e)
{
	int rc;

	pthread_mutex_lock(&rx->lock);
	rc = pass(rx, port, e);
	rx->broken = rc < 0;
	pthread_mutex_unlock(&rx->lock);
	return rc;
}

unsigned int rx_look_ms(const struct rx *rx)
{
	return rx_stall_look_ms(&rx->stall, now_ms());
}

/* ---- in the threads of other vifs ---- */

/*
 * Frames are waiting here for slots, and come first: or else a guest that
 * sends much directly would starve everybody who does not.
 */
static bool others_wait(struct rx *rx)
{
	return rx->broken || rx->stall.waiting || rx->stall.stalled ||
	       source_has_some(&rx->source);
}

/*
 * Whether the guest takes the frame as it is. It is not changed for it here:
 * a checksum to be completed would need the rest, and what is to be cut is cut
 * on the tap's way.
 */
static bool takes(const struct rx *rx, const struct direct *f,
		  struct rx_shape *shape)
{
	const uint32_t flags = rx->vif->flags;

	if (f->marks->csum.state == FRAME_CSUM_BLANK &&
	    !rx_shape_may_stay_blank(flags, f->head, f->head_size,
				     &f->marks->csum))
		return false;
	return rx_shape_find(shape, flags, terms_headroom(rx->vif->terms),
			     f->head, f->size, f->marks) == 0;
}

static void take(struct rx *rx, struct direct *const *frames, unsigned int n,
		 unsigned int slots)
{
	unsigned int i;

	rx_ring_begin(&rx->ring);
	for (i = 0; i < n && i < RX_FRAMES; i++) {
		struct rx_shape shape;

		if (!takes(rx, frames[i], &shape) ||
		    shape.n_data + shape.n_extras > slots)
			return;
		slots -= shape.n_data + shape.n_extras;
		rx_ring_put(&rx->ring, frames[i], &shape);
	}
}

/*
 * The queue's own thread comes first, and is seldom long: a sender does not
 * wait for it longer than for a few frames, and then goes by the tap. Should
 * somebody set the clock meanwhile, it waits for a whole pass at most. (Of
 * pthread_mutex_clocklock ThreadSanitizer does not know that it locks.)
 */
static bool lock_soon(struct rx *rx)
{
	struct timespec until;

	if (pthread_mutex_trylock(&rx->lock) == 0)
		return true;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += LOCK_NS;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	return pthread_mutex_timedlock(&rx->lock, &until) == 0;
}

void rx_take(struct rx *rx, struct port *port, struct direct *const *frames,
	     unsigned int n)
{
	unsigned int i;
	struct err e;
	int slots;

	if (!lock_soon(rx))
		return;
	/* Of a frame by the tap it is told the hash, if it wants that. */
	slots = others_wait(rx) || source_hashes(&rx->source)
			? 0
			: rx_ring_waiting(&rx->ring, &e);
	if (slots > 0) {
		take(rx, frames, n, (unsigned int)slots);
		/* A ring or a port out of order is its own thread's to find. */
		rx_ring_act(&rx->ring, port, &e);
		for (i = 0; i < rx->ring.n_jobs; i++) {
			frames[i]->delivered = rx->ring.jobs[i].ok;
			figures_add(&rx->figures->rx.direct,
				    rx->ring.jobs[i].ok);
		}
	}
	pthread_mutex_unlock(&rx->lock);
}

bool rx_is_drained(struct rx *rx)
{
	struct pollfd tap = {.fd = rx->vif->tap, .events = POLLIN};
	bool drained;

	if (!lock_soon(rx))
		return false;
	drained = !others_wait(rx) && poll(&tap, 1, 0) == 0;
	pthread_mutex_unlock(&rx->lock);
	return drained;
}
