/* SPDX-License-Identifier: MIT */
/*
 * Every check that a block request must pass (xen/io/blkif.h). Ranges are
 * compared in sectors and by subtraction, so that no sum or product can wrap.
 */
#include "request.h"

#define PAGE_SECTORS (XC_PAGE_SIZE / BLK_SECTOR_BYTES)

/* A request whose fields no longer depend on the ABI. */
struct fields {
	uint8_t operation;
	uint8_t indirect_operation;
	uint8_t discard_flag;
	uint32_t n_segments;
	uint64_t id;
	uint64_t sector;
	uint64_t n_sectors; /* of a discard */
	uint32_t frame;
	const struct blk_wire_segment *segments; /* those in the request */
};

#define FIELDS_OF(bits)                                                      \
	static void fields_##bits(const union blk_wire *w, struct fields *f) \
	{                                                                    \
		f->operation = w->operation;                                 \
		f->id = w->rw##bits.id;                                      \
		f->sector = w->rw##bits.sector;                              \
		f->n_segments = w->rw##bits.n_segments;                      \
		f->segments = w->rw##bits.segments;                          \
		if (w->operation == BLKIF_OP_INDIRECT) {                     \
			f->indirect_operation =                              \
				w->indirect##bits.indirect_operation;        \
			f->n_segments = w->indirect##bits.n_segments;        \
			f->frame = w->indirect##bits.frames[0];              \
		} else if (w->operation == BLKIF_OP_DISCARD) {               \
			f->discard_flag = w->discard##bits.flag;             \
			f->n_sectors = w->discard##bits.n_sectors;           \
		}                                                            \
	}

FIELDS_OF(64)
FIELDS_OF(32)

static bool within(uint64_t sector, uint64_t count,
		   const struct blk_limits *limits)
{
	return sector <= limits->sectors && count <= limits->sectors - sector;
}

/* By value: a frame's become what they mean in their own place. */
static bool parse_segment(struct blk_wire_segment from, struct blk_segment *to)
{
	unsigned int count;

	if (from.first_sector > from.last_sector ||
	    from.last_sector >= PAGE_SECTORS)
		return false;
	count = from.last_sector - from.first_sector + 1u;
	*to = (struct blk_segment){
		.ref = from.ref,
		.offset = (uint16_t)(from.first_sector * BLK_SECTOR_BYTES),
		.bytes = (uint16_t)(count * BLK_SECTOR_BYTES),
	};
	return true;
}

/* io->offset and, when there are segments in the request, all about them. */
static int16_t parse_transfer(const struct fields *f,
			      const struct blk_limits *limits,
			      struct blk_io *io)
{
	uint32_t i;

	if (io->op == BLK_WRITE && limits->read_only)
		return BLKIF_RSP_ERROR;
	/* One sector at least: the rest is known with the segments. */
	if (f->n_segments == 0 || !within(f->sector, 1, limits))
		return BLKIF_RSP_ERROR;
	io->offset = f->sector * BLK_SECTOR_BYTES;
	if (io->indirect) {
		if (f->n_segments > BLK_SEGMENTS_MAX)
			return BLKIF_RSP_ERROR;
		io->n_segments = f->n_segments;
		io->frame = f->frame;
		return BLKIF_RSP_OKAY;
	}
	if (f->n_segments > BLK_DIRECT_SEGMENTS)
		return BLKIF_RSP_ERROR;
	for (i = 0; i < f->n_segments; i++) {
		if (!parse_segment(f->segments[i], &io->direct[i]))
			return BLKIF_RSP_ERROR;
		io->bytes += io->direct[i].bytes;
	}
	io->n_segments = f->n_segments;
	return within(f->sector, io->bytes / BLK_SECTOR_BYTES, limits)
		       ? BLKIF_RSP_OKAY
		       : BLKIF_RSP_ERROR;
}

/* A flush, or a write with one before it. */
static int16_t parse_flush(const struct fields *f,
			   const struct blk_limits *limits, struct blk_io *io)
{
	io->flush_first = true;
	io->op = f->n_segments ? BLK_WRITE : BLK_FLUSH;
	if (io->op == BLK_FLUSH)
		return BLKIF_RSP_OKAY;
	return parse_transfer(f, limits, io);
}

