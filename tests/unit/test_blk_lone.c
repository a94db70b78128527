/* SPDX-License-Identifier: MIT */
/*
 * Waiting at the image for a request that came alone: after a few of them,
 * and never so that another has to wait for long. The image is a pipe.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>
#include <cmocka.h>
#include <event2/event.h>

#include "backends/blk/lone.h"
#include "tests/unit/blk_guest.h"
#include "tests/unit/blk_served.h"
#include "tests/unit/blk_wire.h"

#define REQUESTS 5

static void test_streak(void **state)
{
	struct lone l = {0};
	unsigned int i;

	(void)state;
	for (i = 0; i < LONE_STREAK; i++)
		assert_false(lone_taken(&l, true));
	assert_true(lone_taken(&l, true));
	lone_waited(&l, true);
	assert_true(lone_taken(&l, true));
	assert_false(lone_taken(&l, false));
	for (i = 0; i < LONE_STREAK; i++)
		assert_false(lone_taken(&l, true));
	assert_true(lone_taken(&l, true));
}

/* What is in company does not make up for having been wrong sooner. */
static void test_sulks(void **state)
{
	struct lone l = {0};
	unsigned int i;

	(void)state;
	lone_waited(&l, false);
	for (i = 0; i < LONE_SULK; i++)
		assert_false(lone_taken(&l, i % 2 == 0));
	for (i = 0; i < LONE_STREAK; i++)
		assert_false(lone_taken(&l, true));
	assert_true(lone_taken(&l, true));
}

static int slow;
static unsigned int masked; /* how often the port was, while one was read */

static void supply(void)
{
	static const unsigned char page[4096];

	assert_int_equal(write(slow, page, sizeof(page)), sizeof(page));
}

static void *supply_soon(void *arg)
{
	const struct blk_figures *f = &served.figures;

	while (__atomic_load_n(&f->taken, __ATOMIC_RELAXED) ==
	       __atomic_load_n(&f->answered, __ATOMIC_RELAXED))
		usleep(20);
	usleep(200);
	masked += __atomic_load_n(&guest.masked, __ATOMIC_RELAXED);
	supply();
	return arg;
}

/* A read of a page, that the image has a moment after it was asked. */
static void read_soon(uint64_t id)
{
	pthread_t thread;

	guest_add(guest_put(id, BLKIF_OP_READ, 0), 0, 0, 7);
	guest_push();
	assert_int_equal(pthread_create(&thread, NULL, supply_soon, NULL), 0);
	served_until(&guest.answers[id], 1);
	assert_int_equal(pthread_join(thread, NULL), 0);
}

static void start(void)
{
	slow = served_start_slow();
	supply();
	served_until(&guest.answers[1], 1);
}

/* The port is not opened for a request that is waited for. */
static void test_waited_for(void **state)
{
	double begun = served_ms();
	unsigned int i;

	(void)state;
	start();
	/* Here a moment may be long, and then there is sulking. */
	for (i = 0; masked < REQUESTS && served_ms() - begun < 60000; i++)
		read_soon(2 + i % 100);
	assert_int_equal(masked, REQUESTS);
	close(slow);
}

/* One that comes all the same is served though the first is not done. */
static void test_in_company(void **state)
{
	unsigned int i;

	(void)state;
	start();
	for (i = 0; i <= LONE_STREAK + 1; i++)
		read_soon(2 + i);
	guest_add(guest_put(20, BLKIF_OP_READ, 0), 0, 0, 7);
	guest_push();
	while (served.figures.taken == served.figures.answered)
		event_base_loop(served.base, EVLOOP_ONCE);
	guest_put(21, BLKIF_OP_READ, 0); /* of nothing: an answer at once */
	assert_int_equal(served_status(21), BLKIF_RSP_ERROR);
	assert_int_equal(guest.answers[20], 0);
	supply();
	served_until(&guest.answers[20], 1);
	close(slow);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, served_begin, served_end)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_streak),
		cmocka_unit_test(test_sulks),
		TEST(test_waited_for),
		TEST(test_in_company),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
