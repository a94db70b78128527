/* SPDX-License-Identifier: MIT */
/*
 * Block requests of either ABI, put together field by field, and what every
 * accepted one must keep. Offsets are given here as numbers, and not through
 * the product's structs, so that a mistake in those is seen.
 */
#ifndef XN_TESTS_BLK_WIRE_H
#define XN_TESTS_BLK_WIRE_H

#include "backends/blk/request.h"

/*
 * wire: as many bytes as a request of the ABI has. Sets any request's first
 * fields; what else there is stays as it was.
 */
void wire_put(void *wire, enum blk_abi abi, uint64_t id, uint8_t operation,
	      uint64_t sector);

/* Of a read, write, flush or barrier. */
void wire_put_count(void *wire, uint8_t n_segments);
void wire_put_segment(void *wire, enum blk_abi abi, unsigned int i,
		      uint32_t ref, uint8_t first, uint8_t last);

void wire_put_indirect(void *wire, enum blk_abi abi, uint8_t operation,
		       uint16_t n_segments, uint32_t frame);
void wire_put_discard(void *wire, enum blk_abi abi, uint8_t flag,
		      uint64_t n_sectors);

/*
 * Random bytes, of which some are held to a range in which they are not
 * always refused. seed is read and advanced; frame has BLK_SEGMENTS_MAX.
 */
void wire_put_noise(union blk_wire *wire, struct blk_wire_segment *frame,
		    enum blk_abi abi, uint64_t *seed);

/* Fails the test when io is not within what limits allow. */
void wire_check_promise(const struct blk_io *io,
			const struct blk_limits *limits);

#endif
