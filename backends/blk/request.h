/* SPDX-License-Identifier: MIT */
/*
 * What a guest's block request means, once it has been found to be sound. A
 * struct blk_io that was accepted lies within the disk and within the pages
 * it names; whoever acts on it need not look again.
 */
#ifndef XN_BLK_REQUEST_H
#define XN_BLK_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "abi.h"

#define BLK_SECTOR_BYTES 512
#define BLK_SEGMENTS_MAX 256 /* what we offer, of an indirect request */
#define BLK_IO_BYTES_MAX (BLK_SEGMENTS_MAX * XC_PAGE_SIZE) /* read, write */

/*
 * What may be in an indirect frame. One is enough for what we offer, so only
 * the first of those that a request names is ever looked at.
 */
#define BLK_FRAME_SEGMENTS (XC_PAGE_SIZE / sizeof(struct blk_wire_segment))
_Static_assert(BLK_SEGMENTS_MAX <= BLK_FRAME_SEGMENTS, "one indirect frame");

enum blk_op {
	BLK_READ,
	BLK_WRITE,
	BLK_FLUSH,
	BLK_DISCARD,
	BLK_NOTHING, /* done already: a discard of less than a unit */
};

/* A run of bytes within one granted page. */
struct blk_segment {
	uint32_t ref;
	uint16_t offset;
	uint16_t bytes;
};

/*
 * The segments of an indirect request, first as they were copied, then, in
 * the same place, as they were parsed: both take 8 bytes each.
 */
union blk_frame {
	struct blk_wire_segment wire[BLK_SEGMENTS_MAX];
	struct blk_segment parsed[BLK_SEGMENTS_MAX];
};

/* Not to be copied: it may point into itself. */
struct blk_io {
	uint64_t id;	   /* the guest's name for it, of any request */
	uint8_t operation; /* BLKIF_OP_…, as the response must say it */
	enum blk_op op;
	bool flush_first; /* what was answered before must be on the disk */
	bool durable;	  /* a write that must be on the disk once answered */
	bool barrier;	  /* nothing passes it, either way */
	bool indirect;	  /* its segments are in a frame, see below */
	uint32_t frame;	  /* the grant of the page that holds them */
	uint64_t offset;  /* into the disk, in bytes */
	uint64_t bytes;	  /* of the disk; 0 for BLK_FLUSH, BLK_NOTHING */
	uint32_t n_segments; /* 0 but for BLK_READ and BLK_WRITE */
	const struct blk_segment *segments;		/* n_segments of them */
	struct blk_segment direct[BLK_DIRECT_SEGMENTS]; /* unless indirect */
};

/* The disk, and what its guest has been offered. */
struct blk_limits {
	uint64_t sectors; /* at most UINT64_MAX / BLK_SECTOR_BYTES */
	bool read_only;
	bool no_medium; /* an empty drive: every request fails */
	bool indirect;	/* requests of up to BLK_SEGMENTS_MAX segments */
	bool barrier;
	/*
	 * A discard is cut down to multiples of this many bytes, a power of
	 * two of at least a sector; 0: none is served.
	 */
	uint32_t discard_unit;
};

/*
 * wire is a private copy. Returns BLKIF_RSP_OKAY with *io filled, or the
 * status to refuse the request with: BLKIF_RSP_EOPNOTSUPP for an operation
 * that has not been offered, BLKIF_RSP_ERROR for one that makes no sense;
 * io->id and io->operation are there in every case. Pure.
 *
 * When io->indirect, io is not complete: n_segments of struct
 * blk_wire_segment are to be copied out of the page io->frame, once, and
 * given to request_parse_frame.
 */
int16_t request_parse(const union blk_wire *wire, enum blk_abi abi,
		      const struct blk_limits *limits, struct blk_io *io);

/*
 * frame->wire: io->n_segments of them, a private copy. They become
 * frame->parsed, to which io then points. Returns as request_parse.
 */
int16_t request_parse_frame(union blk_frame *frame,
			    const struct blk_limits *limits, struct blk_io *io);

#endif
