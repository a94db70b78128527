/* SPDX-License-Identifier: MIT */
/* Requests of another shape: indirect ones, and discards. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "tests/unit/blk_wire.h"

#define SECTORS 4000
#define OKAY	BLKIF_RSP_OKAY
#define ERROR	BLKIF_RSP_ERROR
#define NOTSUPP BLKIF_RSP_EOPNOTSUPP

/* What the request itself leads to, and then its frame of whole pages. */
static const struct {
	const char *name;
	uint8_t operation;
	uint16_t count;
	uint64_t sector;
	bool read_only;
	int16_t status, frame_status;
} indirect[] = {
	{"one", 0, 1, 0, false, OKAY, OKAY},
	{"twelve", 1, 12, 8, false, OKAY, OKAY},
	{"all that was offered", 1, 256, 0, false, OKAY, OKAY},
	{"up to the end", 0, 256, SECTORS - 2048, false, OKAY, OKAY},
	{"one page beyond the end", 0, 256, SECTORS - 2047, false, OKAY, ERROR},
	{"read of a read-only disk", 0, 20, 0, true, OKAY, OKAY},

	{"none", 0, 0, 0, false, ERROR, 0},
	{"one too many", 0, 257, 0, false, ERROR, 0},
	{"a whole frame", 0, 512, 0, false, ERROR, 0},
	{"eight frames", 1, 4096, 0, false, ERROR, 0},
	{"as many as can be said", 1, 65535, 0, false, ERROR, 0},
	{"write of a read-only disk", 1, 20, 0, true, ERROR, 0},
	{"starts past the end", 0, 1, SECTORS, false, ERROR, 0},
	{"wraps", 0, 1, -1ull, false, ERROR, 0},
	{"an indirect flush", 3, 1, 0, false, ERROR, 0},
	{"an indirect barrier", 2, 1, 0, false, ERROR, 0},
	{"an indirect discard", 5, 1, 0, false, ERROR, 0},
	{"an indirect indirect", 6, 1, 0, false, ERROR, 0},
};

static void check_indirect(size_t row, enum blk_abi abi)
{
	const struct blk_limits limits = {.sectors = SECTORS,
					  .indirect = true,
					  .barrier = true,
					  .discard_unit = 512,
					  .read_only = indirect[row].read_only};
	union blk_frame frame;
	union blk_wire wire;
	struct blk_io io;
	uint32_t i;
	int16_t status;

	memset(&wire, 0xa5, sizeof(wire));
	wire_put(&wire, abi, 42, BLKIF_OP_INDIRECT, indirect[row].sector);
	wire_put_indirect(&wire, abi, indirect[row].operation,
			  indirect[row].count, 0x12345678);
	status = request_parse(&wire, abi, &limits, &io);
	if (status != indirect[row].status)
		fail_msg("%s: status %d", indirect[row].name, status);
	assert_int_equal(io.id, 42);
	/* Linux's front end stops when it is told INDIRECT. */
	assert_int_equal(io.operation, indirect[row].operation);
	if (status != OKAY)
		return;
	assert_true(io.indirect);
	assert_int_equal(io.frame, 0x12345678);
	assert_int_equal(io.n_segments, indirect[row].count);
	assert_int_equal(io.offset, indirect[row].sector * 512);
	for (i = 0; i < io.n_segments; i++)
		frame.wire[i] =
			(struct blk_wire_segment){1000 + i, 0, 7, 0xa5a5};
	status = request_parse_frame(&frame, &limits, &io);
	if (status != indirect[row].frame_status)
		fail_msg("%s: frame's status %d", indirect[row].name, status);
	if (status != OKAY)
		return;
	wire_check_promise(&io, &limits);
	assert_int_equal(io.bytes, 4096 * indirect[row].count);
	assert_int_equal(io.segments[io.n_segments - 1].ref,
			 1000 + io.n_segments - 1);
}

static void test_indirect(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(indirect) / sizeof(indirect[0]); i++) {
		check_indirect(i, BLK_ABI_X86_64);
		check_indirect(i, BLK_ABI_X86_32);
	}
}

