/* SPDX-License-Identifier: MIT */
/*
 * A server that is killed with writes in its cache that it has answered: they
 * are there afterwards, and so are those that came later.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <event2/event.h>

#include "backends/blk/nbd_kept.h"
#include "backends/blk/nbd_link.h"
#include "tests/unit/blk_guest.h"
#include "tests/unit/blk_served.h"
#include "tests/unit/nbd_served.h"
#include "tests/unit/nbd_server.h"
#include "tests/unit/scratch.h"

/* ---- the ring ---- */

#define PIECES 20000

static uint32_t piece_bytes(uint32_t number)
{
	return 512 * (1 + number * 2654435761u % (number % 64 ? 16 : 2048));
}

static void check_kept(const struct nbd_kept *k, uint32_t first, uint32_t end)
{
	uint64_t place = k->begin;
	struct nbd_kept_write w;

	for (; first < end; first++) {
		assert_true(nbd_kept_next(k, &place, &w));
		assert_int_equal(w.offset, (uint64_t)first << 20);
		assert_int_equal(w.bytes, piece_bytes(first));
		assert_int_equal(w.data[0], (uint8_t)first);
		assert_int_equal(w.data[w.bytes - 1], (uint8_t)first);
	}
	assert_false(nbd_kept_next(k, &place, &w));
}

/* Pieces of all sizes come and go: what is kept is what was not dropped. */
static void test_ring(void **state)
{
	static uint64_t ends[PIECES + 1];
	struct nbd_kept k = {0};
	uint8_t *data = malloc(1 << 20);
	uint32_t first = 0, end = 0, full = 0;

	(void)state;
	while (end < PIECES) {
		memset(data, (int)end, 1 << 20);
		if (nbd_kept_add(&k, (uint64_t)end << 20, data,
				 piece_bytes(end))) {
			ends[++end] = k.end;
		} else {
			full++;
			check_kept(&k, first, end);
			assert_true(nbd_kept_is_half_full(&k));
			first = full % 8 ? first + (end - first) / 2 : end;
			nbd_kept_drop(&k, ends[first]);
			nbd_kept_drop(&k, ends[first / 2]); /* already gone */
			check_kept(&k, first, end);
		}
	}
	assert_true(full > 20);
	nbd_kept_close(&k);
	nbd_kept_close(&k);
	free(data);
}

/* What has been dropped meanwhile is passed over, and nothing else is read. */
static void test_dropped_meanwhile(void **state)
{
	const uint8_t data[512] = {0};
	struct nbd_kept_write w;
	struct nbd_kept k = {0};
	uint64_t ends[8], place;
	unsigned int i, lap;

	(void)state;
	for (lap = 0; lap < 2; lap++) {
		for (i = 0; i < 8 - lap * 4; i++) {
			assert_true(nbd_kept_add(&k, i, data, sizeof(data)));
			ends[i] = k.end;
		}
		place = k.begin;
		nbd_kept_drop(&k, ends[1]);
		assert_true(nbd_kept_next(&k, &place, &w));
		assert_int_equal(w.offset, 2);
		assert_int_equal(place, ends[2]);
		nbd_kept_drop(&k, k.end);
		assert_false(nbd_kept_next(&k, &place, &w));
	}
	nbd_kept_close(&k);
}

/* ---- through a server ---- */

#define QCOW2 "-f qcow2 --cache=none image.qcow2"

static void make_qcow2(void)
{
	unlink("image.qcow2");
	assert_int_equal(
		system("qemu-img create -q -f qcow2 image.qcow2 " NBD_SIZE), 0);
}

static void write_page(uint64_t id, uint64_t sector, int value, uint8_t op)
{
	memset(guest.pages[0], value, 4096);
	nbd_put(id, op, sector, 0);
	assert_int_equal(served_status(id), BLKIF_RSP_OKAY);
}

static void expect_page(uint64_t id, uint64_t sector, int value)
{
	memset(guest.pages[1], value, 4096);
	nbd_put(id, BLKIF_OP_READ, sector, 2);
	assert_int_equal(served_status(id), BLKIF_RSP_OKAY);
	assert_memory_equal(guest.pages[2], guest.pages[1], 4096);
}

