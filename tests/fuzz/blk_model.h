/* SPDX-License-Identifier: MIT */
/*
 * A reference for what a block request means, written from xen/io/blkif.h
 * alone: byte by byte, and in 128 bits.
 */
#ifndef XN_FUZZ_BLK_MODEL_H
#define XN_FUZZ_BLK_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "backends/blk/request.h"

#define MODEL_WIRE_BYTES    112
#define MODEL_SEGMENT_BYTES 8
#define MODEL_SEGMENTS_MAX  256

typedef unsigned __int128 wide;

struct model_io {
	int16_t status; /* BLKIF_RSP_…; the rest only for OKAY, but for these: */
	uint64_t id;
	uint8_t operation; /* as the response says it */
	enum blk_op op;
	bool flush_first, durable, barrier, indirect;
	uint32_t frame;	    /* of an indirect request */
	wide offset, bytes; /* of the disk */
	unsigned int n_segments;
	const uint8_t *segments; /* of 8 bytes each, borrowed */
};

/*
 * wire: an entry of the ring. frame: what lies in the page that an indirect
 * request names, MODEL_SEGMENTS_MAX segments.
 */
struct model_io model_request(const uint8_t wire[MODEL_WIRE_BYTES],
			      enum blk_abi abi, const uint8_t *frame,
			      const struct blk_limits *limits);

/* Fills what has no say in the request's meaning with a pattern. */
void model_change_the_rest(uint8_t wire[MODEL_WIRE_BYTES], enum blk_abi abi);

/* A segment's fields. */
uint32_t model_segment_ref(const uint8_t *segment);
uint32_t model_segment_begin(const uint8_t *segment); /* in bytes */
uint32_t model_segment_end(const uint8_t *segment);

#endif
