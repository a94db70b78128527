/* SPDX-License-Identifier: MIT */
/* The caps of a disk: shared by threads, and at work on a served queue. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <cmocka.h>
#include <event2/event.h>

#include "backends/blk/figures.h"
#include "tests/unit/blk_guest.h"
#include "tests/unit/blk_served.h"
#include "base/clock.h"

/* ---- threads ---- */

struct user {
	pthread_t id;
	struct caps *caps;
	uint64_t end_ns, bytes, n;
};

static void *use(void *arg)
{
	struct user *u = arg;
	uint64_t now, wait;

	while ((now = clock_ns()) < u->end_ns) {
		wait = caps_admit(u->caps, now);
		if (wait == 0) {
			caps_pay(u->caps, u->bytes + 4096);
			caps_refund(u->caps, 4096);
			u->n++;
			continue;
		}
		if (wait > u->end_ns - now)
			wait = u->end_ns - now;
		nanosleep(&(struct timespec){.tv_nsec = (long)wait}, NULL);
	}
	return NULL;
}

/* What four threads get in a second, each in pieces of so many bytes. */
static uint64_t use_by_four(struct caps *caps, uint64_t bytes)
{
	uint64_t end_ns = clock_ns() + 1000000000;
	struct user users[4];
	uint64_t sum = 0;
	unsigned int i;

	for (i = 0; i < 4; i++) {
		users[i] = (struct user){
			.caps = caps,
			.bytes = bytes,
			.end_ns = end_ns,
		};
		pthread_create(&users[i].id, NULL, use, &users[i]);
	}
	for (i = 0; i < 4; i++) {
		pthread_join(users[i].id, NULL);
		assert_true(users[i].n > 0);
		sum += users[i].n;
	}
	return sum;
}

static void test_shared_by_threads(void **state)
{
	struct caps caps = CAPS_NONE;

	(void)state;
	assert_false(caps_are_set(&caps));
	caps_set(&caps, 2000, 0, clock_ns());
	assert_true(caps_are_set(&caps));
	assert_in_range(use_by_four(&caps, 4096), 1700, 2040);
	caps_set(&caps, 0, 4096 * 1500, clock_ns());
	assert_in_range(use_by_four(&caps, 4096), 1275, 1530);
	caps_set(&caps, 0, 0, clock_ns());
	assert_false(caps_are_set(&caps));
}

/* ---- a queue ---- */

static void set_caps(uint64_t iops, uint64_t bytes_per_second)
{
	caps_set(&served.caps, iops, bytes_per_second, clock_ns());
	queue_look_again(served.q);
}

static void place_reads(unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		guest_add(guest_put(i, BLKIF_OP_READ, 0), i, 0, 7);
	guest_push();
}

static void until_answered(unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		served_until(&guest.answers[i], 1);
}

static unsigned int answered(unsigned int n)
{
	unsigned int i, sum = 0;

	for (i = 0; i < n; i++)
		sum += guest.answers[i];
	return sum;
}

static void run_for(double ms)
{
	double begun = served_ms();

	while (served_ms() - begun < ms) {
		event_base_loop(served.base, EVLOOP_ONCE);
		guest_collect();
	}
}

/*
 * Requests stay in the ring, the port stays masked, and the wait is slept
 * through. A busy host may make all of it later, but never earlier.
 */
static void test_iops(void **state)
{
	double begun = served_ms();

	(void)state;
	served_start();
	set_caps(100, 0);
	place_reads(31);
	run_for(100);
	assert_in_range(served.figures.taken, 1,
			1 + (unsigned int)((served_ms() - begun) / 10));
	assert_int_equal(served.figures.taken,
			 answered(31) + queue_busy(served.q));
	assert_true(guest.masked);
	until_answered(31);
	assert_in_range((unsigned int)(served_ms() - begun), 299, 3000);
	assert_int_equal(served.figures.held, 30);
	run_for(5);
	assert_false(guest.masked);
	assert_in_range(guest.events, 1, 2); /* it is rung when bound, too */
}

static void test_bytes(void **state)
{
	double begun = served_ms();

	(void)state;
	served_start();
	set_caps(0, 100 * 4096);
	place_reads(31);
	until_answered(31);
	assert_in_range((unsigned int)(served_ms() - begun), 299, 3000);
	assert_int_equal(served.figures.held, 30);
}

/* They are requests, and move no bytes; as are those that are refused. */
static void test_flush_and_refused(void **state)
{
	unsigned int i;
	double begun;

	(void)state;
	served_start();
	set_caps(0, 1);
	for (i = 0; i < 20; i++)
		guest_put(i, BLKIF_OP_FLUSH_DISKCACHE, 0);
	guest_push();
	until_answered(20);
	begun = served_ms();
	set_caps(200, 1);
	for (; i < 30; i++)
		guest_put(i, i % 2 ? BLKIF_OP_READ : BLKIF_OP_FLUSH_DISKCACHE,
			  0);
	guest_push();
	until_answered(30);
	assert_in_range((unsigned int)(served_ms() - begun), 44, 3000);
	assert_int_equal(served.figures.refused, 5);
}

/* Discards move none either. */
static void test_discard(void **state)
{
	struct blk_x86_64_discard *req;
	unsigned int i;

	(void)state;
	served_start();
	set_caps(0, 1);
	for (i = 0; i < 3; i++) {
		req = (void *)guest_put(i, BLKIF_OP_DISCARD, 0);
		req->n_sectors = 64;
	}
	guest_push();
	until_answered(3);
	assert_int_equal(served.figures.op[BLK_FIGURES_DISCARD].bytes,
			 3 * 64 * 512);
	assert_int_equal(served.figures.held, 0);
}

/*
 * Pages of an indirect request are paid for as if they were full until its
 * frame is known: here half of each is used.
 */
static void test_indirect(void **state)
{
	struct blk_wire_segment *frame = (void *)guest.pages[100];
	unsigned int i;

	(void)state;
	served_start();
	set_caps(0, 1);
	guest_put_indirect(1, BLKIF_OP_READ, 0, 100, 0, 16);
	for (i = 0; i < 16; i++)
		frame[i].last_sector = 3;
	assert_int_equal(served_status(1), BLKIF_RSP_OKAY);
	assert_int_equal(served.figures.op[BLK_FIGURES_READ].bytes, 32 * 1024);
	assert_in_range(served.caps.bytes.level + 32 * 1024, 1, 5);
}

static void test_changed_while_held(void **state)
{
	double begun;

	(void)state;
	served_start();
	set_caps(1, 1);
	place_reads(20);
	run_for(20);
	assert_int_equal(answered(20), 1);
	set_caps(1000, 0);
	until_answered(5);
	set_caps(1, 0);
	run_for(10);
	begun = served_ms();
	set_caps(0, 0);
	until_answered(20);
	assert_true(served_ms() - begun < 900); /* not a second's wait */
}

/* Nothing that was taken waits; what was not is left for a successor. */
static void test_drained_while_held(void **state)
{
	(void)state;
	served_start();
	set_caps(1, 0);
	place_reads(5);
	run_for(20);
	queue_drain(served.q);
	assert_int_equal(served.drained, 1);
	queue_detach(served.q);
	assert_int_equal(guest.ring.sring.rsp_prod, 1);
	set_caps(0, 0);
	run_for(2);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, served_begin, served_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shared_by_threads),
		TEST(test_iops),
		TEST(test_bytes),
		TEST(test_flush_and_refused),
		TEST(test_discard),
		TEST(test_indirect),
		TEST(test_changed_while_held),
		TEST(test_drained_while_held),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
