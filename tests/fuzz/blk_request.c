/* SPDX-License-Identifier: MIT */
/*
 * A guest's block requests, of every ABI, against a reference. Promise: the
 * same requests are accepted, to the same effect; what is accepted lies
 * within the disk and within its pages, and its segments make it up; and
 * nothing but the request's own fields has a say.
 */
#include <string.h>

#include "tests/fuzz/blk_model.h"
#include "tests/fuzz/fuzz.h"

_Static_assert(sizeof(union blk_wire) == MODEL_WIRE_BYTES, "an entry");
_Static_assert(BLK_SEGMENTS_MAX == MODEL_SEGMENTS_MAX, "what is offered");

/* A request with all that its meaning depends on. */
struct request {
	enum blk_abi abi;
	struct blk_limits limits;
	uint8_t wire[MODEL_WIRE_BYTES];
	struct blk_wire_segment frame[MODEL_SEGMENTS_MAX];
};

/* Both steps in one, as they follow each other. io may point into frame. */
static int16_t parse(const struct request *r, struct blk_io *io,
		     union blk_frame *frame)
{
	union blk_wire wire;
	int16_t status;

	memcpy(wire.bytes, r->wire, sizeof(wire.bytes));
	status = request_parse(&wire, r->abi, &r->limits, io);
	if (status != BLKIF_RSP_OKAY || !io->indirect)
		return status;
	promise(io->n_segments >= 1 && io->n_segments <= BLK_SEGMENTS_MAX,
		"an indirect request of %u segments", io->n_segments);
	memcpy(frame->wire, r->frame, sizeof(r->frame));
	return request_parse_frame(frame, &r->limits, io);
}

static void check_segments(const struct model_io *m, const struct blk_io *io)
{
	wide sum = 0;
	unsigned int i;

	promise(io->n_segments == m->n_segments, "all segments");
	for (i = 0; i < io->n_segments; i++) {
		const uint8_t *from = m->segments + i * MODEL_SEGMENT_BYTES;
		const struct blk_segment *s = &io->segments[i];

		promise(s->ref == model_segment_ref(from),
			"segment %u: its grant", i);
		promise(s->offset == model_segment_begin(from),
			"segment %u: its beginning", i);
		promise(s->bytes > 0 && s->offset + s->bytes <= 4096u,
			"segment %u: within its page", i);
		sum += s->bytes;
	}
	promise(sum == io->bytes, "the segments make up the request");
}

static void check(const struct request *r, int16_t status,
		  const struct blk_io *io)
{
	struct model_io m = model_request(
		r->wire, r->abi, (const uint8_t *)r->frame, &r->limits);

	promise(io->id == m.id && io->operation == m.operation,
		"the answer can be told to be this one's");
	promise(status == m.status, "status %d, not %d", m.status, status);
	if (status != BLKIF_RSP_OKAY)
		return;
	promise(io->op == m.op, "operation %d, not %d", m.op, io->op);
	promise(io->flush_first == m.flush_first && io->durable == m.durable &&
			io->barrier == m.barrier,
		"a flush and a barrier stay what they are");
	promise(io->indirect == m.indirect &&
			(!m.indirect || io->frame == m.frame),
		"the page of its segments");
	promise(io->bytes == m.bytes, "as many bytes as it has");
	if (io->op == BLK_FLUSH || io->op == BLK_NOTHING) {
		promise(io->n_segments == 0 && io->bytes == 0, "no bytes");
		return;
	}
	promise(io->offset == m.offset, "where it says");
	promise((wide)io->offset + io->bytes <= (wide)r->limits.sectors * 512,
		"within the disk");
	if (io->op == BLK_DISCARD)
		promise(io->n_segments == 0 &&
				io->offset % r->limits.discard_unit == 0 &&
				io->bytes % r->limits.discard_unit == 0,
			"a discard of whole units");
	else
		check_segments(&m, io);
}

static bool same(const struct blk_io *a, const struct blk_io *b)
{
	return a->id == b->id && a->operation == b->operation &&
	       a->op == b->op && a->flush_first == b->flush_first &&
	       a->durable == b->durable && a->barrier == b->barrier &&
	       a->indirect == b->indirect && a->frame == b->frame &&
	       a->offset == b->offset && a->bytes == b->bytes &&
	       a->n_segments == b->n_segments &&
	       memcmp(a->segments, b->segments,
		      a->n_segments * sizeof(a->segments[0])) == 0;
}

static void read_request(struct input *in, struct request *r)
{
	uint8_t flags = input_u8(in);
	uint8_t unit = input_u8(in);

	r->abi = flags & 1 ? BLK_ABI_X86_32 : BLK_ABI_X86_64;
	r->limits = (struct blk_limits){
		.sectors = input_u64(in) % (UINT64_MAX / 512 + 1),
		.read_only = flags & 2,
		.indirect = flags & 4,
		.barrier = flags & 8,
		.no_medium = flags & 32,
		.discard_unit = flags & 16 ? 512u << unit % 16 : 0,
	};
	input_bytes(in, r->wire, sizeof(r->wire));
	input_bytes(in, r->frame, sizeof(r->frame));
}

void fuzz_one(struct input *in)
{
	static struct blk_io first, second;
	static union blk_frame frames[2];
	struct request r;
	unsigned int i;
	int16_t status;

	read_request(in, &r);
	memset(&first, 0, sizeof(first));
	memset(&second, 0xff, sizeof(second));
	status = parse(&r, &first, &frames[0]);
	check(&r, status, &first);
	model_change_the_rest(r.wire, r.abi);
	for (i = 0; i < MODEL_SEGMENTS_MAX; i++)
		r.frame[i].unused ^= 0xa5a5;
	for (i = first.indirect ? first.n_segments : 0; i < MODEL_SEGMENTS_MAX;
	     i++)
		memset(&r.frame[i], 0xa5, sizeof(r.frame[i]));
	promise(parse(&r, &second, &frames[1]) == status,
		"nothing else decides");
	promise(status != BLKIF_RSP_OKAY || same(&first, &second),
		"nothing else has a say");
}
