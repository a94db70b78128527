/* SPDX-License-Identifier: MIT */
/*
 * What a frontend may negotiate, through a whole queue: either ABI, rings of
 * several pages, indirect requests, persistent grants, barriers, discards.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include <event2/event.h>

#include "tests/unit/blk_guest.h"
#include "tests/unit/blk_served.h"
#include "tests/unit/blk_wire.h"

static void fill(uint32_t first, uint32_t n)
{
	uint32_t i;

	for (i = first; i < first + n; i++)
		memset(guest.pages[i], (int)(i * 7 % 251 + 1), 4096);
}

static void answered_well(uint64_t first, uint64_t n)
{
	uint64_t id;

	for (id = first; id < first + n; id++) {
		served_until(&guest.answers[id], 1);
		assert_int_equal(guest.answers[id], 1);
		assert_int_equal(guest.status[id], BLKIF_RSP_OKAY);
	}
}

/* As many requests as the ring holds, at once; then what they wrote is read. */
static void fill_ring(void)
{
	const uint32_t n = guest.n_pages * 32;
	uint32_t i;

	fill(0, n);
	for (i = 0; i < n; i++)
		guest_add(guest_put(i, BLKIF_OP_WRITE, i * 8), i, 0, 7);
	guest_push();
	answered_well(0, n);
	for (i = 0; i < n; i++)
		guest_add(guest_put(i, BLKIF_OP_READ, i * 8), n + i, 0, 7);
	guest_push();
	answered_well(0, n);
	assert_memory_equal(guest.pages[0], guest.pages[n], n * 4096);
}

static void test_every_ring(void **state)
{
	(void)state;
	for (guest.n_pages = 1; guest.n_pages <= 16; guest.n_pages *= 2) {
		unsigned int both;

		for (both = 0; both < 2; both++) {
			guest.abi = both ? BLK_ABI_X86_32 : BLK_ABI_X86_64;
			served_start();
			fill_ring();
			queue_detach(served.q);
			memset(&guest.ring, 0, sizeof(guest.ring));
			guest.ring.sring.req_event = 1;
			guest.ring.sring.rsp_event = 1;
			guest.put = 0;
			guest.seen = 0;
			assert_int_equal(ftruncate(served.image, 0), 0);
			assert_int_equal(
				ftruncate(served.image, SERVED_SECTORS * 512),
				0);
		}
	}
	guest.n_pages = 1;
}

static void test_indirect(void **state)
{
	(void)state;
	guest.abi = BLK_ABI_X86_32;
	served_start();
	fill(1, 256);
	guest_put_indirect(1, BLKIF_OP_WRITE, 16, 0, 1, 256);
	assert_int_equal(served_status(1), BLKIF_RSP_OKAY);
	guest_put_indirect(2, BLKIF_OP_READ, 16, 300, 301, 256);
	assert_int_equal(served_status(2), BLKIF_RSP_OKAY);
	assert_memory_equal(guest.pages[1], guest.pages[301], 256 * 4096);
	assert_int_equal(guest.copies_in, 3); /* two frames, one write */
	assert_int_equal(guest.copies_out, 1);
}

/* More than the queue has memory for: what does not fit waits, and is right. */
static void test_indirect_throttled(void **state)
{
	uint32_t i;

	(void)state;
	served_start();
	fill(32, 512);
	for (i = 0; i < 32; i++)
		guest_put_indirect(i, BLKIF_OP_WRITE, (i % 2) * 2048, i,
				   32 + 256 * (i % 2), 256);
	guest_push();
	answered_well(0, 32);
	for (i = 0; i < 31; i++)
		guest_put_indirect(i, BLKIF_OP_READ, (i % 2) * 2048, i,
				   600 + 256 * (i % 2), 256);
	guest_add(guest_put(31, BLKIF_OP_READ, 8), 1200, 0, 7);
	guest_push();
	answered_well(0, 32);
	assert_memory_equal(guest.pages[32], guest.pages[600], 512 * 4096);
	assert_memory_equal(guest.pages[33], guest.pages[1200], 4096);
}

static void test_bad_frames(void **state)
{
	(void)state;
	served_start();
	fill(1, 20);
	guest_put_indirect(1, BLKIF_OP_WRITE, 0, 0, 1, 20);
	wire_put_indirect(guest_put(2, BLKIF_OP_INDIRECT, 0), guest.abi,
			  BLKIF_OP_WRITE, 20, GUEST_PAGE_REF + GUEST_PAGES);
	guest_put_indirect(3, BLKIF_OP_WRITE, 160, 30, 1, 20);
	guest.pages[30][4] = 9; /* the first segment begins past its page */
	guest_put_indirect(4, BLKIF_OP_WRITE, 320, 31, 1, 20);
	guest_push();
	answered_well(1, 1);
	served_until(&guest.answers[2], 1);
	served_until(&guest.answers[3], 1);
	assert_int_equal(guest.status[2], BLKIF_RSP_ERROR);
	assert_int_equal(guest.status[3], BLKIF_RSP_ERROR);
	answered_well(4, 1);
}

static void test_persistent(void **state)
{
	unsigned int calls;

	(void)state;
	served.persistent = true;
	served_start();
	fill(1, 200);
	guest_put_indirect(1, BLKIF_OP_WRITE, 16, 0, 1, 200);
	assert_int_equal(served_status(1), BLKIF_RSP_OKAY);
	assert_int_equal(guest.data_mapped, 201);
	calls = guest.map_calls;
	assert_true(calls <= 9);
	memset(guest.pages[1], 0, 200 * 4096);
	guest_put_indirect(2, BLKIF_OP_READ, 16, 0, 1, 200);
	assert_int_equal(served_status(2), BLKIF_RSP_OKAY);
	assert_int_equal(guest.pages[200][4095], 200 * 7 % 251 + 1);
	assert_int_equal(guest.map_calls, calls);
	assert_int_equal(guest.copies_in + guest.copies_out, 0);
	queue_detach(served.q);
	assert_int_equal(guest.data_mapped, 0);
}

