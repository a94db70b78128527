/* SPDX-License-Identifier: MIT */
/*
 * A guest's requests on their way to a real NBD server and back, and the ways
 * in which servers differ.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "backends/blk/nbd_link.h"
#include "backends/blk/nbd_store.h"
#include "tests/unit/blk_guest.h"
#include "tests/unit/blk_served.h"
#include "tests/unit/blk_wire.h"
#include "tests/unit/nbd_served.h"
#include "tests/unit/nbd_server.h"
#include "tests/unit/scratch.h"

static void check_round_trip(void)
{
	uint8_t *req;

	memset(guest.pages[0], 'a', 4096);
	memset(guest.pages[1], 'b', 4096);
	req = guest_put(1, BLKIF_OP_WRITE, 8);
	guest_add(req, 0, 0, 7);
	guest_add(req, 1, 0, 3);
	assert_int_equal(served_status(1), BLKIF_RSP_OKAY);
	nbd_put(2, BLKIF_OP_READ, 12, 2);
	assert_int_equal(served_status(2), BLKIF_RSP_OKAY);
	assert_memory_equal(guest.pages[2], guest.pages[0], 2048);
	assert_memory_equal(guest.pages[2] + 2048, guest.pages[1], 2048);
	guest_put(3, BLKIF_OP_FLUSH_DISKCACHE, 0);
	assert_int_equal(served_status(3), BLKIF_RSP_OKAY);
	nbd_put(4, BLKIF_OP_WRITE_BARRIER, 0, 1);
	assert_int_equal(served_status(4), BLKIF_RSP_OKAY);
	wire_put_discard(guest_put(5, BLKIF_OP_DISCARD, 8), guest.abi, 0, 8);
	assert_int_equal(served_status(5), BLKIF_RSP_OKAY);
	nbd_put(6, BLKIF_OP_READ, 8, 3);
	assert_int_equal(served_status(6), BLKIF_RSP_OKAY);
	memset(guest.pages[4], 0, 4096);
	assert_memory_equal(guest.pages[3], guest.pages[4], 4096);
}

static void test_round_trip(void **state)
{
	(void)state;
	nbdkit_start("memory " NBD_SIZE);
	nbd_serve();
	assert_true(nbd.store && !nbd_store_is_lost(nbd.store));
	check_round_trip();
}

static void test_round_trip_qemu(void **state)
{
	(void)state;
	scratch_file("image", SERVED_SECTORS * 512, 0600);
	qemu_nbd_start("-f raw --discard=unmap image");
	nbd_serve();
	check_round_trip();
}

static unsigned int log_count(const char *word)
{
	static char text[65536];
	const char *at;
	unsigned int count = 0;
	int fd = open("log", O_RDONLY | O_CLOEXEC);
	ssize_t n = read(fd, text, sizeof(text) - 1);

	assert_true(n >= 0);
	text[n] = '\0';
	close(fd);
	for (at = text; (at = strstr(at, word)); at++)
		count++;
	return count;
}

/* A barrier is on the disk itself, in whatever way the server has. */
static void test_durable(void **state)
{
	(void)state;
	nbdkit_start("--filter=log memory " NBD_SIZE " logfile=log");
	nbd_serve();
	nbd_put(1, BLKIF_OP_WRITE, 0, 0);
	assert_int_equal(served_status(1), BLKIF_RSP_OKAY);
	assert_int_equal(log_count("fua=1"), 0);
	nbd_put(2, BLKIF_OP_WRITE_BARRIER, 0, 0);
	assert_int_equal(served_status(2), BLKIF_RSP_OKAY);
	assert_int_equal(log_count("fua=1"), 1);
}

static void test_durable_by_flush(void **state)
{
	(void)state;
	unlink("log");
	nbdkit_start("--filter=log eval logfile=log "
		     "get_size='echo " NBD_SIZE
		     "' pread='head -c $3 /dev/zero' "
		     "pwrite='cat >/dev/null' can_write='exit 0' "
		     "can_flush='exit 0' flush='exit 0' can_fua='echo none'");
	nbd_serve();
	assert_false(nbd.link->fua);
	nbd_put(1, BLKIF_OP_WRITE, 0, 0);
	assert_int_equal(served_status(1), BLKIF_RSP_OKAY);
	assert_int_equal(log_count(" Flush id"), 1); /* of the beginning */
	nbd_put(2, BLKIF_OP_WRITE_BARRIER, 0, 0);
	assert_int_equal(served_status(2), BLKIF_RSP_OKAY);
	assert_int_equal(log_count(" Flush id"), 3); /* before and after */
}

/* It has no cache to flush, and no wish to hear of discards. */
static void test_plain_server(void **state)
{
	(void)state;
	nbdkit_start("eval get_size='echo " NBD_SIZE "' "
		     "pread='head -c $3 /dev/zero' pwrite='cat >/dev/null' "
		     "can_write='exit 0'");
	nbd_serve();
	assert_false(nbd.link->flushes || nbd.link->trims);
	guest_put(1, BLKIF_OP_FLUSH_DISKCACHE, 0);
	assert_int_equal(served_status(1), BLKIF_RSP_OKAY);
	wire_put_discard(guest_put(2, BLKIF_OP_DISCARD, 8), guest.abi, 0, 8);
	assert_int_equal(served_status(2), BLKIF_RSP_EOPNOTSUPP);
	nbd_put(3, BLKIF_OP_READ, 8, 3);
	assert_int_equal(served_status(3), BLKIF_RSP_OKAY);
}

/* A server may want to be asked for little at a time. */
static void test_small_pieces(void **state)
{
	unsigned int i;

	(void)state;
	nbdkit_start("--filter=blocksize-policy memory " NBD_SIZE
		     " blocksize-minimum=512 blocksize-preferred=4096 "
		     "blocksize-maximum=8192 blocksize-error-policy=error");
	nbd_serve();
	assert_int_equal(nbd.link->preferred, 4096);
	for (i = 0; i < 100; i++)
		memset(guest.pages[1 + i], (int)i + 1, 4096);
	guest_put_indirect(1, BLKIF_OP_WRITE, 8, 0, 1, 100);
	assert_int_equal(served_status(1), BLKIF_RSP_OKAY);
	guest_put_indirect(2, BLKIF_OP_READ, 8, 0, 201, 100);
	assert_int_equal(served_status(2), BLKIF_RSP_OKAY);
	for (i = 0; i < 100; i++)
		assert_memory_equal(guest.pages[1 + i], guest.pages[201 + i],
				    4096);
}

/* An error is the one request's, as long as the server lives. */
static void test_errors_are_the_guests(void **state)
{
	unsigned int i;

	(void)state;
	nbdkit_start("--filter=error memory " NBD_SIZE
		     " error=ENOSPC error-pwrite-rate=100%");
	nbd_serve();
	for (i = 0; i < 3; i++) {
		nbd_put(2 * i, BLKIF_OP_WRITE, 8, 0);
		nbd_put(2 * i + 1, BLKIF_OP_READ, 8, 1);
		assert_int_equal(served_status(2 * i), BLKIF_RSP_ERROR);
		assert_int_equal(served_status(2 * i + 1), BLKIF_RSP_OKAY);
	}
	assert_false(nbd_store_is_lost(nbd.store));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, nbd_begin, nbd_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_round_trip),
		TEST(test_round_trip_qemu),
		TEST(test_durable),
		TEST(test_durable_by_flush),
		TEST(test_plain_server),
		TEST(test_small_pieces),
		TEST(test_errors_are_the_guests),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, scratch_enter, scratch_remove);
}
