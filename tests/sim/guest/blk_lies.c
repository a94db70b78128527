/* SPDX-License-Identifier: MIT */
/*
 * Requests that make no sense: each is refused with its status, nothing of it
 * reaches the disk or the guest, and the disk goes on.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/scope.h"
#include "tests/sim/guest/blk_io.h"
#include "tests/sim/guest/lie.h"
#include "tests/sim/guest/script.h"
#include "tests/sim/guest/scene.h"

#define WITNESS_SECTORS 88u
#define SECTOR_BYTES	512u
#define LIST_ENTRIES	512u

/* A request as its row says, with the pages behind it. */
struct telling {
	struct blk_wire wire;
	struct lie bad;
	struct lie good;
	struct lie list; /* an indirect request's segments */
};

static void telling_close(struct telling *t)
{
	lie_close(&t->bad);
	lie_close(&t->good);
	lie_close(&t->list);
}

static uint32_t telling_ref(const struct telling *t, const struct blk_lie *lie,
			    unsigned int i, unsigned int n)
{
	bool last_only = lie->ref == REF_LAST_NEVER_GRANTED;

	return last_only && i + 1 < n ? t->good.ref : t->bad.ref;
}

static void telling_segments(struct telling *t, const struct blk_lie *lie)
{
	const unsigned int n = BLKIF_MAX_SEGMENTS_PER_REQUEST;
	unsigned int i;

	for (i = 0; i < n; i++)
		t->wire.seg[i] = (struct blkif_request_segment){
			.gref = telling_ref(t, lie, i, n),
			.first_sect = lie->first,
			.last_sect = lie->last,
		};
}

static void telling_indirect(struct telling *t, const struct blk_lie *lie)
{
	struct blkif_request_segment *list = t->list.page;
	unsigned int i, n = lie->indirect_segments;

	for (i = 0; i < LIST_ENTRIES; i++)
		list[i] = (struct blkif_request_segment){
			.gref = telling_ref(t, lie, i, n),
			.first_sect = lie->first,
			.last_sect = lie->last,
		};
	t->wire.indirect.segments = lie->indirect_segments;
	for (i = 0; i < BLKIF_MAX_INDIRECT_PAGES_PER_REQUEST; i++)
		t->wire.indirect.pages[i] = t->list.ref;
}

static int telling_open(struct telling *t, struct blk *b,
			const struct blk_lie *lie, struct err *e)
{
	*t = (struct telling){.wire = {.operation = lie->operation,
				       .segments = lie->segments,
				       .id = 0xab1e,
				       .sector = lie->sector}};
	if (lie->from_end)
		t->wire.sector += b->sectors;
	if (lie_open(&t->bad, b->guest, lie->ref, e) < 0 ||
	    lie_open(&t->good, b->guest, REF_GOOD, e) < 0 ||
	    lie_open(&t->list, b->guest, REF_GOOD, e) < 0) {
		telling_close(t);
		return -e->code;
	}
	switch (lie->operation) {
	case BLKIF_OP_DISCARD:
		t->wire.sectors = lie->sectors;
		break;
	case BLKIF_OP_INDIRECT:
		telling_indirect(t, lie);
		break;
	default:
		telling_segments(t, lie);
	}
	/* What a refused write would write. */
	memset(t->bad.page, 0xbd, XC_PAGE_SIZE);
	memset(t->good.page, 0xbd, XC_PAGE_SIZE);
	return 0;
}

/* A page that is kept mapped must be writable: a read-only one may fail. */
static int wanted(const struct blk *b, const struct blk_lie *lie)
{
	return b->want.persistent && lie->ref == REF_READ_ONLY ? ANSWER_ANY
							       : lie->status;
}

static int told(struct blk *b, const struct blk_lie *lie, struct err *e)
{
	struct telling t;
	int16_t status = 0;
	int rc;

	if (telling_open(&t, b, lie, e) < 0)
		return -e->code;
	rc = blk_queue_ask(&b->queues[0], &t.wire, &status, e);
	if (rc == 0 && !lie_answered(wanted(b, lie), status))
		rc = err_set(e, EBADMSG, "answered with status %d", status);
	telling_close(&t);
	return rc;
}

/* The sectors around a refused write are what they were. */
static int witnessed(struct blk *b, const struct blk_lie *lie, struct err *e)
{
	uint32_t bytes = WITNESS_SECTORS * SECTOR_BYTES;
	scoped_str memory = malloc(bytes * 2);
	uint8_t *before = (uint8_t *)memory, *after = before + bytes;
	struct blk_queue *q = &b->queues[0];
	uint64_t sector = b->sectors - WITNESS_SECTORS;

	if (!memory)
		return err_set(e, ENOMEM, "no memory");
	if (!lie->from_end && lie->sector < sector)
		sector = lie->sector;
	if (blk_io_run(q, false, sector, before, WITNESS_SECTORS, e) < 0 ||
	    told(b, lie, e) < 0 ||
	    blk_io_run(q, false, sector, after, WITNESS_SECTORS, e) < 0)
		return -e->code;
	if (memcmp(before, after, bytes) != 0)
		return err_set(e, EILSEQ, "part of it has been written");
	return 0;
}

