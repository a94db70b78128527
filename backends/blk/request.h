/* SPDX-License-Identifier: MIT */
/*
 * What a guest's block request means, once it has been found to be sound. A
 * struct blk_io that request_parse accepted lies within the disk and within
 * the pages it names; whoever acts on it need not look again.
 */
#ifndef XN_BLK_REQUEST_H
#define XN_BLK_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "xen/abi.h"

#define BLK_SECTOR_BYTES 512
#define BLK_SEGMENTS_MAX BLKIF_MAX_SEGMENTS_PER_REQUEST
#define BLK_IO_BYTES_MAX (BLK_SEGMENTS_MAX * XC_PAGE_SIZE)

enum blk_op { BLK_READ, BLK_WRITE, BLK_FLUSH };

/* A run of bytes within one granted page. */
struct blk_segment {
	uint32_t ref;
	uint16_t offset;
	uint16_t bytes;
};

struct blk_io {
	enum blk_op op;
	bool flush_first;    /* what was answered before must be on the disk */
	uint64_t offset;     /* into the disk, in bytes */
	uint32_t bytes;	     /* the sum of the segments; 0 for BLK_FLUSH */
	uint32_t n_segments; /* 0 for BLK_FLUSH */
	struct blk_segment segments[BLK_SEGMENTS_MAX];
};

struct blk_limits {
	uint64_t sectors; /* at most UINT64_MAX / BLK_SECTOR_BYTES */
	bool read_only;
};

/*
 * wire is a private copy. Returns BLKIF_RSP_OKAY with *io filled, or the
 * status to refuse the request with: BLKIF_RSP_EOPNOTSUPP for an operation
 * that is not served, BLKIF_RSP_ERROR for one that makes no sense. Pure.
 */
int16_t request_parse(const struct blkif_request *wire,
		      const struct blk_limits *limits, struct blk_io *io);

#endif
