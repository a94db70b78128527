/* SPDX-License-Identifier: MIT */
/* Requests in, answers out, and what an answer must be like. */
#include "tests/sim/guest/blk_queue.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "base/err.h"
#include "tests/sim/guest/blk.h"
#include "tests/sim/guest/events.h"
#include "tests/sim/guest/grants.h"
#include "tests/sim/guest/guest.h"
#include "tests/sim/lib/link.h"

#define ANSWER_MS 15000

static struct blk_flight *queue_flight(struct blk_queue *q, uint64_t id)
{
	unsigned int i;

	for (i = 0; i < BLK_ENTRIES_MAX; i++)
		if (q->flights[i].busy && q->flights[i].id == id)
			return &q->flights[i];
	return NULL;
}

static void queue_on_answer(struct blk_queue *q, const struct blk_answer *a)
{
	struct blk_flight *f = queue_flight(q, a->id);
	unsigned int i;

	if (q->blk->racing)
		return;
	/* Of several of one id, the one that waits. */
	for (i = 0; f && f->answered && i < BLK_ENTRIES_MAX; i++)
		if (q->flights[i].busy && q->flights[i].id == a->id &&
		    !q->flights[i].answered)
			f = &q->flights[i];
	if (!f || f->answered) {
		bus_blame(&q->blk->bus,
			  "an answer that nobody waits for, id %llu",
			  (unsigned long long)a->id);
		return;
	}
	f->answered = true;
	f->status = a->status;
	if (a->operation != f->operation)
		bus_blame(&q->blk->bus, "operation %u answered as %u",
			  f->operation, a->operation);
	if (a->padding)
		bus_blame(&q->blk->bus,
			  "an answer's padding is not zero (XSA-216)");
}

static void on_port(void *arg)
{
	struct blk_queue *q = arg;
	struct blk_answer a;
	uint8_t slot[BLK_SLOT_BYTES_MAX];
	int rc;

	do {
		while ((rc = front_take(&q->ring, slot, q->ring.slot_bytes)) >
		       0) {
			blk_abi_get(q->blk->want.abi, slot, &a);
			if (q->taker)
				q->taker(q, &a);
			else
				queue_on_answer(q, &a);
		}
		if (rc < 0 && !q->blk->racing)
			bus_blame(&q->blk->bus, "more answers than requests");
	} while (rc == 0 && front_rest(&q->ring));
}

static int queue_open_pages(struct blk *b, struct blk_queue *q)
{
	uint64_t frames[1 << BLK_ORDER_MAX];
	unsigned int n = 1u << b->want.order;

	for (q->n_pages = 0; q->n_pages < n; q->n_pages++) {
		void *page = guest_page_new(b->guest);

		if (!page)
			return -ENOMEM;
		frames[q->n_pages] = guest_page_frame(b->guest, page);
		q->pages[q->n_pages] = page;
		q->refs[q->n_pages] =
			grants_give(b->guest->grants, frames[q->n_pages], 0);
		if (!q->refs[q->n_pages]) {
			guest_page_free(b->guest, page);
			return -ENOSPC;
		}
	}
	q->view = link_map(b->guest->link, NULL, PROT_READ | PROT_WRITE, n,
			   frames);
	return q->view ? 0 : -errno;
}

int blk_queue_open(struct blk *b, struct blk_queue *q, struct err *e)
{
	int rc;

	memset(q, 0, sizeof(*q));
	q->blk = b;
	rc = queue_open_pages(b, q);
	if (rc == 0)
		rc = events_new(b->guest->events, on_port, q);
	if (rc < 0) {
		err_errno(e, -rc, "%s: cannot open a ring", b->bus.front);
		blk_queue_close(q);
		return rc;
	}
	q->port = (uint32_t)rc;
	front_init(&q->ring, q->view, (size_t)q->n_pages * XC_PAGE_SIZE,
		   blk_abi_slot_bytes(b->want.abi));
	return 0;
}

