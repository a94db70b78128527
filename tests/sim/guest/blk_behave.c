/* SPDX-License-Identifier: MIT */
/* A disk used as a stock kernel would, in each of the ways that there are. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "tests/sim/guest/blk_io.h"
#include "tests/sim/guest/guest.h"
#include "tests/sim/guest/lie.h"
#include "tests/sim/guest/script.h"
#include "tests/sim/guest/scene.h"

static struct blk *first_disk(struct scene *s)
{
	return s->n_disks ? s->disks[0] : NULL;
}

static int no_disk(struct err *e)
{
	return err_set(e, ENOTSUP, "the guest has no disk");
}

/* What was asked for and not offered, or NULL. */
static const char *missing(const struct blk *b, const struct blk_want *want)
{
	if (b->want.order < want->order)
		return "rings of so many pages";
	if (b->want.queues < want->queues)
		return "so many queues";
	if (want->persistent && !b->want.persistent)
		return "persistent grants";
	if (want->indirect && !b->want.indirect)
		return "indirect segments";
	return NULL;
}

static int moves_data(struct scene *s, struct blk *b, struct err *e)
{
	static const uint32_t counts[] = {1, 7, 8, 88, 89, 333, 2048};
	unsigned int q;
	size_t i;

	for (q = 0; q < b->n_queues; q++)
		for (i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
			if (counts[i] > b->sectors)
				continue;
			if (blk_io_verify(&b->queues[q], q, counts[i],
					  s->seed++, e) < 0 ||
			    blk_io_flush(&b->queues[q], e) < 0)
				return -e->code;
		}
	return 0;
}

static int serves(struct scene *s, const struct step *step, struct err *e)
{
	struct blk *b = first_disk(s);
	const char *lacks;

	if (!b)
		return no_disk(e);
	/* All grants must come back when it is closed. */
	if (blk_disconnect(b, e) < 0 || bus_check(&b->bus, e) < 0)
		return err_wrap(e, "the one before");
	if (blk_prepare(b, &step->blk_want, e) < 0)
		return -e->code;
	lacks = missing(b, &step->blk_want);
	if (lacks)
		return err_set(e, ENOTSUP, "%s are not offered", lacks);
	if (blk_publish(b, NULL, NULL, e) < 0 || blk_settle(b, e) < 0)
		return -e->code;
	return moves_data(s, b, e);
}

/* Segments that begin and end within their pages. */
static int odd_segments(struct scene *s, const struct step *step, struct err *e)
{
	static const struct {
		uint8_t first, last;
	} parts[] = {{3, 5}, {7, 7}, {0, 0}, {0, 7}, {1, 6}};
	const unsigned int n = sizeof(parts) / sizeof(parts[0]);
	struct blk *b = first_disk(s);
	struct blk_wire w = {.operation = BLKIF_OP_READ, .id = 1};
	struct blk_page *pages[sizeof(parts) / sizeof(parts[0])] = {NULL};
	int16_t status = BLKIF_RSP_ERROR;
	unsigned int i;
	int rc = 0;

	(void)step;
	if (!b)
		return no_disk(e);
	for (i = 0; i < n; i++) {
		pages[i] = blk_io_get(b, true);
		if (!pages[i])
			rc = err_set(e, ENOMEM, "no pages");
		else
			w.seg[i].gref = pages[i]->ref;
		w.seg[i].first_sect = parts[i].first;
		w.seg[i].last_sect = parts[i].last;
		if (pages[i])
			pages[i]->data[0] = 0x5a;
	}
	w.segments = (uint8_t)n;
	if (rc == 0)
		rc = blk_queue_ask(&b->queues[0], &w, &status, e);
	if (rc == 0 && status != BLKIF_RSP_OKAY)
		rc = err_set(e, EIO, "status %d", status);
	/* The first byte of the first page was not asked for. */
	if (rc == 0 && pages[0]->data[0] != 0x5a)
		rc = err_set(e, EILSEQ, "a sector that was not asked for");
	for (i = 0; i < n; i++)
		blk_io_put(b, pages[i]);
	return rc;
}