static void test_bad_frame(void **state)
{
	const struct blk_limits limits = {.sectors = SECTORS, .indirect = true};
	union blk_frame frame;
	union blk_wire wire;
	struct blk_io io;
	unsigned int i;

	(void)state;
	for (i = 0; i < 20; i++) {
		memset(&frame, 0, sizeof(frame));
		frame.wire[i].first_sector = 1; /* and ends before */
		wire_put(&wire, BLK_ABI_X86_64, 1, 0, 0);
		wire_put_indirect(&wire, BLK_ABI_X86_64, BLKIF_OP_READ, 20, 7);
		assert_int_equal(
			request_parse(&wire, BLK_ABI_X86_64, &limits, &io),
			OKAY);
		assert_int_equal(request_parse_frame(&frame, &limits, &io),
				 ERROR);
	}
}

/* unit in bytes; begin and count in sectors, as asked and as they become. */
static const struct {
	const char *name;
	uint64_t sector, n_sectors;
	uint32_t unit;
	uint8_t flag;
	bool read_only;
	int16_t status;
	uint64_t begin, count;
} discards[] = {
	{"a sector", 5, 1, 512, 0, false, OKAY, 5, 1},
	{"all", 0, SECTORS, 512, 0, false, OKAY, 0, SECTORS},
	{"all but the tail of a unit", 0, SECTORS, 65536, 0, false, OKAY, 0,
	 3968},
	{"the last", SECTORS - 1, 1, 512, 0, false, OKAY, SECTORS - 1, 1},
	{"cut at both ends", 1, 16, 4096, 0, false, OKAY, 8, 8},
	{"cut to nothing", 1, 14, 4096, 0, false, OKAY, 0, 0},
	{"a bit that means nothing", 8, 8, 512, 2, false, OKAY, 8, 8},

	{"not offered", 0, 8, 0, 0, false, NOTSUPP, 0, 0},
	{"secure", 0, 8, 512, 1, false, NOTSUPP, 0, 0},
	{"read-only", 0, 8, 512, 0, true, ERROR, 0, 0},
	{"none", 8, 0, 512, 0, false, ERROR, 0, 0},
	{"one past the end", SECTORS - 7, 8, 512, 0, false, ERROR, 0, 0},
	{"starts at the end", SECTORS, 1, 512, 0, false, ERROR, 0, 0},
	{"wraps", 8, -8ull, 512, 0, false, ERROR, 0, 0},
	{"wraps to the start", 8, -1ull, 512, 0, false, ERROR, 0, 0},
	{"bytes wrap", 0, 1ull << 55, 512, 0, false, ERROR, 0, 0},
	{"far away", -1ull, 1, 512, 0, false, ERROR, 0, 0},
};

static void check_discard(size_t row, enum blk_abi abi)
{
	const struct blk_limits limits = {.sectors = SECTORS,
					  .discard_unit = discards[row].unit,
					  .read_only = discards[row].read_only};
	union blk_wire wire;
	struct blk_io io;
	int16_t status;

	memset(&wire, 0xa5, sizeof(wire));
	wire_put(&wire, abi, 43, BLKIF_OP_DISCARD, discards[row].sector);
	wire_put_discard(&wire, abi, discards[row].flag,
			 discards[row].n_sectors);
	status = request_parse(&wire, abi, &limits, &io);
	if (status != discards[row].status)
		fail_msg("%s: status %d", discards[row].name, status);
	assert_int_equal(io.id, 43);
	assert_int_equal(io.operation, BLKIF_OP_DISCARD);
	if (status != OKAY)
		return;
	wire_check_promise(&io, &limits);
	assert_int_equal(io.op,
			 discards[row].count ? BLK_DISCARD : BLK_NOTHING);
	assert_int_equal(io.offset, discards[row].begin * 512);
	assert_int_equal(io.bytes, discards[row].count * 512);
}

static void test_discards(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(discards) / sizeof(discards[0]); i++) {
		check_discard(i, BLK_ABI_X86_64);
		check_discard(i, BLK_ABI_X86_32);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_indirect),
		cmocka_unit_test(test_bad_frame),
		cmocka_unit_test(test_discards),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
