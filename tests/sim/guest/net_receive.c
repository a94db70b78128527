/* SPDX-License-Identifier: MIT */
/* Slots posted, and what comes in them put together to frames. */
#include "tests/sim/guest/net_queue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/guest/events.h"
#include "tests/sim/guest/guest.h"
#include "tests/sim/guest/net.h"

int net_queue_post(struct net_queue *q, uint16_t id, uint32_t ref)
{
	const struct netif_rx_request req = {.id = id, .gref = ref};

	if (front_room(&q->rx) == 0)
		return -ENOSPC;
	q->rx_ids[q->rx.put % NET_SLOTS] = id;
	memcpy(front_put(&q->rx), &req, sizeof(req));
	return 0;
}

static void rx_push(struct net_queue *q)
{
	if (front_push(&q->rx))
		events_notify(q->net->guest->events, q->rx_port);
}

static void frame_clear(struct net_frame *f)
{
	free(f->data);
	*f = (struct net_frame){0};
}

/* The oldest makes room for the newest. */
static void frame_keep(struct net_queue *q)
{
	struct net_frame oldest;

	if (q->n_frames == NET_KEPT && net_queue_take(q, &oldest))
		frame_clear(&oldest);
	q->frames[q->n_frames++] = q->part;
	q->part = (struct net_frame){0};
}

static void rx_collect(struct net_queue *q, const struct netif_rx_response *rsp)
{
	const uint8_t *page = q->rx_pages[rsp->id].data;
	uint8_t *more;

	if (rsp->status < 0) {
		q->part_bad = true;
		return;
	}
	if (rsp->offset > XC_PAGE_SIZE ||
	    (uint32_t)rsp->status > XC_PAGE_SIZE - rsp->offset ||
	    q->part.size + (uint32_t)rsp->status > NET_FRAME_MAX) {
		bus_blame(&q->net->bus, "a received slot leaves its page");
		q->part_bad = true;
		return;
	}
	more = realloc(q->part.data, q->part.size + (size_t)rsp->status + 1);
	if (!more) {
		q->part_bad = true;
		return;
	}
	if (!q->part.data) {
		q->part.flags = rsp->flags;
		q->part.offset = rsp->offset;
	}
	q->part.data = more;
	memcpy(more + q->part.size, page + rsp->offset, (size_t)rsp->status);
	q->part.size += (uint32_t)rsp->status;
}

static void extra_collect(struct net_queue *q, const void *slot)
{
	struct netif_extra_info extra;

	memcpy(&extra, slot, sizeof(extra));
	q->extra_next = extra.flags & XEN_NETIF_EXTRA_FLAG_MORE;
	if (extra.type == 0 || extra.type >= NET_EXTRAS)
		bus_blame(&q->net->bus, "extra information of type %u",
			  extra.type);
	else if (q->part.extras[extra.type].type)
		bus_blame(&q->net->bus, "extra information of type %u twice",
			  extra.type);
	else
		q->part.extras[extra.type] = extra;
}

static void frame_finish(struct net_queue *q)
{
	if (q->part_bad) {
		q->rx_errors++;
		frame_clear(&q->part);
	} else {
		frame_keep(q);
	}
	q->part_bad = false;
}

/* In the slots' order: id is of the one that was posted in this place. */
static void rx_answer(struct net_queue *q, const struct netif_rx_response *rsp,
		      uint16_t id)
{
	if (q->extra_next) {
		extra_collect(q, rsp);
		if (!q->extra_next && !q->part_more)
			frame_finish(q);
		return;
	}
	if (rsp->id != id) {
		bus_blame(&q->net->bus,
			  "slot %u was received in where %u was posted",
			  rsp->id, id);
		return;
	}
	rx_collect(q, rsp);
	q->part_more = rsp->flags & NETRXF_more_data;
	q->extra_next = rsp->flags & NETRXF_extra_info;
	if (!q->part_more && !q->extra_next)
		frame_finish(q);
}

static void rx_post_again(struct net_queue *q, uint16_t id)
{
	if (q->hoards && q->n_hoarded < NET_SLOTS)
		q->hoarded[q->n_hoarded++] = id;
	else
		net_queue_post(q, id, q->rx_pages[id].ref);
}

void net_queue_hoard(struct net_queue *q, bool hoards)
{
	q->hoards = hoards;
	while (!hoards && q->n_hoarded > 0) {
		uint16_t id = q->hoarded[--q->n_hoarded];

		net_queue_post(q, id, q->rx_pages[id].ref);
	}
	rx_push(q);
}

void net_receive(void *arg)
{
	struct net_queue *q = arg;
	struct netif_rx_response rsp;
	uint16_t id;
	int rc;

	do {
		while ((rc = front_take(&q->rx, &rsp, sizeof(rsp))) > 0) {
			id = q->rx_ids[(q->rx.seen - 1) % NET_SLOTS];
			if (!q->net->racing)
				rx_answer(q, &rsp, id);
			rx_post_again(q, id);
		}
		if (rc < 0 && !q->net->racing)
			bus_blame(&q->net->bus, "more rx answers than slots");
		rx_push(q);
	} while (rc == 0 && front_rest(&q->rx));
}

bool net_queue_take(struct net_queue *q, struct net_frame *frame)
{
	if (q->n_frames == 0)
		return false;
	*frame = q->frames[0];
	q->n_frames--;
	memmove(q->frames, q->frames + 1, q->n_frames * sizeof(q->frames[0]));
	return true;
}

void net_receive_end(struct net_queue *q)
{
	struct net_frame frame;

	while (net_queue_take(q, &frame))
		frame_clear(&frame);
	frame_clear(&q->part);
}
