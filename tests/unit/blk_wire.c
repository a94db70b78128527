/* SPDX-License-Identifier: MIT */
/* Requests by their offsets, which differ where a 64-bit field begins. */
#include "tests/unit/blk_wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static const struct offsets {
	size_t id, sector, segments, frames, n_sectors;
} offsets[BLK_ABIS] = {
	[BLK_ABI_X86_64] = {8, 16, 24, 28, 24},
	[BLK_ABI_X86_32] = {4, 12, 20, 24, 20},
};

void wire_put(void *wire, enum blk_abi abi, uint64_t id, uint8_t operation,
	      uint64_t sector)
{
	uint8_t *bytes = wire;

	bytes[0] = operation;
	memcpy(bytes + offsets[abi].id, &id, 8);
	memcpy(bytes + offsets[abi].sector, &sector, 8);
}

void wire_put_count(void *wire, uint8_t n_segments)
{
	uint8_t *bytes = wire;

	bytes[1] = n_segments;
}

void wire_put_segment(void *wire, enum blk_abi abi, unsigned int i,
		      uint32_t ref, uint8_t first, uint8_t last)
{
	uint8_t *bytes = wire;
	uint8_t *at = bytes + offsets[abi].segments + (size_t)i * 8;

	memcpy(at, &ref, 4);
	at[4] = first;
	at[5] = last;
}

void wire_put_indirect(void *wire, enum blk_abi abi, uint8_t operation,
		       uint16_t n_segments, uint32_t frame)
{
	uint8_t *bytes = wire;

	bytes[0] = BLKIF_OP_INDIRECT;
	bytes[1] = operation;
	memcpy(bytes + 2, &n_segments, 2);
	memcpy(bytes + offsets[abi].frames, &frame, 4);
}

void wire_put_discard(void *wire, enum blk_abi abi, uint8_t flag,
		      uint64_t n_sectors)
{
	uint8_t *bytes = wire;

	bytes[0] = BLKIF_OP_DISCARD;
	bytes[1] = flag;
	memcpy(bytes + offsets[abi].n_sectors, &n_sectors, 8);
}

static void noise(void *to, size_t bytes, uint64_t *x)
{
	unsigned char *at = to;

	while (bytes--) {
		*x ^= *x << 13;
		*x ^= *x >> 7;
		*x ^= *x << 17;
		*at++ = (unsigned char)(*x >> 32);
	}
}

void wire_put_noise(union blk_wire *wire, struct blk_wire_segment *frame,
		    enum blk_abi abi, uint64_t *seed)
{
	uint8_t *first = wire->bytes + offsets[abi].segments + 4;
	uint16_t n;
	unsigned int i;

	noise(wire, sizeof(*wire), seed);
	noise(frame, 8 * sizeof(*frame), seed);
	wire->bytes[0] %= 8;
	if (*seed & 1)
		memset(wire->bytes + offsets[abi].sector + 1, 0, 7);
	if (wire->bytes[0] == BLKIF_OP_INDIRECT) {
		n = *seed & 2 ? *seed >> 8 & 7 : (uint16_t)(*seed >> 8);
		wire->bytes[1] &= 3;
		memcpy(wire->bytes + 2, &n, 2);
		memset(frame + 8, 0, sizeof(*frame) * (BLK_SEGMENTS_MAX - 8));
	} else if (wire->bytes[0] == BLKIF_OP_DISCARD) {
		if (*seed & 2)
			memset(wire->bytes + offsets[abi].n_sectors + 2, 0, 6);
	} else {
		wire->bytes[1] &= 3;
	}
	for (i = 0; i < 8; i++) {
		frame[i].first_sector &= 3;
		frame[i].last_sector &= 7;
		if (wire->bytes[0] <= BLKIF_OP_FLUSH_DISKCACHE && i < 3) {
			first[i * 8] &= 7;
			first[i * 8 + 1] &= 15;
		}
	}
}

static void check_segments(const struct blk_io *io)
{
	uint64_t sum = 0;
	uint32_t i;

	assert_true(io->n_segments > 0);
	assert_true(io->n_segments <= BLK_SEGMENTS_MAX);
	for (i = 0; i < io->n_segments; i++) {
		assert_true(io->segments[i].bytes > 0);
		assert_true(io->segments[i].offset + io->segments[i].bytes <=
			    4096);
		sum += io->segments[i].bytes;
	}
	assert_int_equal(sum, io->bytes);
	assert_true(io->bytes <= BLK_IO_BYTES_MAX);
}

void wire_check_promise(const struct blk_io *io,
			const struct blk_limits *limits)
{
	assert_true(io->offset <= limits->sectors * 512);
	assert_true(io->bytes <= limits->sectors * 512 - io->offset);
	assert_false(io->barrier && !limits->barrier);
	assert_false(io->indirect && !limits->indirect);
	switch (io->op) {
	case BLK_WRITE:
		assert_false(limits->read_only);
		check_segments(io);
		break;
	case BLK_READ:
		check_segments(io);
		break;
	case BLK_DISCARD:
		assert_false(limits->read_only);
		assert_true(io->bytes > 0);
		assert_int_equal(io->offset % limits->discard_unit, 0);
		assert_int_equal(io->bytes % limits->discard_unit, 0);
		break;
	case BLK_NOTHING:
		assert_int_not_equal(limits->discard_unit, 0);
		break;
	case BLK_FLUSH:
		assert_true(io->flush_first);
		break;
	}
	if (io->op != BLK_READ && io->op != BLK_WRITE)
		assert_int_equal(io->n_segments, 0);
}
