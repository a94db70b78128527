/* SPDX-License-Identifier: MIT */
/*
 * An NBD server that goes and comes again: what its guest had under way is
 * carried out in the end, and no request has failed.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>
#include <event2/event.h>

#include "backends/blk/nbd_store.h"
#include "tests/unit/blk_guest.h"
#include "tests/unit/blk_served.h"
#include "tests/unit/nbd_served.h"
#include "tests/unit/nbd_server.h"
#include "tests/unit/scratch.h"

static void load(uint64_t first, int seed)
{
	uint64_t i;

	for (i = 0; i < 30; i++) {
		memset(guest.pages[i], (int)i + seed, 4096);
		nbd_put(first + i, BLKIF_OP_WRITE, i * 8, (uint32_t)i);
	}
	guest_put(first + 30, BLKIF_OP_FLUSH_DISKCACHE, 0);
	nbd_put(first + 31, BLKIF_OP_READ, 8 * 1000, 100);
	guest_push();
}

static void check_load(uint64_t first, int seed)
{
	unsigned char found[4096], expected[4096];
	int fd = open("image", O_RDONLY | O_CLOEXEC);
	uint64_t i;

	for (i = 0; i < 32; i++) {
		served_until(&guest.answers[first + i], 1);
		assert_int_equal(guest.answers[first + i], 1);
		assert_int_equal(guest.status[first + i], BLKIF_RSP_OKAY);
	}
	for (i = 0; i < 30; i++) {
		memset(expected, (int)i + seed, 4096);
		assert_int_equal(pread(fd, found, 4096, (off_t)i * 4096), 4096);
		assert_memory_equal(found, expected, 4096);
	}
	close(fd);
}

/* one that answers nothing in the time that a test takes */
#define SLOW "--filter=delay file image wdelay=1000 rdelay=1000"
#define FAST "file image"

/* Killed with 32 requests under way, again and again: none is lost. */
static void test_killed_under_load(void **state)
{
	unsigned int round, i, answered;

	(void)state;
	scratch_file("image", SERVED_SECTORS * 512, 0600);
	nbdkit_start(SLOW);
	nbd_serve();
	for (round = 0; round < 5; round++) {
		load(round * 32, (int)round * 7);
		while (queue_busy(served.q) < 32)
			event_base_loop(served.base, EVLOOP_ONCE);
		nbd_server_end(SIGKILL);
		nbd_until_lost();
		for (i = 0; i < 20; i++)
			event_base_loop(served.base, EVLOOP_ONCE);
		guest_collect();
		for (answered = 0, i = 0; i < 32; i++)
			answered += guest.answers[round * 32 + i];
		assert_int_equal(answered, 0);
		assert_int_equal(queue_busy(served.q), 32);
		if (round % 2) {
			nbdkit_start(SLOW);
			nbd_give_another();
			nbd_server_end(SIGKILL);
			nbd_until_lost();
		}
		nbdkit_start(FAST);
		nbd_give_another();
		check_load(round * 32, (int)round * 7);
		nbd_server_end(SIGKILL);
		nbd_until_lost();
		nbdkit_start(SLOW);
		nbd_give_another();
	}
}

/* Requests that come while there is no server wait too, at no cost. */
static void test_waits_without_burning(void **state)
{
	struct timespec before, after;
	double begun;

	(void)state;
	scratch_file("image", SERVED_SECTORS * 512, 0600);
	nbdkit_start(FAST);
	nbd_serve();
	nbd_server_end(SIGKILL);
	nbd_until_lost();
	load(0, 1);
	begun = served_ms();
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
	while (served_ms() - begun < 300)
		event_base_loop(served.base, EVLOOP_ONCE);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
	assert_true((after.tv_sec - before.tv_sec) * 1000 +
			    (after.tv_nsec - before.tv_nsec) / 1000000 <
		    150);
	assert_int_equal(guest.answers[0], 0);
	nbdkit_start(FAST);
	nbd_give_another();
	check_load(0, 1);
}

/* One that refuses because it is about to end has not refused the guest. */
static void test_shuts_down(void **state)
{
	(void)state;
	scratch_file("image", SERVED_SECTORS * 512, 0600);
	nbdkit_start(FAST);
	nbd_serve();
	nbd_server_tell(SIGTERM);
	usleep(100000);
	load(0, 9);
	nbd_until_lost();
	nbd_server_end(SIGKILL);
	nbdkit_start(FAST);
	nbd_give_another();
	check_load(0, 9);
}

/* A connection is taken back for another though it is well. */
static void test_given_another(void **state)
{
	(void)state;
	scratch_file("image", SERVED_SECTORS * 512, 0600);
	qemu_nbd_start("--object throttle-group,id=slow,x-iops-total=100 "
		       "--image-opts driver=throttle,throttle-group=slow,"
		       "file.driver=file,file.filename=image");
	nbd_serve();
	load(0, 3);
	while (queue_busy(served.q) < 32)
		event_base_loop(served.base, EVLOOP_ONCE);
	nbd_give_another();
	nbd_give_another();
	check_load(0, 3);
	assert_false(nbd_store_is_lost(nbd.store));
}

/* Given up while there is no server: nothing stays behind. */
static void test_freed_while_lost(void **state)
{
	(void)state;
	scratch_file("image", SERVED_SECTORS * 512, 0600);
	nbdkit_start(SLOW);
	nbd_serve();
	load(0, 3);
	while (queue_busy(served.q) < 32)
		event_base_loop(served.base, EVLOOP_ONCE);
	nbd_server_end(SIGKILL);
	nbd_until_lost();
	queue_drain(served.q);
	assert_int_equal(served.drained, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, nbd_begin, nbd_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_killed_under_load), TEST(test_waits_without_burning),
		TEST(test_shuts_down),	      TEST(test_given_another),
		TEST(test_freed_while_lost),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, scratch_enter, scratch_remove);
}