/* A guest that uses ever new pages is served by copies, and maps no more. */
static void test_persistent_bounded(void **state)
{
	uint32_t i, last = 0;

	(void)state;
	served.persistent = true;
	served_start();
	fill(0, GUEST_PAGES);
	for (i = 0; i + 11 <= GUEST_PAGES; i += 11) {
		uint8_t *req = guest_put(i % 64, BLKIF_OP_WRITE, i * 8);
		unsigned int k;

		for (k = 0; k < 11; k++)
			guest_add(req, i + k, 0, 7);
		assert_int_equal(served_status(i % 64), BLKIF_RSP_OKAY);
		assert_true(guest.data_mapped <= 1056);
		last = i;
	}
	assert_true(guest.data_mapped > 900);
	assert_true(guest.copies_in > 0);
	for (i = 0; i < last; i += 100) {
		unsigned char found[4096];

		assert_int_equal(pread(served.image, found, 4096, i * 4096),
				 4096);
		assert_memory_equal(found, guest.pages[i], 4096);
	}
}

static void test_persistent_unmappable(void **state)
{
	(void)state;
	served.persistent = true;
	served_start();
	fill(0, 2);
	guest_add(guest_put(1, BLKIF_OP_WRITE, 0), 0, 0, 7);
	guest_add(guest_put(2, BLKIF_OP_WRITE, 8), GUEST_PAGES, 0, 7);
	guest_push();
	answered_well(1, 1);
	served_until(&guest.answers[2], 1);
	assert_int_equal(guest.status[2], BLKIF_RSP_ERROR);
	guest.map_fails = true;
	guest_add(guest_put(3, BLKIF_OP_WRITE, 8), 1, 0, 7);
	assert_int_equal(served_status(3), BLKIF_RSP_OKAY);
	assert_int_equal(guest.data_mapped, 0);
	guest.map_fails = false;
	usleep(150000); /* it is tried again after a while */
	guest_add(guest_put(4, BLKIF_OP_WRITE, 8), 1, 0, 7);
	assert_int_equal(served_status(4), BLKIF_RSP_OKAY);
	assert_int_equal(guest.data_mapped, 1);
}

/* Nothing passes a barrier, in either direction. */
static void test_barrier(void **state)
{
	int slow = served_start_slow();
	unsigned char data[4096] = {0};
	unsigned int i;

	(void)state;
	guest_put(2, BLKIF_OP_WRITE_BARRIER, 0);
	guest_add(guest_put(3, BLKIF_OP_READ, 0), 1, 0, 7);
	guest_push();
	for (i = 0; i < 20; i++)
		event_base_loop(served.base, EVLOOP_ONCE);
	guest_collect();
	assert_int_equal(guest.answers[2] + guest.answers[3], 0);
	assert_int_equal(write(slow, data, 4096), 4096);
	served_until(&guest.answers[1], 1);
	served_until(&guest.answers[2], 1);
	assert_int_equal(guest.answers[3], 0);
	assert_int_equal(write(slow, data, 4096), 4096);
	served_until(&guest.answers[3], 1);
	assert_int_equal(guest.status[3], BLKIF_RSP_OKAY);
	close(slow);
}

static void test_barrier_writes(void **state)
{
	unsigned char found[4096];

	(void)state;
	served_start();
	fill(0, 3);
	guest_add(guest_put(1, BLKIF_OP_WRITE, 8), 0, 0, 7);
	guest_add(guest_put(2, BLKIF_OP_WRITE_BARRIER, 8), 1, 0, 7);
	guest_add(guest_put(3, BLKIF_OP_WRITE, 8), 2, 0, 7);
	guest_push();
	answered_well(1, 3);
	assert_int_equal(pread(served.image, found, 4096, 4096), 4096);
	assert_memory_equal(found, guest.pages[2], 4096);
}

static void test_discard(void **state)
{
	unsigned char found[8192];
	struct stat before, after;

	(void)state;
	served_start();
	fill(0, 2);
	guest_add(guest_put(1, BLKIF_OP_WRITE, 0), 0, 0, 7);
	guest_add(guest_put(2, BLKIF_OP_WRITE, 8), 1, 0, 7);
	guest_push();
	answered_well(1, 2);
	assert_int_equal(fstat(served.image, &before), 0);
	wire_put_discard(guest_put(3, BLKIF_OP_DISCARD, 8), guest.abi, 0, 8);
	assert_int_equal(served_status(3), BLKIF_RSP_OKAY);
	assert_int_equal(fstat(served.image, &after), 0);
	assert_int_equal(after.st_size, before.st_size);
	assert_true(after.st_blocks < before.st_blocks);
	assert_int_equal(pread(served.image, found, 8192, 0), 8192);
	assert_memory_equal(found, guest.pages[0], 4096);
	assert_int_equal(found[4096], 0);
	assert_int_equal(found[8191], 0);
	wire_put_discard(guest_put(4, BLKIF_OP_DISCARD, 0), guest.abi,
			 BLKIF_DISCARD_SECURE, 8);
	assert_int_equal(served_status(4), BLKIF_RSP_EOPNOTSUPP);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, served_begin, served_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_every_ring),
		TEST(test_indirect),
		TEST(test_indirect_throttled),
		TEST(test_bad_frames),
		TEST(test_persistent),
		TEST(test_persistent_bounded),
		TEST(test_persistent_unmappable),
		TEST(test_barrier),
		TEST(test_barrier_writes),
		TEST(test_discard),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