/* One-sector reads of one page in every slot, announced at once. */
static int full_ring(struct scene *s, const struct step *step, struct err *e)
{
	struct blk *b = first_disk(s);
	struct blk_queue *q;
	struct blk_page *page;
	struct blk_wire w = {
		.operation = BLKIF_OP_READ,
		.segments = 1,
	};
	unsigned int i, n;
	int rc = 0;

	if (!b)
		return no_disk(e);
	q = &b->queues[0];
	n = front_room(&q->ring);
	page = blk_io_get(b, true);
	if (!page)
		return err_set(e, ENOMEM, "no pages");
	w.seg[0].gref = page->ref;
	for (i = 0; i < n; i++) {
		/* number 1: two of every id; 0: ids of any bits */
		w.id = step->number ? i / 2 : 0xfeedfacecafe0000ull ^ i << 17;
		w.sector = i % b->sectors;
		blk_queue_put(q, &w);
	}
	blk_queue_push(q);
	for (i = 0; rc == 0 && i < n; i++) {
		int16_t status = BLKIF_RSP_ERROR;

		w.id = step->number ? i / 2 : 0xfeedfacecafe0000ull ^ i << 17;
		rc = blk_queue_wait(q, w.id, &status, e);
		if (rc == 0 && status != BLKIF_RSP_OKAY)
			rc = err_set(e, EIO, "request %u: status %d", i,
				     status);
	}
	(rc == 0 ? blk_io_put : blk_io_park)(b, page);
	return rc;
}

/*
 * Goes Closing with a full ring of reads, number ms after it was announced.
 * What had no answer by then has none; no page may stay mapped.
 */
static int closes_under_load(struct scene *s, const struct step *step,
			     struct err *e)
{
	struct blk *b = first_disk(s);
	struct blk_page *page;
	struct blk_wire w = {
		.operation = BLKIF_OP_READ,
		.segments = 1,
		.seg = {{.last_sect = 7}},
	};

	if (!b)
		return no_disk(e);
	page = blk_io_get(b, true);
	if (!page)
		return err_set(e, ENOMEM, "no pages");
	w.seg[0].gref = page->ref;
	while (front_room(&b->queues[0].ring)) {
		w.id++;
		blk_queue_put(&b->queues[0], &w);
	}
	blk_queue_push(&b->queues[0]);
	blk_io_park(b, page);
	if (step->number)
		guest_rest(s->guest, step->number);
	bus_set_state(&b->bus, XenbusStateClosing);
	if (blk_disconnect(b, e) < 0)
		return -e->code;
	return bus_check(&b->bus, e);
}

/* An operation without data, where it is offered. */
static int bare(struct scene *s, const struct step *step, struct err *e)
{
	struct blk *b = first_disk(s);
	struct blk_wire w = {.operation = step->blk.operation, .id = 3};
	int16_t status;
	bool offered;

	if (!b)
		return no_disk(e);
	w.sectors = step->blk.sectors;
	offered = w.operation == BLKIF_OP_DISCARD	    ? b->can_discard
		  : w.operation == BLKIF_OP_FLUSH_DISKCACHE ? b->can_flush
							    : b->can_barrier;
	if (blk_queue_ask(&b->queues[0], &w, &status, e) < 0)
		return -e->code;
	if (offered ? status != BLKIF_RSP_OKAY : status != BLKIF_RSP_EOPNOTSUPP)
		return err_set(e, EIO, "status %d, %soffered", status,
			       offered ? "" : "not ");
	return 0;
}

/*
 * As writes are ordered where flushes are not known: a page to sector 0, the
 * next with a barrier, over it, and it is read behind that.
 */
static int barrier_writes(struct scene *s, const struct step *step,
			  struct err *e)
{
	static const uint8_t operations[] = {
		BLKIF_OP_WRITE, BLKIF_OP_WRITE_BARRIER, BLKIF_OP_READ};
	struct blk *b = first_disk(s);
	struct blk_page *pages[3] = {NULL};
	int16_t status = BLKIF_RSP_OKAY;
	uint64_t i;
	int rc = 0;

