/* SPDX-License-Identifier: MIT */
/* Block requests: which are served, which refused, and what becomes of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "backends/blk/request.h"

#define SECTORS 1000
#define OKAY	BLKIF_RSP_OKAY
#define ERROR	BLKIF_RSP_ERROR
#define NOTSUPP BLKIF_RSP_EOPNOTSUPP

/* count segments, each first..last but for the last one, which is odd. */
static const struct {
	const char *name;
	uint8_t operation;
	uint8_t count;
	uint8_t first, last;
	uint8_t odd_first, odd_last;
	uint64_t sector;
	bool read_only;
	int16_t status;
	uint32_t bytes;
} rows[] = {
	{"one page", 0, 1, 0, 7, 0, 7, 0, false, OKAY, 4096},
	{"one sector", 0, 1, 0, 0, 0, 0, 0, false, OKAY, 512},
	{"the last sector of a page", 1, 1, 0, 0, 7, 7, 5, false, OKAY, 512},
	{"eleven pages", 1, 11, 0, 7, 0, 7, 0, false, OKAY, 45056},
	{"a short tail", 0, 3, 0, 7, 0, 1, 0, false, OKAY, 9216},
	{"a late start", 0, 2, 4, 7, 0, 7, 0, false, OKAY, 6144},
	{"ends at the end", 0, 1, 0, 7, 0, 7, SECTORS - 8, false, OKAY, 4096},
	{"read of a read-only disk", 0, 1, 0, 7, 0, 7, 0, true, OKAY, 4096},
	{"flush", 3, 0, 0, 0, 0, 0, 0, false, OKAY, 0},
	{"flush beyond the end", 3, 0, 0, 0, 0, 0, -1ull, false, OKAY, 0},
	{"flush of a read-only disk", 3, 0, 0, 0, 0, 0, 0, true, OKAY, 0},
	{"flush that writes", 3, 1, 0, 7, 0, 7, 0, false, OKAY, 4096},

	{"no segment, read", 0, 0, 0, 0, 0, 0, 0, false, ERROR, 0},
	{"no segment, write", 1, 0, 0, 0, 0, 0, 0, false, ERROR, 0},
	{"twelve segments", 0, 12, 0, 7, 0, 7, 0, false, ERROR, 0},
	{"255 segments", 0, 255, 0, 7, 0, 7, 0, false, ERROR, 0},
	{"backwards", 0, 1, 0, 7, 3, 2, 0, false, ERROR, 0},
	{"backwards, tail", 0, 11, 0, 7, 7, 0, 0, false, ERROR, 0},
	{"beyond the page", 0, 1, 0, 7, 0, 8, 0, false, ERROR, 0},
	{"beyond the page, tail", 1, 11, 0, 7, 0, 255, 0, false, ERROR, 0},
	{"wholly beyond", 0, 1, 0, 7, 8, 8, 0, false, ERROR, 0},
	{"one past the end", 0, 1, 0, 7, 0, 7, SECTORS - 7, false, ERROR, 0},
	{"starts at the end", 0, 1, 0, 0, 0, 0, SECTORS, false, ERROR, 0},
	{"starts past it", 1, 1, 0, 0, 0, 0, SECTORS + 1, false, ERROR, 0},
	{"sum wraps", 1, 1, 0, 7, 0, 7, -1ull, false, ERROR, 0},
	{"sum wraps to 0", 1, 1, 0, 7, 0, 7, -8ull, false, ERROR, 0},
	{"bytes wrap", 1, 1, 0, 7, 0, 7, 1ull << 55, false, ERROR, 0},
	{"write, read-only", 1, 1, 0, 7, 0, 7, 0, true, ERROR, 0},
	{"flush that writes, read-only", 3, 1, 0, 7, 0, 7, 0, true, ERROR, 0},
	{"flush that writes beyond", 3, 1, 0, 0, 0, 0, SECTORS, false, ERROR,
	 0},

	{"barrier", 2, 1, 0, 7, 0, 7, 0, false, NOTSUPP, 0},
	{"reserved", 4, 0, 0, 0, 0, 0, 0, false, NOTSUPP, 0},
	{"discard", 5, 0, 0, 0, 0, 0, 0, false, NOTSUPP, 0},
	{"indirect", 6, 0, 0, 0, 0, 0, 0, false, NOTSUPP, 0},
	{"unheard of", 7, 1, 0, 7, 0, 7, 0, false, NOTSUPP, 0},
	{"255", 255, 255, 255, 255, 255, 255, -1ull, false, NOTSUPP, 0},
};

