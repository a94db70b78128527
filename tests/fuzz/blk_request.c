/* SPDX-License-Identifier: MIT */
/*
 * A guest's block requests against a reference that was written from
 * xen/io/blkif.h alone, slowly and in 128 bits. Promise: the same requests are
 * accepted, to the same effect; what is accepted lies within the disk and
 * within its pages; and nothing but the request's own fields has a say.
 */
#include <string.h>

#include "backends/blk/request.h"
#include "tests/fuzz/fuzz.h"

typedef unsigned __int128 wide;

/* What the reference makes of a request. */
struct verdict {
	int16_t status;
	bool writes, transfers, flushes;
	wide first_byte, bytes;
};

static struct verdict refused(int16_t status)
{
	return (struct verdict){.status = status};
}

static struct verdict reference(const struct blkif_request *wire,
				const struct blk_limits *limits)
{
	const wide disk = (wide)limits->sectors * 512;
	struct verdict v = {.status = BLKIF_RSP_OKAY};
	unsigned int i;

	switch (wire->operation) {
	case 0: /* read */
		break;
	case 1: /* write */
		v.writes = true;
		break;
	case 3: /* flush, of what a write may bring along */
		v.flushes = true;
		v.writes = wire->nr_segments > 0;
		break;
	default:
		return refused(BLKIF_RSP_EOPNOTSUPP);
	}
	v.transfers = !v.flushes || v.writes;
	if (!v.transfers)
		return v;
	if (wire->nr_segments < 1 || wire->nr_segments > 11)
		return refused(BLKIF_RSP_ERROR);
	for (i = 0; i < wire->nr_segments; i++) {
		wide begins = (wide)wire->seg[i].first_sect * 512;
		wide ends = ((wide)wire->seg[i].last_sect + 1) * 512;

		if (begins >= ends || ends > 4096)
			return refused(BLKIF_RSP_ERROR);
		v.bytes += ends - begins;
	}
	v.first_byte = (wide)wire->sector_number * 512;
	if (v.first_byte + v.bytes > disk || (v.writes && limits->read_only))
		return refused(BLKIF_RSP_ERROR);
	return v;
}

static void check_segments(const struct blkif_request *wire,
			   const struct blk_io *io)
{
	wide sum = 0;
	unsigned int i;

	for (i = 0; i < io->n_segments; i++) {
		const struct blk_segment *s = &io->segments[i];

		promise(s->ref == wire->seg[i].gref, "segment %u: its grant",
			i);
		promise(s->offset == wire->seg[i].first_sect * 512u,
			"segment %u: its beginning", i);
		promise(s->bytes > 0 && s->offset + s->bytes <= 4096u,
			"segment %u: within its page", i);
		sum += s->bytes;
	}
	promise(sum == io->bytes, "the segments make up the request");
}

static void check(const struct blkif_request *wire,
		  const struct blk_limits *limits, int16_t status,
		  const struct blk_io *io)
{
	struct verdict v = reference(wire, limits);
	enum blk_op op;

	promise(status == v.status, "status %d, not %d", v.status, status);
	if (status != BLKIF_RSP_OKAY)
		return;
	op = !v.transfers ? BLK_FLUSH : v.writes ? BLK_WRITE : BLK_READ;
	promise(io->op == op, "operation %d, not %d", op, io->op);
	promise(io->flush_first == v.flushes, "a flush stays a flush");
	promise(io->bytes == v.bytes, "as many bytes as the segments have");
	if (!v.transfers) {
		promise(io->n_segments == 0, "a flush has no segments");
		return;
	}
	promise(io->n_segments == wire->nr_segments, "all segments");
	promise(io->offset == v.first_byte, "where the request says");
	promise(io->offset / 512 + io->bytes / 512 <= limits->sectors,
		"within the disk");
	check_segments(wire, io);
}

/* What does not belong to the request, changed. */
static void change_the_rest(struct blkif_request *wire)
{
	struct blkif_request other;
	unsigned int i;

	memset(&other, 0xa5, sizeof(other));
	other.operation = wire->operation;
	other.nr_segments = wire->nr_segments;
	other.sector_number = wire->sector_number;
	for (i = 0; i < wire->nr_segments && i < 11; i++) {
		other.seg[i].gref = wire->seg[i].gref;
		other.seg[i].first_sect = wire->seg[i].first_sect;
		other.seg[i].last_sect = wire->seg[i].last_sect;
	}
	*wire = other;
}

static bool same(const struct blk_io *a, const struct blk_io *b)
{
	return a->op == b->op && a->flush_first == b->flush_first &&
	       a->offset == b->offset && a->bytes == b->bytes &&
	       a->n_segments == b->n_segments &&
	       memcmp(a->segments, b->segments,
		      a->n_segments * sizeof(a->segments[0])) == 0;
}

void fuzz_one(struct input *in)
{
	struct blk_limits limits;
	struct blkif_request wire;
	struct blk_io first, second;
	int16_t status;

	limits.read_only = input_u8(in) & 1;
	limits.sectors = input_u64(in) % (UINT64_MAX / 512 + 1);
	input_bytes(in, &wire, sizeof(wire));
	memset(&first, 0, sizeof(first));
	memset(&second, 0xff, sizeof(second));
	status = request_parse(&wire, &limits, &first);
	check(&wire, &limits, status, &first);
	change_the_rest(&wire);
	promise(request_parse(&wire, &limits, &second) == status,
		"nothing else decides");
	promise(status != BLKIF_RSP_OKAY || same(&first, &second),
		"nothing else has a say");
}
