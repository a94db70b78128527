/* SPDX-License-Identifier: MIT */
/* The rings of one network queue, and what goes through them. */
#ifndef XN_SIM_GUEST_NET_QUEUE_H
#define XN_SIM_GUEST_NET_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

#include "xen/abi.h"

struct err;
struct net;
struct net_frame;
struct net_page;
struct net_queue;

/* A granted page. 0 or -errno; flags as of grants_give. */
int net_page_open(struct net *n, struct net_page *page, uint16_t flags);
/* One that is still mapped is a breach. */
void net_page_close(struct net *n, struct net_page *page);

/* With every receive slot posted. 0 or -errno with *e set. */
int net_queue_open(struct net *n, struct net_queue *q, struct err *e);
void net_queue_close(struct net_queue *q);

/* Raw slots: an id of up to NET_SLOTS - 1. -ENOSPC when the ring is full. */
int net_queue_put(struct net_queue *q, const struct netif_tx_request *req);
int net_queue_put_extra(struct net_queue *q,
			const struct netif_extra_info *extra);
void net_queue_push(struct net_queue *q);
/*
 * Turns the loop until all slots are answered. 0; -EPIPE when the back end
 * gives up the device meanwhile, or -ETIMEDOUT, with *e set.
 */
int net_queue_wait(struct net_queue *q, struct err *e);

/* Posts the page of that id for receiving, under any grant. */
int net_queue_post(struct net_queue *q, uint16_t id, uint32_t ref);

/*
 * From now on no slot is posted again after something was received in it; or
 * all of them are, and what comes next.
 */
void net_queue_hoard(struct net_queue *q, bool hoards);

/*
 * Sends a frame from pages of its own, piece bytes in each slot but the last
 * (0: a whole page), and waits for the answer. 0 with *status, or as
 * net_queue_wait.
 */
int net_queue_send(struct net_queue *q, const uint8_t *frame, uint32_t size,
		   uint32_t piece, uint16_t flags, int16_t *status,
		   struct err *e);

/* The same, with extra information behind the first slot, unless NULL. */
int net_queue_send_with(struct net_queue *q, const uint8_t *frame,
			uint32_t size, uint32_t piece, uint16_t flags,
			const struct netif_extra_info *extra, int16_t *status,
			struct err *e);

/* What its port rings for: takes struct net_queue *q. */
void net_receive(void *q);
/* Lets go of frames that were received. */
void net_receive_end(struct net_queue *q);

/* The oldest frame received; the caller frees its data. False: none. */
bool net_queue_take(struct net_queue *q, struct net_frame *frame);

#endif
