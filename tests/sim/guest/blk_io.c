/* SPDX-License-Identifier: MIT */
/* From bytes to requests and back. */
#include "tests/sim/guest/blk_io.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/scope.h"
#include "tests/sim/guest/blk.h"
#include "tests/sim/guest/grants.h"
#include "tests/sim/guest/guest.h"

#define SECTOR_BYTES	 512u
#define PAGE_SECTORS	 (XC_PAGE_SIZE / SECTOR_BYTES)
#define SEGMENTS_MAX	 256u /* of an indirect request, as we make them */
#define SEGMENTS_IN_PAGE (XC_PAGE_SIZE / sizeof(struct blkif_request_segment))

/* One request and its pages. */
struct piece {
	struct piece *next;
	struct blk_wire wire;
	uint64_t sector;
	uint32_t count; /* sectors */
	uint8_t *data;	/* borrowed: the caller's */
	uint32_t n_pages;
	struct blk_page *pages[SEGMENTS_MAX];
	struct blk_page *list; /* of an indirect request */
};

struct blk_page *blk_io_get(struct blk *b, bool writable)
{
	struct blk_page *page = b->unused;

	if (page) {
		b->unused = page->next;
		return page;
	}
	page = calloc(1, sizeof(*page));
	if (!page)
		return NULL;
	page->data = guest_page_new(b->guest);
	if (page->data)
		page->ref = grants_give(
			b->guest->grants,
			guest_page_frame(b->guest, page->data),
			writable || b->want.persistent ? 0 : GTF_readonly);
	if (page->ref)
		return page;
	guest_page_free(b->guest, page->data);
	free(page);
	return NULL;
}

static void page_scrap(struct blk *b, struct blk_page *page)
{
	if (grants_end(b->guest->grants, page->ref) == 0)
		guest_page_free(b->guest, page->data);
	else
		bus_blame(&b->bus, "a page is mapped longer than it may be");
	free(page);
}

void blk_io_put(struct blk *b, struct blk_page *page)
{
	if (!page)
		return;
	if (!b->want.persistent) {
		page_scrap(b, page);
		return;
	}
	page->next = b->unused;
	b->unused = page;
}

void blk_io_park(struct blk *b, struct blk_page *page)
{
	if (!page)
		return;
	page->next = b->parked;
	b->parked = page;
}

static void pages_scrap(struct blk *b, struct blk_page **list)
{
	struct blk_page *page;

	while ((page = *list)) {
		*list = page->next;
		page_scrap(b, page);
	}
}

void blk_io_release(struct blk *b)
{
	pages_scrap(b, &b->unused);
	pages_scrap(b, &b->parked);
}

/* over: the back end has answered it, or has never seen it. */
static void piece_free(struct blk *b, struct piece *p, bool over)
{
	void (*put)(struct blk *, struct blk_page *) =
		over ? blk_io_put : blk_io_park;

	while (p->n_pages > 0)
		put(b, p->pages[--p->n_pages]);
	put(b, p->list);
	free(p);
}

/* Fills in what an indirect request has instead of segments. */
static bool piece_indirect(struct blk *b, struct piece *p, uint8_t operation)
{
	p->wire.operation = BLKIF_OP_INDIRECT;
	p->wire.segments = operation;
	p->list = blk_io_get(b, false);
	if (!p->list)
		return false;
	p->wire.indirect.segments = (uint16_t)p->n_pages;
	p->wire.indirect.pages[0] = p->list->ref;
	return true;
}

_Static_assert(SEGMENTS_MAX <= SEGMENTS_IN_PAGE, "one page of segments");

/* NULL when there are no pages left. */
static struct piece *piece_new(struct blk *b, bool write, uint64_t sector,
			       uint8_t *data, uint32_t count)
{
	struct piece *p = calloc(1, sizeof(*p));
	uint8_t operation = write ? BLKIF_OP_WRITE : BLKIF_OP_READ;
	struct blkif_request_segment *segments;
	uint32_t i, pages = (count + PAGE_SECTORS - 1) / PAGE_SECTORS;

	if (!p)
		return NULL;
	p->sector = p->wire.sector = sector;
	p->count = count;
	p->data = data;
	p->wire.operation = operation;
	p->wire.segments = (uint8_t)pages;
	p->wire.id = sector;
	while (p->n_pages < pages) {
		p->pages[p->n_pages] = blk_io_get(b, !write);
		if (!p->pages[p->n_pages])
			goto fail;
		p->n_pages++;
	}
	if (pages > BLKIF_MAX_SEGMENTS_PER_REQUEST &&
	    !piece_indirect(b, p, operation))
		goto fail;
	segments = p->list ? (void *)p->list->data : p->wire.seg;
	for (i = 0; i < pages; i++) {
		uint32_t left = count - i * PAGE_SECTORS;

		if (left > PAGE_SECTORS)
			left = PAGE_SECTORS;
		segments[i].gref = p->pages[i]->ref;
		segments[i].first_sect = 0;
		segments[i].last_sect = (uint8_t)(left - 1);
		if (write)
			memcpy(p->pages[i]->data, data + i * XC_PAGE_SIZE,
			       left * SECTOR_BYTES);
	}
	return p;

fail:
	piece_free(b, p, true);
	return NULL;
}

