/* SPDX-License-Identifier: MIT */
/*
 * Requests on their way through a whole queue: the real pump and the real
 * io_uring, and every kind of answer.
 */
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>
#include <cmocka.h>
#include <event2/event.h>

#include "tests/unit/blk_guest.h"
#include "tests/unit/blk_served.h"
#include "tests/unit/blk_wire.h"

static void test_write_and_read(void **state)
{
	uint8_t *req;
	unsigned char expected[6 * 512], found[6 * 512];

	(void)state;
	served_start();
	memset(guest.pages[0] + 5 * 512, 'a', 3 * 512);
	memset(guest.pages[1], 'b', 2 * 512);
	memset(guest.pages[2] + 512, 'c', 512);
	req = guest_put(1, BLKIF_OP_WRITE, 17);
	guest_add(req, 0, 5, 7);
	guest_add(req, 1, 0, 1);
	guest_add(req, 2, 1, 1);
	assert_int_equal(served_status(1), BLKIF_RSP_OKAY);
	memset(expected, 'a', 3 * 512);
	memset(expected + 3 * 512, 'b', 2 * 512);
	memset(expected + 5 * 512, 'c', 512);
	assert_int_equal(pread(served.image, found, sizeof(found), 17 * 512),
			 sizeof(found));
	assert_memory_equal(found, expected, sizeof(expected));

	req = guest_put(2, BLKIF_OP_READ, 17);
	guest_add(req, 9, 2, 7);
	assert_int_equal(served_status(2), BLKIF_RSP_OKAY);
	assert_memory_equal(guest.pages[9] + 2 * 512, expected,
			    sizeof(expected));
	assert_int_equal(guest.pages[9][2 * 512 - 1], 0);
}

static void test_full_ring(void **state)
{
	unsigned int i, k, sum = 0;

	(void)state;
	served_start();
	for (i = 0; i < 32; i++) {
		uint8_t *req = guest_put(i, BLKIF_OP_WRITE, (uint64_t)i * 88);

		for (k = 0; k < 11; k++) {
			memset(guest.pages[i * 11 + k], (int)(i + k), 4096);
			guest_add(req, i * 11 + k, 0, 7);
		}
	}
	guest_push();
	for (i = 0; i < 32; i++)
		served_until(&guest.answers[i], 1);
	assert_int_equal(guest.copies_in, 1);
	for (i = 0; i < 32; i++) {
		unsigned char found[4096];

		assert_int_equal(guest.status[i], BLKIF_RSP_OKAY);
		sum += guest.answers[i];
		for (k = 0; k < 11; k++) {
			assert_int_equal(pread(served.image, found, 4096,
					       (i * 11 + k) * 4096),
					 4096);
			assert_memory_equal(found, guest.pages[i * 11 + k],
					    4096);
		}
	}
	assert_int_equal(sum, 32);
	assert_true(guest.notified <= 32);
}

static void test_bad_grant_fails_one(void **state)
{
	uint8_t *req;
	unsigned char found[512];

	(void)state;
	served_start();
	memset(guest.pages, 'x', GUEST_PAGES * 4096);
	guest_add(guest_put(1, BLKIF_OP_WRITE, 0), 0, 0, 0);
	req = guest_put(2, BLKIF_OP_WRITE, 1);
	guest_add(req, 1, 0, 0);
	guest_add(req, GUEST_PAGES, 0, 0);
	guest_add(req, 2, 0, 0);
	guest_add(guest_put(3, BLKIF_OP_WRITE, 8), 3, 0, 0);
	guest_push();
	served_until(&guest.answers[1], 1);
	served_until(&guest.answers[2], 1);
	served_until(&guest.answers[3], 1);
	assert_int_equal(guest.status[1], BLKIF_RSP_OKAY);
	assert_int_equal(guest.status[2], BLKIF_RSP_ERROR);
	assert_int_equal(guest.status[3], BLKIF_RSP_OKAY);
	assert_int_equal(pread(served.image, found, 512, 512), 512);
	assert_int_equal(found[0], 0); /* not a byte of it was written */

	req = guest_put(4, BLKIF_OP_READ, 0);
	guest_add(req, 1, 0, 0);
	guest_add(req, GUEST_PAGES, 0, 0);
	assert_int_equal(served_status(4), BLKIF_RSP_ERROR);
	guest.copy_fails = true;
	guest_add(guest_put(5, BLKIF_OP_WRITE, 0), 0, 0, 0);
	assert_int_equal(served_status(5), BLKIF_RSP_ERROR);
	guest_add(guest_put(6, BLKIF_OP_READ, 0), 0, 0, 0);
	assert_int_equal(served_status(6), BLKIF_RSP_ERROR);
	guest_put(7, BLKIF_OP_FLUSH_DISKCACHE, 0);
	assert_int_equal(served_status(7), BLKIF_RSP_OKAY);
}

static void test_refusals(void **state)
{
	(void)state;
	served.limits.barrier = false;
	served_start();
	guest_add(guest_put(1, BLKIF_OP_WRITE_BARRIER, 0), 0, 0, 0);
	assert_int_equal(served_status(1), BLKIF_RSP_EOPNOTSUPP);
	guest_put(2, 200, 0);
	assert_int_equal(served_status(2), BLKIF_RSP_EOPNOTSUPP);
	guest_add(guest_put(3, BLKIF_OP_WRITE, SERVED_SECTORS), 0, 0, 0);
	assert_int_equal(served_status(3), BLKIF_RSP_ERROR);
	assert_int_equal(guest.copies_in, 0);
	guest_add(guest_put(4, BLKIF_OP_FLUSH_DISKCACHE, 0), 0, 0, 0);
	assert_int_equal(served_status(4), BLKIF_RSP_OKAY);
	assert_int_equal(guest.copies_in, 1);
}

