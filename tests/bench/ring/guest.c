/* SPDX-License-Identifier: MIT */
/* The same load through a ring: a page of the guest's for each request. */
#include "tests/bench/ring/work.h"

#include <errno.h>
#include <stdlib.h>

#include "base/err.h"
#include "tests/sim/guest/blk.h"
#include "tests/sim/guest/blk_io.h"
#include "tests/sim/guest/events.h"
#include "tests/sim/guest/guest.h"

#define SECTORS	  (WORK_BYTES / 512)
#define ANSWER_MS 10000

/* Pages stay granted throughout: to grant them is the guest's time. */
struct load {
	const struct work *work;
	struct blk *blk;
	struct blk_page *pages[WORK_DEPTH_MAX]; /* by a request's id */
	uint64_t idle[WORK_DEPTH_MAX];		/* ids not in flight */
	unsigned int n_idle;
	uint64_t seed;
	int64_t done;
	int16_t status; /* the last one that was not OKAY */
};

static void on_answer(struct blk_queue *q, const struct blk_answer *a)
{
	struct load *l = q->taker_arg;

	if (a->id >= l->work->depth || a->status != BLKIF_RSP_OKAY ||
	    l->n_idle == l->work->depth) {
		l->status = BLKIF_RSP_ERROR;
		return;
	}
	l->idle[l->n_idle++] = a->id;
	l->done++;
}

/* As many as there can be. */
static void load_fill(struct load *l, struct blk_queue *q)
{
	struct blk_wire w = {
		.operation = l->work->write ? BLKIF_OP_WRITE : BLKIF_OP_READ,
		.segments = 1,
		.seg = {{.first_sect = 0, .last_sect = SECTORS - 1}},
	};

	if (l->n_idle == 0)
		return;
	while (l->n_idle > 0) {
		w.id = l->idle[--l->n_idle];
		w.sector = work_block(l->work, &l->seed) * SECTORS;
		w.seg[0].gref = l->pages[w.id]->ref;
		blk_abi_put(l->blk->want.abi, front_put(&q->ring), &w);
	}
	blk_queue_push(q);
}

static int load_run(struct load *l, struct blk_queue *q, struct err *e)
{
	struct events *events = l->blk->guest->events;
	uint64_t end = work_now_ms() + l->work->ms;

	load_fill(l, q);
	while (l->n_idle < l->work->depth) {
		int rc = events_turn(events, ANSWER_MS);

		if (rc == 0)
			return err_set(e, ETIMEDOUT, "no answer in %u ms",
				       ANSWER_MS);
		if (rc < 0)
			return err_errno(e, -rc, "no events any more");
		if (l->status)
			return err_set(e, EIO, "a request failed");
		if (work_now_ms() < end)
			load_fill(l, q);
	}
	return 0;
}

static int load_get_pages(struct load *l, struct err *e)
{
	while (l->n_idle < l->work->depth) {
		l->pages[l->n_idle] = blk_io_get(l->blk, true);
		if (!l->pages[l->n_idle])
			return err_set(e, ENOMEM, "the guest has no pages");
		l->idle[l->n_idle] = l->n_idle;
		l->n_idle++;
	}
	return 0;
}

int64_t work_ring(struct blk *b, const struct work *w, struct err *e)
{
	struct load l = {.work = w, .blk = b, .seed = 0x9e3779b97f4a7c15u};
	struct blk_queue *q = &b->queues[0];
	unsigned int i;
	int rc = load_get_pages(&l, e);

	q->taker = on_answer;
	q->taker_arg = &l;
	if (rc == 0)
		rc = load_run(&l, q, e);
	q->taker = NULL;
	for (i = 0; i < WORK_DEPTH_MAX; i++)
		if (rc == 0)
			blk_io_put(b, l.pages[i]);
	return rc < 0 ? rc : l.done;
}