static int16_t parse_indirect(const struct fields *f,
			      const struct blk_limits *limits,
			      struct blk_io *io)
{
	/* What the guest finds in the response must be what it meant. */
	io->operation = f->indirect_operation;
	io->indirect = true;
	if (f->indirect_operation == BLKIF_OP_READ)
		io->op = BLK_READ;
	else if (f->indirect_operation == BLKIF_OP_WRITE)
		io->op = BLK_WRITE;
	else
		return BLKIF_RSP_ERROR;
	return parse_transfer(f, limits, io);
}

static int16_t parse_discard(const struct fields *f,
			     const struct blk_limits *limits, struct blk_io *io)
{
	uint64_t mask = limits->discard_unit / BLK_SECTOR_BYTES - 1;
	uint64_t begin, end;

	/* A promise of erasure that nobody here can keep. */
	if (f->discard_flag & BLKIF_DISCARD_SECURE)
		return BLKIF_RSP_EOPNOTSUPP;
	if (limits->read_only || f->n_sectors == 0 ||
	    !within(f->sector, f->n_sectors, limits))
		return BLKIF_RSP_ERROR;
	begin = (f->sector + mask) & ~mask;
	end = (f->sector + f->n_sectors) & ~mask;
	io->op = begin < end ? BLK_DISCARD : BLK_NOTHING;
	if (io->op == BLK_DISCARD) {
		io->offset = begin * BLK_SECTOR_BYTES;
		io->bytes = (end - begin) * BLK_SECTOR_BYTES;
	}
	return BLKIF_RSP_OKAY;
}

/* All but the segments, of which only n_segments are ever looked at. */
static void io_begin(struct blk_io *io, const struct fields *f)
{
	io->id = f->id;
	io->operation = f->operation;
	io->op = BLK_NOTHING;
	io->flush_first = false;
	io->durable = false;
	io->barrier = false;
	io->indirect = false;
	io->frame = 0;
	io->offset = 0;
	io->bytes = 0;
	io->n_segments = 0;
	io->segments = io->direct;
}

static int16_t parse_fields(const struct fields *f,
			    const struct blk_limits *limits, struct blk_io *io)
{
	switch (f->operation) {
	case BLKIF_OP_READ:
		io->op = BLK_READ;
		return parse_transfer(f, limits, io);
	case BLKIF_OP_WRITE:
		io->op = BLK_WRITE;
		return parse_transfer(f, limits, io);
	case BLKIF_OP_FLUSH_DISKCACHE:
		return parse_flush(f, limits, io);
	case BLKIF_OP_WRITE_BARRIER:
		if (!limits->barrier)
			break;
		io->barrier = true;
		io->durable = true;
		return parse_flush(f, limits, io);
	case BLKIF_OP_DISCARD:
		if (!limits->discard_unit)
			break;
		return parse_discard(f, limits, io);
	case BLKIF_OP_INDIRECT:
		if (!limits->indirect)
			break;
		return parse_indirect(f, limits, io);
	}
	return BLKIF_RSP_EOPNOTSUPP;
}

int16_t request_parse(const union blk_wire *wire, enum blk_abi abi,
		      const struct blk_limits *limits, struct blk_io *io)
{
	struct fields f = {0};
	int16_t status;

	if (abi == BLK_ABI_X86_32)
		fields_32(wire, &f);
	else
		fields_64(wire, &f);
	io_begin(io, &f);
	status = parse_fields(&f, limits, io);
	if (status == BLKIF_RSP_OKAY && limits->no_medium)
		return BLKIF_RSP_ERROR;
	return status;
}

int16_t request_parse_frame(union blk_frame *frame,
			    const struct blk_limits *limits, struct blk_io *io)
{
	uint32_t i;

	for (i = 0; i < io->n_segments; i++) {
		if (!parse_segment(frame->wire[i], &frame->parsed[i]))
			return BLKIF_RSP_ERROR;
		io->bytes += frame->parsed[i].bytes;
	}
	io->segments = frame->parsed;
	return within(io->offset / BLK_SECTOR_BYTES,
		      io->bytes / BLK_SECTOR_BYTES, limits)
		       ? BLKIF_RSP_OKAY
		       : BLKIF_RSP_ERROR;
}