static int request(struct scene *s, const struct step *step, struct err *e)
{
	const struct blk_lie *lie = &step->blk;
	struct blk *b = s->n_disks ? s->disks[0] : NULL;

	if (!b)
		return err_set(e, ENOTSUP, "the guest has no disk");
	if (lie->operation == BLKIF_OP_INDIRECT && !b->max_indirect)
		return err_set(e, ENOTSUP, "indirect segments are not offered");
	if (lie->operation == BLKIF_OP_DISCARD && !b->can_discard)
		return err_set(e, ENOTSUP, "discard is not offered");
	if (lie->status == BLKIF_RSP_OKAY || b->sectors < WITNESS_SECTORS)
		return told(b, lie, e);
	return witnessed(b, lie, e);
}

/* The first disk of the guest that it may not write to. */
static int read_only(struct scene *s, const struct step *step, struct err *e)
{
	unsigned int i;

	for (i = 0; i < s->n_disks; i++)
		if (s->disks[i]->read_only)
			return witnessed(s->disks[i], &step->blk, e);
	return err_set(e, ENOTSUP, "the guest has no read-only disk");
}

/* Any bytes at all in every slot, number times: all are answered. */
static int noise(struct scene *s, const struct step *step, struct err *e)
{
	struct blk *b = s->n_disks ? s->disks[0] : NULL;
	unsigned int round, i, seed = 12345;
	struct blk_queue *q;
	int rc = 0;

	if (!b)
		return err_set(e, ENOTSUP, "the guest has no disk");
	q = &b->queues[0];
	b->racing = true;
	for (round = 0; rc == 0 && round < step->number; round++) {
		while (front_room(&q->ring) > 0) {
			uint8_t *slot = front_put(&q->ring);

			for (i = 0; i < q->ring.slot_bytes; i++)
				slot[i] = (uint8_t)(rand_r(&seed) >> 7);
			slot[0] %= BLKIF_OP_INDIRECT + 2;
			slot[1] %= BLKIF_MAX_SEGMENTS_PER_REQUEST + 2;
		}
		rc = blk_queue_wait_all(q, e);
	}
	b->racing = false;
	return rc;
}

#define READ  .operation = BLKIF_OP_READ, .segments = 1, .last = 7
#define WRITE .operation = BLKIF_OP_WRITE, .segments = 1, .last = 7
#define INDIRECT(op, n)                                              \
	.operation = BLKIF_OP_INDIRECT, .segments = (op), .last = 7, \
	.indirect_segments = (n)
#define REFUSED .status = BLKIF_RSP_ERROR
#define UNKNOWN .status = BLKIF_RSP_EOPNOTSUPP