static void fill(struct blkif_request *wire, size_t row)
{
	unsigned int i;

	memset(wire, 0xa5, sizeof(*wire));
	wire->operation = rows[row].operation;
	wire->nr_segments = rows[row].count;
	wire->sector_number = rows[row].sector;
	for (i = 0; i < BLKIF_MAX_SEGMENTS_PER_REQUEST; i++) {
		bool odd = i + 1 == rows[row].count;

		wire->seg[i].gref = 100 + i;
		wire->seg[i].first_sect =
			odd ? rows[row].odd_first : rows[row].first;
		wire->seg[i].last_sect =
			odd ? rows[row].odd_last : rows[row].last;
	}
}

/* What request.h promises of an accepted request, whatever the row says. */
static void check_promise(const struct blk_io *io,
			  const struct blk_limits *limits)
{
	uint32_t sum = 0, i;

	assert_true(io->n_segments <= BLK_SEGMENTS_MAX);
	for (i = 0; i < io->n_segments; i++) {
		assert_true(io->segments[i].bytes > 0);
		assert_true(io->segments[i].offset + io->segments[i].bytes <=
			    4096);
		sum += io->segments[i].bytes;
	}
	assert_int_equal(sum, io->bytes);
	assert_true(io->bytes <= BLK_IO_BYTES_MAX);
	assert_true(io->offset <= limits->sectors * 512);
	assert_true(io->bytes <= limits->sectors * 512 - io->offset);
	assert_false(limits->read_only && io->op == BLK_WRITE);
}

static void test_rows(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct blk_limits limits = {SECTORS, rows[i].read_only};
		struct blkif_request wire;
		struct blk_io io;
		int16_t status;

		fill(&wire, i);
		status = request_parse(&wire, &limits, &io);
		if (status != rows[i].status)
			fail_msg("%s: status %d", rows[i].name, status);
		if (status != OKAY)
			continue;
		check_promise(&io, &limits);
		if (io.bytes != rows[i].bytes)
			fail_msg("%s: %u bytes", rows[i].name, io.bytes);
		if (io.bytes)
			assert_int_equal(io.offset, rows[i].sector * 512);
	}
}

static void test_fields(void **state)
{
	const struct blk_limits limits = {SECTORS, false};
	struct blkif_request wire = {
		.operation = BLKIF_OP_WRITE,
		.nr_segments = 2,
		.sector_number = 9,
		.seg = {{.gref = 7, .first_sect = 3, .last_sect = 7},
			{.gref = 8, .first_sect = 0, .last_sect = 1}},
	};
	struct blk_io io;

	(void)state;
	assert_int_equal(request_parse(&wire, &limits, &io), OKAY);
	assert_int_equal(io.op, BLK_WRITE);
	assert_false(io.flush_first);
	assert_int_equal(io.offset, 9 * 512);
	assert_int_equal(io.n_segments, 2);
	assert_int_equal(io.segments[0].ref, 7);
	assert_int_equal(io.segments[0].offset, 3 * 512);
	assert_int_equal(io.segments[0].bytes, 5 * 512);
	assert_int_equal(io.segments[1].ref, 8);
	assert_int_equal(io.segments[1].offset, 0);
	assert_int_equal(io.segments[1].bytes, 2 * 512);

	wire.operation = BLKIF_OP_FLUSH_DISKCACHE;
	assert_int_equal(request_parse(&wire, &limits, &io), OKAY);
	assert_int_equal(io.op, BLK_WRITE);
	assert_true(io.flush_first);
	wire.nr_segments = 0;
	assert_int_equal(request_parse(&wire, &limits, &io), OKAY);
	assert_int_equal(io.op, BLK_FLUSH);
	assert_true(io.flush_first);
}

/* Every byte that a guest can vary, at random: the promise holds. */
static void test_any_bytes(void **state)
{
	uint64_t x = 88172645463325252ull;
	unsigned int n, accepted = 0;

	(void)state;
	for (n = 0; n < 300000; n++) {
		struct blkif_request wire;
		struct blk_limits limits;
		struct blk_io io;
		unsigned char *at = (unsigned char *)&wire;
		size_t i;

		for (i = 0; i < sizeof(wire); i++) {
			x ^= x << 13;
			x ^= x >> 7;
			x ^= x << 17;
			at[i] = (unsigned char)(x >> 32);
		}
		wire.operation &= 7;
		wire.nr_segments &= 3;
		if (x & 1)
			wire.sector_number &= 1023;
		for (i = 0; i < 3; i++) {
			wire.seg[i].first_sect &= 7;
			wire.seg[i].last_sect &= 15;
		}
		limits.sectors = x & 2 ? SECTORS : UINT64_MAX / 512;
		limits.read_only = x & 4;
		if (request_parse(&wire, &limits, &io) == OKAY) {
			check_promise(&io, &limits);
			accepted++;
		}
	}
	assert_true(accepted > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_any_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
