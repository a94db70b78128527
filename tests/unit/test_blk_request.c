/* SPDX-License-Identifier: MIT */
/* Block requests: which are served, which refused, and what becomes of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "tests/unit/blk_wire.h"

#define SECTORS 1000
#define OKAY	BLKIF_RSP_OKAY
#define ERROR	BLKIF_RSP_ERROR
#define NOTSUPP BLKIF_RSP_EOPNOTSUPP

/* Requests of every ABI: count segments, each first..last but for the last one, which is odd. */
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

	{"barrier, not offered", 2, 1, 0, 7, 0, 7, 0, false, NOTSUPP, 0},
	{"reserved", 4, 0, 0, 0, 0, 0, 0, false, NOTSUPP, 0},
	{"discard, not offered", 5, 0, 0, 0, 0, 0, 0, false, NOTSUPP, 0},
	{"indirect, not offered", 6, 0, 0, 0, 0, 0, 0, false, NOTSUPP, 0},
	{"unheard of", 7, 1, 0, 7, 0, 7, 0, false, NOTSUPP, 0},
	{"255", 255, 255, 255, 255, 255, 255, -1ull, false, NOTSUPP, 0},
};

static void fill(union blk_wire *wire, enum blk_abi abi, size_t row)
{
	unsigned int i;

	memset(wire, 0xa5, sizeof(*wire));
	wire_put(wire, abi, 0x1122334455667788ull, rows[row].operation,
		 rows[row].sector);
	wire_put_count(wire, rows[row].count);
	for (i = 0; i < BLK_DIRECT_SEGMENTS; i++) {
		bool odd = i + 1 == rows[row].count;

		wire_put_segment(wire, abi, i, 100 + i,
				 odd ? rows[row].odd_first : rows[row].first,
				 odd ? rows[row].odd_last : rows[row].last);
	}
}

static void check_row(size_t row, enum blk_abi abi)
{
	const struct blk_limits limits = {.sectors = SECTORS,
					  .read_only = rows[row].read_only};
	union blk_wire wire;
	struct blk_io io;
	int16_t status;

	fill(&wire, abi, row);
	status = request_parse(&wire, abi, &limits, &io);
	if (status != rows[row].status)
		fail_msg("%s, ABI %d: status %d", rows[row].name, abi, status);
	assert_int_equal(io.id, 0x1122334455667788ull);
	assert_int_equal(io.operation, rows[row].operation);
	if (status != OKAY)
		return;
	wire_check_promise(&io, &limits);
	if (io.bytes != rows[row].bytes)
		fail_msg("%s: %llu bytes", rows[row].name,
			 (unsigned long long)io.bytes);
	if (io.bytes)
		assert_int_equal(io.offset, rows[row].sector * 512);
}

static void test_rows(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		check_row(i, BLK_ABI_X86_64);
		check_row(i, BLK_ABI_X86_32);
	}
}

/* Nothing comes of what would be served if there were a medium. */
static void test_no_medium(void **state)
{
	const struct blk_limits limits = {.sectors = SECTORS,
					  .no_medium = true};
	union blk_wire wire;
	struct blk_io io;
	int16_t status;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		fill(&wire, BLK_ABI_X86_64, i);
		status = request_parse(&wire, BLK_ABI_X86_64, &limits, &io);
		assert_int_equal(status,
				 rows[i].status == NOTSUPP ? NOTSUPP : ERROR);
		assert_int_equal(io.id, 0x1122334455667788ull);
		assert_int_equal(io.operation, rows[i].operation);
	}
}

static void check_fields(enum blk_abi abi)
{
	const struct blk_limits limits = {.sectors = SECTORS, .barrier = true};
	union blk_wire wire;
	struct blk_io io;

	wire_put(&wire, abi, 77, BLKIF_OP_WRITE, 9);
	wire_put_count(&wire, 2);
	wire_put_segment(&wire, abi, 0, 7, 3, 7);
	wire_put_segment(&wire, abi, 1, 8, 0, 1);
	assert_int_equal(request_parse(&wire, abi, &limits, &io), OKAY);
	assert_int_equal(io.op, BLK_WRITE);
	assert_false(io.flush_first || io.durable || io.barrier || io.indirect);
	assert_int_equal(io.offset, 9 * 512);
	assert_int_equal(io.n_segments, 2);
	assert_int_equal(io.segments[0].ref, 7);
	assert_int_equal(io.segments[0].offset, 3 * 512);
	assert_int_equal(io.segments[0].bytes, 5 * 512);
	assert_int_equal(io.segments[1].ref, 8);
	assert_int_equal(io.segments[1].offset, 0);
	assert_int_equal(io.segments[1].bytes, 2 * 512);

	wire.operation = BLKIF_OP_FLUSH_DISKCACHE;
	assert_int_equal(request_parse(&wire, abi, &limits, &io), OKAY);
	assert_int_equal(io.op, BLK_WRITE);
	assert_true(io.flush_first && !io.durable && !io.barrier);
	wire.operation = BLKIF_OP_WRITE_BARRIER;
	assert_int_equal(request_parse(&wire, abi, &limits, &io), OKAY);
	assert_int_equal(io.op, BLK_WRITE);
	assert_true(io.flush_first && io.durable && io.barrier);
	wire_put_count(&wire, 0);
	assert_int_equal(request_parse(&wire, abi, &limits, &io), OKAY);
	assert_int_equal(io.op, BLK_FLUSH);
	assert_true(io.flush_first && io.barrier);
	wire.operation = BLKIF_OP_FLUSH_DISKCACHE;
	assert_int_equal(request_parse(&wire, abi, &limits, &io), OKAY);
	assert_int_equal(io.op, BLK_FLUSH);
	assert_true(io.flush_first && !io.barrier);
}

static void test_fields(void **state)
{
	(void)state;
	check_fields(BLK_ABI_X86_64);
	check_fields(BLK_ABI_X86_32);
}

/* Every byte that a guest can vary, at random: the promise holds. */
static void test_any_bytes(void **state)
{
	uint64_t x = 88172645463325252ull;
	unsigned int n, any, accepted[7] = {0};

	(void)state;
	for (n = 0; n < 600000; n++) {
		enum blk_abi abi = n & 1 ? BLK_ABI_X86_32 : BLK_ABI_X86_64;
		union blk_frame frame;
		union blk_wire wire;
		struct blk_limits limits;
		struct blk_io io;

		wire_put_noise(&wire, frame.wire, abi, &x);
		any = (unsigned int)(x >> 48); /* bits not used for wire */
		limits.sectors = any & 2 ? SECTORS : UINT64_MAX / 512;
		limits.read_only = any & 4;
		limits.no_medium = false;
		limits.indirect = any & 8;
		limits.barrier = any & 16;
		limits.discard_unit = any & 32 ? 512u << (any >> 6 & 7) : 0;
		if (request_parse(&wire, abi, &limits, &io) != OKAY)
			continue;
		if (io.indirect) {
			assert_true(io.n_segments <= BLK_SEGMENTS_MAX);
			if (request_parse_frame(&frame, &limits, &io) != OKAY)
				continue;
		}
		wire_check_promise(&io, &limits);
		accepted[wire.operation]++;
	}
	for (n = 0; n < 7; n++)
		if (n != BLKIF_OP_RESERVED_1)
			assert_true(accepted[n] > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_no_medium),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_any_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
