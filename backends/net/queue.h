/* SPDX-License-Identifier: MIT */
/*
 * A pair of rings, one each way, with its event channels and its tap, on one
 * event loop: it decides what runs when. It owns its handles, so that each
 * queue can have a thread and a loop of its own.
 */
#ifndef XN_NET_QUEUE_H
#define XN_NET_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

struct direct;
struct err;
struct event_base;
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
 * still on the stack: detach it from elsewhere.
 */
typedef void queue_failed_cb(const struct err *e, void *arg);

/*
 * Opens its handles; to be called before confinement. base and arg are
 * borrowed. NULL with *e set.
 */
struct queue *queue_new(struct event_base *base, queue_failed_cb *on_failed,
			void *arg, struct err *e);

/* NULL is fine. */
void queue_free(struct queue *q);

/*
 * Maps both rings, binds the ports and serves. vif is copied, all but its
 * gnttab, which is the queue's. From here on the queue belongs to the calling
 * thread. 0; or -errno with *e set, and it is detached.
 */
int queue_attach(struct queue *q, const struct vif *vif,
		 const struct queue_wires *wires, struct err *e);

/* The vif's terms have changed. Fine when detached. */
void queue_look_again(struct queue *q);

/*
 * Unbinds and unmaps. Fine when detached. Its vif is no member (fdb.h) any
 * more.
 */
void queue_detach(struct queue *q);

/* ---- from the threads of other vifs, while its own is a member ---- */

/* rx_take and rx_is_drained. */
void queue_take(struct queue *q, struct direct *const *frames, unsigned int n);
bool queue_is_drained(struct queue *q);

#endif