	(void)step;
	if (!b)
		return no_disk(e);
	if (!b->can_barrier)
		return err_set(e, ENOTSUP, "barriers are not offered");
	for (i = 0; rc == 0 && i < 3; i++) {
		struct blk_wire w = {
			.operation = operations[i],
			.segments = 1,
			.id = i,
			.seg = {{.last_sect = 7}},
		};

		pages[i] = blk_io_get(b, operations[i] == BLKIF_OP_READ);
		if (!pages[i]) {
			rc = err_set(e, ENOMEM, "no pages");
			break;
		}
		memset(pages[i]->data, 'a' + (int)i, XC_PAGE_SIZE);
		w.seg[0].gref = pages[i]->ref;
		blk_queue_put(&b->queues[0], &w);
	}
	blk_queue_push(&b->queues[0]);
	for (i = 0; rc == 0 && i < 3; i++) {
		rc = blk_queue_wait(&b->queues[0], i, &status, e);
		if (rc == 0 && status != BLKIF_RSP_OKAY)
			rc = err_set(e, EIO, "request %d: status %d", (int)i,
				     status);
	}
	if (rc == 0 && memcmp(pages[2]->data, pages[1]->data, XC_PAGE_SIZE))
		rc = err_set(e, EILSEQ, "it reads what was there before");
	for (i = 0; i < 3; i++)
		(rc == 0 ? blk_io_put : blk_io_park)(b, pages[i]);
	return rc;
}

static const struct step steps[] = {
	{"x86_64, one page: reads what was written", serves,
	 .blk_want = {.abi = BLK_X86_64}},
	{"x86_32, one page: reads what was written", serves,
	 .blk_want = {.abi = BLK_X86_32}},
	{"no protocol key, one page: reads what was written", serves,
	 .blk_want = {.abi = BLK_UNSAID}},
	{"two pages", serves, .blk_want = {.abi = BLK_X86_64, .order = 1}},
	{"sixteen pages", serves, .blk_want = {.abi = BLK_X86_64, .order = 4}},
	{"x86_32, sixteen pages", serves,
	 .blk_want = {.abi = BLK_X86_32, .order = 4}},
	{"one queue, with the keys of several", serves,
	 .blk_want = {.abi = BLK_X86_64, .queues = 1}},
	{"two queues", serves, .blk_want = {.abi = BLK_X86_64, .queues = 2}},
	{"four queues of four pages", serves,
	 .blk_want = {.abi = BLK_X86_64, .order = 2, .queues = 4}},
	{"persistent grants", serves,
	 .blk_want = {.abi = BLK_X86_64, .persistent = true}},
	{"indirect segments", serves,
	 .blk_want = {.abi = BLK_X86_64, .indirect = true}},
	{"x86_32, indirect segments", serves,
	 .blk_want = {.abi = BLK_X86_32, .indirect = true}},
	{"no protocol key, indirect and persistent", serves,
	 .blk_want = {.abi = BLK_UNSAID, .persistent = true, .indirect = true}},
	{"everything at once", serves,
	 .blk_want = {.abi = BLK_X86_64,
		      .order = 4,
		      .queues = 4,
		      .persistent = true,
		      .indirect = true}},
	{.says = "segments within their pages", .act = odd_segments},
	{"a full ring, with ids of any bits", full_ring, .number = 0},
	{"a full ring, every id twice: each is answered", full_ring,
	 .number = 1},
	{"closes at once with a full ring, and comes back", closes_under_load,
	 .number = 0},
	{"closes a little later, likewise", closes_under_load, .number = 1},
	{"closes when it is served", closes_under_load, .number = 20},
	{"a flush", bare, .blk = {.operation = BLKIF_OP_FLUSH_DISKCACHE}},
	{"a barrier", bare, .blk = {.operation = BLKIF_OP_WRITE_BARRIER}},
	{.says = "a barrier that writes, between others",
	 .act = barrier_writes},
	{"a discard", bare,
	 .blk = {.operation = BLKIF_OP_DISCARD, .sectors = 8}},
};

const struct script blk_behave =
	SCRIPT("blk-behave", "a disk, used as a stock kernel would", steps);
