/* SPDX-License-Identifier: MIT */
/*
 * Every check that a block request must pass (xen/io/blkif.h). Ranges are
 * compared in sectors and by subtraction, so that no sum or product can wrap.
 */
#include "request.h"

#define PAGE_SECTORS (XC_PAGE_SIZE / BLK_SECTOR_BYTES)

static bool parse_segments(const struct blkif_request *wire, struct blk_io *io)
{
	uint32_t i;

	if (wire->nr_segments > BLK_SEGMENTS_MAX)
		return false;
	for (i = 0; i < wire->nr_segments; i++) {
		const struct blkif_request_segment *from = &wire->seg[i];
		unsigned int count;

		if (from->first_sect > from->last_sect ||
		    from->last_sect >= PAGE_SECTORS)
			return false;
		count = from->last_sect - from->first_sect + 1u;
		io->segments[i].ref = from->gref;
		io->segments[i].offset =
			(uint16_t)(from->first_sect * BLK_SECTOR_BYTES);
		io->segments[i].bytes = (uint16_t)(count * BLK_SECTOR_BYTES);
		io->bytes += io->segments[i].bytes;
	}
	io->n_segments = wire->nr_segments;
	return true;
}

static bool parse_transfer(const struct blkif_request *wire,
			   const struct blk_limits *limits, struct blk_io *io)
{
	uint64_t count;

	if (wire->nr_segments == 0 || !parse_segments(wire, io))
		return false;
	if (io->op == BLK_WRITE && limits->read_only)
		return false;
	count = io->bytes / BLK_SECTOR_BYTES;
	if (wire->sector_number > limits->sectors ||
	    count > limits->sectors - wire->sector_number)
		return false;
	io->offset = wire->sector_number * BLK_SECTOR_BYTES;
	return true;
}

int16_t request_parse(const struct blkif_request *wire,
		      const struct blk_limits *limits, struct blk_io *io)
{
	*io = (struct blk_io){0};
	switch (wire->operation) {
	case BLKIF_OP_READ:
		io->op = BLK_READ;
		break;
	case BLKIF_OP_WRITE:
		io->op = BLK_WRITE;
		break;
	case BLKIF_OP_FLUSH_DISKCACHE:
		io->flush_first = true;
		io->op = wire->nr_segments ? BLK_WRITE : BLK_FLUSH;
		break;
	default:
		return BLKIF_RSP_EOPNOTSUPP;
	}
	if (io->op == BLK_FLUSH)
		return BLKIF_RSP_OKAY;
	return parse_transfer(wire, limits, io) ? BLKIF_RSP_OKAY
						: BLKIF_RSP_ERROR;
}