static void piece_read(struct piece *p)
{
	uint32_t i, at, bytes = p->count * SECTOR_BYTES;

	for (i = 0, at = 0; at < bytes; i++, at += XC_PAGE_SIZE)
		memcpy(p->data + at, p->pages[i]->data,
		       bytes - at < XC_PAGE_SIZE ? bytes - at : XC_PAGE_SIZE);
}

/* Waits for the oldest. */
static int pieces_reap(struct blk_queue *q, struct piece **first, bool write,
		       struct err *e)
{
	struct piece *p = *first;
	int16_t status = BLKIF_RSP_OKAY;
	int rc = blk_queue_wait(q, p->wire.id, &status, e);
	bool over = rc == 0;

	if (rc == 0 && status != BLKIF_RSP_OKAY)
		rc = err_set(e, EIO, "%s: %u sectors at %llu: status %d",
			     q->blk->bus.front, p->count,
			     (unsigned long long)p->sector, status);
	if (rc == 0 && !write)
		piece_read(p);
	*first = p->next;
	piece_free(q->blk, p, over);
	return rc;
}

int blk_io_run(struct blk_queue *q, bool write, uint64_t sector, uint8_t *data,
	       uint32_t count, struct err *e)
{
	struct blk *b = q->blk;
	uint32_t segments = b->want.indirect ? b->max_indirect
					     : BLKIF_MAX_SEGMENTS_PER_REQUEST;
	struct piece *first = NULL, **end = &first, *p;
	struct err other;
	uint32_t most, n;
	int rc = 0;

	if (segments > SEGMENTS_MAX)
		segments = SEGMENTS_MAX;
	most = segments * PAGE_SECTORS;
	for (; rc == 0 && count > 0; count -= n) {
		n = count < most ? count : most;
		p = front_room(&q->ring) ? piece_new(b, write, sector, data, n)
					 : NULL;
		if (!p && !first) {
			rc = err_set(e, ENOMEM, "%s: no pages", b->bus.front);
			break;
		}
		if (!p) {
			blk_queue_push(q);
			rc = pieces_reap(q, &first, write, e);
			end = first ? end : &first;
			n = 0;
			continue;
		}
		blk_queue_put(q, &p->wire);
		*end = p;
		end = &p->next;
		sector += n;
		data += (size_t)n * SECTOR_BYTES;
	}
	blk_queue_push(q);
	while (first)
		if (pieces_reap(q, &first, write, rc < 0 ? &other : e) < 0 &&
		    rc == 0)
			rc = -e->code;
	return rc;
}

int blk_io_flush(struct blk_queue *q, struct err *e)
{
	const struct blk_wire flush = {
		.operation = BLKIF_OP_FLUSH_DISKCACHE,
		.id = UINT64_MAX,
	};
	int16_t status;

	if (!q->blk->can_flush)
		return 0;
	if (blk_queue_ask(q, &flush, &status, e) < 0)
		return -e->code;
	if (status != BLKIF_RSP_OKAY)
		return err_set(e, EIO, "%s: flush: status %d",
			       q->blk->bus.front, status);
	return 0;
}

static void pattern(uint8_t *data, size_t bytes, uint64_t sector, uint32_t seed)
{
	uint64_t x = (sector + 1) * 0x9e3779b97f4a7c15ull ^ seed;
	size_t i;

	for (i = 0; i < bytes; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		data[i] = (uint8_t)x;
	}
}

int blk_io_verify(struct blk_queue *q, uint64_t sector, uint32_t count,
		  uint32_t seed, struct err *e)
{
	size_t bytes = (size_t)count * SECTOR_BYTES;
	__attribute__((cleanup(scope_free_str))) char *memory =
		malloc(bytes * 2);
	uint8_t *wrote = (uint8_t *)memory, *read = wrote + bytes;

	if (!memory)
		return err_set(e, ENOMEM, "no memory for a pattern");
	pattern(wrote, bytes, sector, seed);
	memset(read, 0, bytes);
	if (!q->blk->read_only &&
	    blk_io_run(q, true, sector, wrote, count, e) < 0)
		return -e->code;
	if (blk_io_run(q, false, sector, read, count, e) < 0)
		return -e->code;
	if (!q->blk->read_only && memcmp(wrote, read, bytes) != 0)
		return err_set(e, EILSEQ,
			       "%s: %u sectors at %llu read other than written",
			       q->blk->bus.front, count,
			       (unsigned long long)sector);
	return bus_check(&q->blk->bus, e);
}