/* Never OKAY for less than was asked. */
/* A drive that is empty serves, and fails whatever it is asked for. */
static void test_no_medium(void **state)
{
	uint64_t id;

	(void)state;
	close(served.image);
	served.image = -1;
	served.limits.no_medium = true;
	served.limits.sectors = 0;
	served_start();
	guest_add(guest_put(0, BLKIF_OP_READ, 0), 0, 0, 7);
	guest_add(guest_put(1, BLKIF_OP_WRITE, 0), 0, 0, 7);
	guest_put(2, BLKIF_OP_FLUSH_DISKCACHE, 0);
	wire_put_discard(guest_put(3, BLKIF_OP_DISCARD, 0), guest.abi, 0, 8);
	for (id = 0; id < 4; id++)
		assert_int_equal(served_status(id), BLKIF_RSP_ERROR);
	assert_int_equal(guest.copies_in + guest.copies_out, 0);
}

static void test_image_shrinks(void **state)
{
	(void)state;
	served_start();
	assert_int_equal(ftruncate(served.image, 4096 + 2048), 0);
	guest_add(guest_put(1, BLKIF_OP_READ, 8), 0, 0, 7);
	assert_int_equal(served_status(1), BLKIF_RSP_ERROR);
	guest_add(guest_put(2, BLKIF_OP_READ, 16), 0, 0, 7);
	assert_int_equal(served_status(2), BLKIF_RSP_ERROR);
	guest_add(guest_put(3, BLKIF_OP_READ, 8), 0, 0, 3);
	assert_int_equal(served_status(3), BLKIF_RSP_OKAY);
}

static void test_short_read_goes_on(void **state)
{
	int slow = served_start_slow();
	unsigned char half[2048];

	(void)state;
	memset(half, 'h', sizeof(half));
	assert_int_equal(write(slow, half, 2048), 2048);
	event_base_loop(served.base, EVLOOP_ONCE);
	event_base_loop(served.base, EVLOOP_ONCE);
	guest_collect();
	assert_int_equal(guest.answers[1], 0);
	assert_int_equal(write(slow, half, 2048), 2048);
	served_until(&guest.answers[1], 1);
	assert_int_equal(guest.status[1], BLKIF_RSP_OKAY);
	assert_memory_equal(guest.pages[0] + 2048, half, 2048);
	close(slow);
}

/* A guest is not to wait for all that it wants read, but for a part of it. */
static void test_answered_in_parts(void **state)
{
	unsigned int i;

	(void)state;
	served_start();
	for (i = 0; i < 8; i++)
		guest_put_indirect(i, BLKIF_OP_READ, i * 256, 1000 + i, i * 32,
				   32);
	guest_push();
	for (i = 0; i < 8; i++)
		assert_int_equal(served_status(i), BLKIF_RSP_OKAY);
	assert_int_equal(guest.shown, 1);
}

/* An image that takes its time is asked for all of them together. */
static void test_slow_asked_together(void **state)
{
	unsigned char pages[13][4096] = {0};
	int slow = served_start_slow();
	unsigned int i;

	(void)state;
	for (i = 10; i < 22; i++)
		guest_add(guest_put(i, BLKIF_OP_READ, i * 16), i, 0, 7);
	guest_push();
	while (queue_busy(served.q) < 13)
		event_base_loop(served.base, EVLOOP_ONCE);
	assert_int_equal(write(slow, pages, sizeof(pages)), sizeof(pages));
	for (i = 10; i < 22; i++)
		served_until(&guest.answers[i], 1);
	close(slow);
}

#define FOUND 20 /* requests without an event, that are enough */
#define TRIES \
	3000 /* when the processor is lost, looking is given up for long */

static unsigned int tried;

static void on_alarm(int signal)
{
	(void)signal;
	guest_put(guest.seen % GUEST_IDS, BLKIF_OP_FLUSH_DISKCACHE, 0);
	guest_push();
}

/* A notification takes 200 us, and half a millisecond later … */
static void ask_again_soon(void)
{
	const struct itimerval soon = {.it_value = {.tv_usec = 500}};
	double begun = served_ms();

	while (served_ms() - begun < 0.2)
		continue;
	guest_collect();
	if (guest.seen == TRIES || guest.seen == guest.events + FOUND)
		tried = 1;
	else
		setitimer(ITIMER_REAL, &soon, NULL);
}

/* A guest that asks again within the price of an event need not send one. */
static void test_found_before_sleeping(void **state)
{
	cpu_set_t set;

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(set), &set), 0);
	if (CPU_COUNT(&set) < 2)
		skip();
	served_start();
	signal(SIGALRM, on_alarm);
	guest.on_notify = ask_again_soon;
	on_alarm(0);
	served_until(&tried, 1);
	assert_int_equal(guest.seen, guest.events + FOUND);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, served_begin, served_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_write_and_read),
		TEST(test_full_ring),
		TEST(test_bad_grant_fails_one),
		TEST(test_refusals),
		TEST(test_no_medium),
		TEST(test_image_shrinks),
		TEST(test_short_read_goes_on),
		TEST(test_answered_in_parts),
		TEST(test_slow_asked_together),
		TEST(test_found_before_sleeping),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