void blk_queue_close(struct blk_queue *q)
{
	struct guest *g;

	if (!q->blk)
		return;
	g = q->blk->guest;
	if (q->port)
		events_free(g->events, q->port);
	if (q->view)
		munmap(q->view, (size_t)q->n_pages * XC_PAGE_SIZE);
	while (q->n_pages > 0) {
		q->n_pages--;
		if (grants_end(g->grants, q->refs[q->n_pages]) == 0)
			guest_page_free(g, q->pages[q->n_pages]);
		else
			bus_blame(&q->blk->bus,
				  "its ring is still mapped (XSA-396)");
	}
	q->view = NULL;
	q->port = 0;
	q->blk = NULL;
}

int blk_queue_put(struct blk_queue *q, const struct blk_wire *w)
{
	unsigned int i = 0;

	while (i < BLK_ENTRIES_MAX && q->flights[i].busy)
		i++;
	if (i == BLK_ENTRIES_MAX || front_room(&q->ring) == 0)
		return -ENOSPC;
	q->flights[i] = (struct blk_flight){
		.busy = true,
		.id = w->id,
		/* Linux's both ends have it so, an old front end insists. */
		.operation = w->operation == BLKIF_OP_INDIRECT ? w->segments
							       : w->operation,
	};
	blk_abi_put(q->blk->want.abi, front_put(&q->ring), w);
	return 0;
}

void blk_queue_push(struct blk_queue *q)
{
	if (front_push(&q->ring) || q->blk->racing)
		events_notify(q->blk->guest->events, q->port);
}

struct hope {
	const struct blk *blk;
	const struct blk_flight *flight;
};

static bool queue_is_over(void *arg)
{
	const struct hope *hope = arg;

	return hope->flight->answered || bus_is_refused(&hope->blk->bus);
}

int blk_queue_wait(struct blk_queue *q, uint64_t id, int16_t *status,
		   struct err *e)
{
	struct blk_flight *f = queue_flight(q, id);
	struct hope hope = {q->blk, f};

	if (!f)
		return err_set(e, ENOENT, "no request %llu",
			       (unsigned long long)id);
	if (guest_wait(q->blk->guest, queue_is_over, &hope, ANSWER_MS) < 0)
		return err_set(e, ETIMEDOUT,
			       "%s: request %llu was not answered in %u ms",
			       q->blk->bus.front, (unsigned long long)id,
			       ANSWER_MS);
	if (!f->answered)
		return err_set(e, EPIPE, "%s: the back end has given it up",
			       q->blk->bus.front);
	*status = f->status;
	f->busy = false;
	return 0;
}

int blk_queue_ask(struct blk_queue *q, const struct blk_wire *w,
		  int16_t *status, struct err *e)
{
	int rc = blk_queue_put(q, w);

	if (rc < 0)
		return err_errno(e, -rc, "%s: no room for a request",
				 q->blk->bus.front);
	blk_queue_push(q);
	return blk_queue_wait(q, w->id, status, e);
}

static bool queue_is_empty(void *arg)
{
	struct blk_queue *q = arg;

	if (q->blk->racing)
		on_port(q); /* we cannot rely on being told */
	return front_room(&q->ring) == q->ring.entries ||
	       bus_is_refused(&q->blk->bus);
}

int blk_queue_wait_all(struct blk_queue *q, struct err *e)
{
	uint32_t left;

	blk_queue_push(q);
	if (guest_wait(q->blk->guest, queue_is_empty, q, ANSWER_MS) == 0)
		return bus_is_refused(&q->blk->bus)
			       ? err_set(e, EPIPE,
					 "%s: the back end has given it up",
					 q->blk->bus.front)
			       : 0;
	left = q->ring.entries - front_room(&q->ring);
	return err_set(e, ETIMEDOUT, "%s: %u requests are not answered",
		       q->blk->bus.front, left);
}