static void kill_and_return(void)
{
	nbd_server_end(SIGKILL);
	nbd_until_lost();
	qemu_nbd_start(QCOW2);
	nbd_give_another();
}

/* Without what is kept, the pages are zero: qemu-nbd does forget them. */
static void test_answered_is_answered(void **state)
{
	(void)state;
	make_qcow2();
	qemu_nbd_start(QCOW2);
	nbd_serve();
	write_page(1, 0, 'a', BLKIF_OP_WRITE);
	write_page(2, 4096, 'b', BLKIF_OP_WRITE);
	kill_and_return();
	expect_page(3, 0, 'a');
	expect_page(4, 4096, 'b');
	kill_and_return(); /* and they are kept still */
	expect_page(5, 0, 'a');
	expect_page(6, 4096, 'b');
}

/* What was written last is there, in whatever way it was written. */
static void test_last_word(void **state)
{
	(void)state;
	make_qcow2();
	qemu_nbd_start(QCOW2);
	nbd_serve();
	write_page(1, 0, 'a', BLKIF_OP_WRITE);
	write_page(2, 0, 'b', BLKIF_OP_WRITE);
	write_page(3, 8, 'c', BLKIF_OP_WRITE);
	memset(guest.pages[0], 'd', 4096);
	nbd_put(4, BLKIF_OP_WRITE_BARRIER, 0, 0);
	assert_int_equal(served_status(4), BLKIF_RSP_OKAY);
	write_page(5, 16, 'e', BLKIF_OP_WRITE);
	write_page(6, 16, 'f', BLKIF_OP_WRITE_BARRIER);
	kill_and_return();
	expect_page(7, 0, 'd');
	expect_page(8, 8, 'c');
	expect_page(9, 16, 'f');
}

/* More than can be kept: the server is told to flush, and writes go on. */
static void test_more_than_can_be_kept(void **state)
{
	uint64_t id, i;

	(void)state;
	scratch_file("image", SERVED_SECTORS * 512, 0600);
	unlink("log");
	nbdkit_start("--filter=log file image logfile=log");
	nbd_serve();
	for (i = 0; i < 256; i++)
		memset(guest.pages[1 + i], (int)i, 4096);
	for (id = 1; id <= 100; id++) {
		guest_put_indirect(id, BLKIF_OP_WRITE, id % 4 * 2048, 0, 1,
				   256);
		assert_int_equal(served_status(id), BLKIF_RSP_OKAY);
	}
	assert_int_equal(system("test $(grep -c ' Flush' log) -gt 4"), 0);
	nbd_server_end(SIGKILL);
	nbd_until_lost();
	nbdkit_start("memory " NBD_SIZE);
	nbd_give_another();
	/* Of the last eight MiB all are kept: even this server has them. */
	expect_page(101, 100 % 4 * 2048 + 8, 1);
	expect_page(102, 99 % 4 * 2048 + 8 * 255, 255);
}

/* A flush empties it: nothing is written again that need not be. */
static void test_flushed_is_forgotten(void **state)
{
	(void)state;
	nbdkit_start("memory " NBD_SIZE);
	nbd_serve();
	write_page(1, 0, 'a', BLKIF_OP_WRITE);
	guest_put(2, BLKIF_OP_FLUSH_DISKCACHE, 0);
	assert_int_equal(served_status(2), BLKIF_RSP_OKAY);
	write_page(3, 8, 'b', BLKIF_OP_WRITE);
	nbd_server_end(SIGKILL);
	nbd_until_lost();
	nbdkit_start("memory " NBD_SIZE);
	nbd_give_another();
	expect_page(4, 0, 0);
	expect_page(5, 8, 'b');
}