static const struct step steps[] = {
	{"a read at the end of the disk", request,
	 .blk = {READ, .from_end = true, REFUSED}},
	{"a write at the end of the disk", request,
	 .blk = {WRITE, .from_end = true, REFUSED}},
	{"a write that begins on the disk and ends off it", request,
	 .blk = {WRITE, .from_end = true, .sector = -7ull, REFUSED}},
	{"a read of the very last sectors is served", request,
	 .blk = {READ, .from_end = true, .sector = -8ull}},
	{"a sector that wraps in bytes", request,
	 .blk = {READ, .sector = 1ull << 55, REFUSED}},
	{"the highest sector that there is", request,
	 .blk = {WRITE, .sector = UINT64_MAX, REFUSED}},
	{"a sector whose end wraps to the start", request,
	 .blk = {WRITE, .sector = -8ull, REFUSED}},
	{"a read without segments", request,
	 .blk = {.operation = BLKIF_OP_READ, REFUSED}},
	{"a write without segments", request,
	 .blk = {.operation = BLKIF_OP_WRITE, REFUSED}},
	{"twelve segments", request,
	 .blk = {.operation = BLKIF_OP_READ,
		 .segments = 12,
		 .last = 7,
		 REFUSED}},
	{"255 segments", request,
	 .blk = {.operation = BLKIF_OP_WRITE,
		 .segments = 255,
		 .last = 7,
		 REFUSED}},
	{"a segment that ends before it begins", request,
	 .blk = {.operation = BLKIF_OP_READ,
		 .segments = 1,
		 .first = 5,
		 .last = 4,
		 REFUSED}},
	{"a segment that ends behind its page", request,
	 .blk = {.operation = BLKIF_OP_READ,
		 .segments = 1,
		 .last = 8,
		 REFUSED}},
	{"a segment that begins and ends behind its page", request,
	 .blk = {.operation = BLKIF_OP_WRITE,
		 .segments = 1,
		 .first = 250,
		 .last = 255,
		 REFUSED}},
	{"a grant that was never given", request,
	 .blk = {READ, .ref = REF_NEVER_GRANTED, REFUSED}},
	{"a write from a grant that was never given", request,
	 .blk = {WRITE, .ref = REF_NEVER_GRANTED, REFUSED}},
	{"eleven segments, the last without a grant", request,
	 .blk = {.operation = BLKIF_OP_WRITE,
		 .segments = 11,
		 .last = 7,
		 .ref = REF_LAST_NEVER_GRANTED,
		 REFUSED}},
	{"the highest grant reference that there is", request,
	 .blk = {READ, .ref = REF_HUGE, REFUSED}},
	{"a grant that was taken back", request,
	 .blk = {READ, .ref = REF_REVOKED, REFUSED}},
	{"a read into a page granted read-only", request,
	 .blk = {READ, .ref = REF_READ_ONLY, REFUSED}},
	{"a write from a page granted read-only is served", request,
	 .blk = {WRITE, .ref = REF_READ_ONLY}},
	{"a grant of another kind", request,
	 .blk = {READ, .ref = REF_TRANSFER, REFUSED}},
	{"a grant to another domain", request,
	 .blk = {READ, .ref = REF_OTHER_DOMAIN, REFUSED}},
	{"a grant of a frame that the machine does not have", request,
	 .blk = {READ, .ref = REF_NO_FRAME, REFUSED}},
	{"a grant of a frame that is not the guest's", request,
	 .blk = {READ, .ref = REF_OTHERS_FRAME, REFUSED}},
	{"operation 4, which is reserved", request,
	 .blk = {.operation = 4,
		 .segments = 1,
		 .last = 7,
		 .status = ANSWER_REFUSED}},
	{"operation 7, which is nothing", request,
	 .blk = {.operation = 7,
		 .segments = 1,
		 .last = 7,
		 .status = ANSWER_REFUSED}},
	{"operation 255", request,
	 .blk = {.operation = 255,
		 .segments = 255,
		 .last = 255,
		 .status = ANSWER_REFUSED}},
	{"a flush with segments that make no sense", request,
	 .blk = {.operation = BLKIF_OP_FLUSH_DISKCACHE,
		 .segments = 200,
		 .status = ANSWER_REFUSED}},
	{"a discard at the end of the disk", request,
	 .blk = {.operation = BLKIF_OP_DISCARD,
		 .from_end = true,
		 .sectors = 1,
		 REFUSED}},
	{"a discard of more sectors than can be counted", request,
	 .blk = {.operation = BLKIF_OP_DISCARD,
		 .sector = 8,
		 .sectors = UINT64_MAX,
		 REFUSED}},
	{"a discard whose end wraps", request,
	 .blk = {.operation = BLKIF_OP_DISCARD,
		 .sector = UINT64_MAX,
		 .sectors = 2,
		 REFUSED}},
	{"indirect, without segments", request,
	 .blk = {INDIRECT(BLKIF_OP_READ, 0), REFUSED}},
	{"indirect, 65535 segments", request,
	 .blk = {INDIRECT(BLKIF_OP_READ, UINT16_MAX), REFUSED}},
	{"indirect, one segment more than eight pages hold", request,
	 .blk = {INDIRECT(BLKIF_OP_WRITE, 4097), REFUSED}},
	{"indirect, one segment more than is offered", request,
	 .blk = {INDIRECT(BLKIF_OP_WRITE, 257), REFUSED}},
	{"indirect, of a flush", request,
	 .blk = {INDIRECT(BLKIF_OP_FLUSH_DISKCACHE, 12),
		 .status = ANSWER_REFUSED}},
	{"indirect, of an indirect one", request,
	 .blk = {INDIRECT(BLKIF_OP_INDIRECT, 12), .status = ANSWER_REFUSED}},
	{"indirect, at the end of the disk", request,
	 .blk = {INDIRECT(BLKIF_OP_WRITE, 12), .from_end = true, REFUSED}},
	{"indirect, the last segment without a grant", request,
	 .blk = {INDIRECT(BLKIF_OP_WRITE, 12), .ref = REF_LAST_NEVER_GRANTED,
		 REFUSED}},
	{"a write to a read-only disk (XSA-142)", read_only,
	 .blk = {WRITE, REFUSED}},
	{"noise in every slot: all of it is answered", noise, .number = 300},
};

const struct script blk_lies =
	SCRIPT("blk-lies", "block requests that make no sense", steps);
const struct script blk_lies_32 =
	SCRIPT_FOR("blk-lies-x86_32", "the same in the other layout", steps,
		   .abi = BLK_X86_32, .order = 2);
const struct script blk_lies_persistent =
	SCRIPT_FOR("blk-lies-persistent", "the same with persistent grants",
		   steps, .persistent = true, .indirect = true);
