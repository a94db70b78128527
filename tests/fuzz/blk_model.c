/* SPDX-License-Identifier: MIT */
/* Block requests as xen/io/blkif.h has them. */
#include "tests/fuzz/blk_model.h"

#include <string.h>

#define READ	 0
#define WRITE	 1
#define BARRIER	 2
#define FLUSH	 3
#define DISCARD	 5
#define INDIRECT 6
#define SECURE	 1 /* a discard's flag */

/* Where the fields are: 64-bit ones lie at multiples of 8 bytes, or of 4. */
static const struct layout {
	unsigned int id, sector;
	unsigned int segments, n_sectors; /* behind the sector */
	unsigned int frames;		  /* behind another handle, too */
} layouts[] = {
	[BLK_ABI_X86_64] = {8, 16, 24, 24, 28},
	[BLK_ABI_X86_32] = {4, 12, 20, 20, 24},
};

static uint64_t number(const uint8_t *at, unsigned int bytes)
{
	uint64_t n = 0;

	while (bytes-- > 0)
		n = n * 256 + at[bytes];
	return n;
}

uint32_t model_segment_ref(const uint8_t *segment)
{
	return (uint32_t)number(segment, 4);
}

uint32_t model_segment_begin(const uint8_t *segment)
{
	return segment[4] * 512u;
}

uint32_t model_segment_end(const uint8_t *segment)
{
	return (segment[5] + 1u) * 512;
}

static int16_t transfer(struct model_io *io, unsigned int most, wide first,
			const struct blk_limits *limits)
{
	unsigned int i;

	if (io->n_segments < 1 || io->n_segments > most ||
	    (io->op == BLK_WRITE && limits->read_only))
		return BLKIF_RSP_ERROR;
	io->offset = first * 512;
	for (i = 0; i < io->n_segments; i++) {
		const uint8_t *s = io->segments + i * MODEL_SEGMENT_BYTES;

		if (model_segment_begin(s) >= model_segment_end(s) ||
		    model_segment_end(s) > 4096)
			return BLKIF_RSP_ERROR;
		io->bytes += model_segment_end(s) - model_segment_begin(s);
	}
	if (io->offset + io->bytes > (wide)limits->sectors * 512)
		return BLKIF_RSP_ERROR;
	return BLKIF_RSP_OKAY;
}

/* Only whole units of what the guest names are given up. */
static int16_t discard(struct model_io *io, wide first, wide count,
		       const struct blk_limits *limits)
{
	const wide unit = limits->discard_unit;
	wide begin, end;

	if (limits->read_only || count == 0 || first + count > limits->sectors)
		return BLKIF_RSP_ERROR;
	begin = (first * 512 + unit - 1) / unit * unit;
	end = (first + count) * 512 / unit * unit;
	io->op = BLK_NOTHING;
	if (begin < end) {
		io->op = BLK_DISCARD;
		io->offset = begin;
		io->bytes = end - begin;
	}
	return BLKIF_RSP_OKAY;
}

static int16_t judge(struct model_io *io, const uint8_t *wire,
		     const struct layout *at, const uint8_t *frame,
		     const struct blk_limits *limits)
{
	wide first = number(wire + at->sector, 8);

	io->n_segments = wire[1];
	io->segments = wire + at->segments;
	switch (wire[0]) {
	case READ:
	case WRITE:
		io->op = wire[0] == READ ? BLK_READ : BLK_WRITE;
		return transfer(io, 11, first, limits);
	case BARRIER:
		if (!limits->barrier)
			return BLKIF_RSP_EOPNOTSUPP;
		io->barrier = io->durable = true;
		__attribute__((fallthrough));
	case FLUSH:
		io->flush_first = true;
		io->op = io->n_segments ? BLK_WRITE : BLK_FLUSH;
		return io->op == BLK_FLUSH ? BLKIF_RSP_OKAY
					   : transfer(io, 11, first, limits);
	case DISCARD:
		io->n_segments = 0;
		if (!limits->discard_unit || (wire[1] & SECURE))
			return BLKIF_RSP_EOPNOTSUPP;
		return discard(io, first, number(wire + at->n_sectors, 8),
			       limits);
	case INDIRECT:
		if (!limits->indirect)
			return BLKIF_RSP_EOPNOTSUPP;
		io->operation = wire[1];
		if (wire[1] != READ && wire[1] != WRITE)
			return BLKIF_RSP_ERROR;
		io->op = wire[1] == READ ? BLK_READ : BLK_WRITE;
		io->indirect = true;
		io->n_segments = (unsigned int)number(wire + 2, 2);
		io->segments = frame;
		io->frame = (uint32_t)number(wire + at->frames, 4);
		return transfer(io, MODEL_SEGMENTS_MAX, first, limits);
	}
	return BLKIF_RSP_EOPNOTSUPP;
}

struct model_io model_request(const uint8_t wire[MODEL_WIRE_BYTES],
			      enum blk_abi abi, const uint8_t *frame,
			      const struct blk_limits *limits)
{
	const struct layout *at = &layouts[abi];
	struct model_io io = {.operation = wire[0]};

	io.id = number(wire + at->id, 8);
	io.status = judge(&io, wire, at, frame, limits);
	if (io.status == BLKIF_RSP_OKAY && limits->no_medium)
		io.status = BLKIF_RSP_ERROR;
	return io;
}

void model_change_the_rest(uint8_t wire[MODEL_WIRE_BYTES], enum blk_abi abi)
{
	const struct layout *at = &layouts[abi];
	uint8_t other[MODEL_WIRE_BYTES];
	unsigned int i;

	memset(other, 0xa5, sizeof(other));
	memcpy(other, wire, 2);
	memcpy(other + at->id, wire + at->id, 8);
	memcpy(other + at->sector, wire + at->sector, 8);
	if (wire[0] == INDIRECT) {
		memcpy(other + 2, wire + 2, 2);
		memcpy(other + at->frames, wire + at->frames, 4);
	} else if (wire[0] == DISCARD) {
		memcpy(other + at->n_sectors, wire + at->n_sectors, 8);
	} else {
		for (i = 0; i < wire[1] && i < 11; i++)
			memcpy(other + at->segments + i * MODEL_SEGMENT_BYTES,
			       wire + at->segments + i * MODEL_SEGMENT_BYTES,
			       6);
	}
	memcpy(wire, other, sizeof(other));
}
