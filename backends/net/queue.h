/* SPDX-License-Identifier: MIT */
/*
 * A pair of rings, one each way, with its event channels and its tap, on one
 * event loop: it decides what runs when.
 */
#ifndef XN_NET_QUEUE_H
#define XN_NET_QUEUE_H

#include <stdint.h>

struct err;
struct event_base;
struct evtchn;
struct queue;
struct vif;

/* What a frontend wrote about one queue. */
struct queue_wires {
	uint32_t tx_ring_ref;
	uint32_t rx_ring_ref;
	uint32_t tx_port;
	uint32_t rx_port; /* equal when the frontend does not split them */
};

/*
 * The queue cannot be served any more, for the reason in *e: a lying ring,
 * or no tap. Called once; nothing of the queue runs afterwards, but it is
 * still on the stack: close it from elsewhere.
 */
typedef void queue_failed_cb(const struct err *e, void *arg);

/*
 * Maps both rings, binds the ports and serves. base, ec, vif and arg are
 * borrowed. NULL with *e set.
 */
struct queue *queue_open(struct event_base *base, struct evtchn *ec,
			 struct vif *vif, const struct queue_wires *wires,
			 queue_failed_cb *on_failed, void *arg, struct err *e);

/* Unbinds and unmaps. NULL is fine. */
void queue_close(struct queue *q);

#endif