/* One that cannot be written again is owned up to at the next flush. */
static void test_owed(void **state)
{
	(void)state;
	nbdkit_start("memory " NBD_SIZE);
	nbd_serve();
	write_page(1, 0, 'a', BLKIF_OP_WRITE);
	nbd_server_end(SIGKILL);
	nbd_until_lost();
	nbdkit_start("--filter=error memory " NBD_SIZE
		     " error-pwrite-rate=100%");
	nbd_give_another();
	guest_put(2, BLKIF_OP_FLUSH_DISKCACHE, 0);
	assert_int_equal(served_status(2), BLKIF_RSP_ERROR);
	guest_put(3, BLKIF_OP_FLUSH_DISKCACHE, 0);
	assert_int_equal(served_status(3), BLKIF_RSP_OKAY);
}

/* One without the ability to flush, which writes once there is a file "go". */
static void start_flushless(void)
{
	unlink("go");
	unlink("asked");
	nbdkit_start("eval get_size='echo " NBD_SIZE "'"
		     " pread='dd if=image iflag=skip_bytes,count_bytes"
		     " skip=$4 count=$3 status=none'"
		     " pwrite=': >asked;"
		     " until [ -e go ] || [ ! -e image ]; do sleep 0.01; done;"
		     " dd of=image oflag=seek_bytes seek=$4 conv=notrunc"
		     " status=none'");
}

static void until_asked(void)
{
	double begun = served_ms();

	while (access("asked", F_OK) < 0) {
		event_base_loop(served.base, EVLOOP_ONCE);
		if (served_ms() - begun > 60000)
			fail_msg("not asked to write for a minute");
	}
}

static void put_flush(uint64_t id)
{
	guest_put(id, BLKIF_OP_FLUSH_DISKCACHE, 0);
}

/*
 * A flush that such a server cannot carry out waits nevertheless until all is
 * written again: in what was kept before lie the old pages.
 */
static void test_flush_amid_again(void **state)
{
	uint64_t id, i;

	(void)state;
	scratch_file("image", SERVED_SECTORS * 512, 0600);
	nbdkit_start("file image");
	nbd_serve();
	for (id = 1; id <= 120; id++)
		write_page(id, id * 8, 'o', BLKIF_OP_WRITE);
	put_flush(id);
	assert_int_equal(served_status(id), BLKIF_RSP_OKAY);
	for (i = 40; i < 120; i++)
		write_page(++id, i * 8, 'n', BLKIF_OP_WRITE);
	nbd_server_end(SIGKILL);
	nbd_until_lost();
	start_flushless();
	nbd_give_another();
	until_asked();
	put_flush(++id);
	guest_push();
	for (i = 0; i < 20; i++)
		event_base_loop(served.base, EVLOOP_ONCE);
	guest_collect();
	assert_int_equal(guest.answers[id], 0);
	scratch_file("go", 0, 0600);
	assert_int_equal(served_status(id), BLKIF_RSP_OKAY);
	for (i = 1; i <= 120; i++)
		expect_page(++id, i * 8, i < 40 || i == 120 ? 'o' : 'n');
}

/* What it has written again is not kept for one that comes after it. */
static void test_written_again_once(void **state)
{
	(void)state;
	scratch_file("image", SERVED_SECTORS * 512, 0600);
	/* A flush that we begin with is over before the write is. */
	nbdkit_start("--filter=noparallel file image");
	nbd_serve();
	write_page(1, 0, 'a', BLKIF_OP_WRITE);
	nbd_server_end(SIGKILL);
	nbd_until_lost();
	start_flushless();
	scratch_file("go", 0, 0600);
	nbd_give_another();
	write_page(2, 0, 'b', BLKIF_OP_WRITE);
	nbd_server_end(SIGKILL);
	nbd_until_lost();
	nbdkit_start("file image");
	nbd_give_another();
	expect_page(3, 0, 'b');
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, nbd_begin, nbd_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ring),
		cmocka_unit_test(test_dropped_meanwhile),
		TEST(test_answered_is_answered),
		TEST(test_last_word),
		TEST(test_more_than_can_be_kept),
		TEST(test_flushed_is_forgotten),
		TEST(test_owed),
		TEST(test_flush_amid_again),
		TEST(test_written_again_once),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, scratch_enter, scratch_remove);
}
