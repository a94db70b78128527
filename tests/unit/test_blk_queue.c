/* SPDX-License-Identifier: MIT */
/*
 * A whole queue, from a guest's request to its answer: the real pump and the
 * real io_uring on a memory file, between a guest and a Xen that exist only
 * in blk_guest.c.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>
#include <event2/event.h>

#include "backends/blk/queue.h"
#include "base/err.h"
#include "tests/unit/blk_guest.h"

#define SECTORS 4096

static struct fixture {
	struct event_base *base;
	struct event *tick; /* so that the loop never sleeps for long */
	struct queue *q;
	int image;
	unsigned int failed, drained;
} t;

static void on_failed(const struct err *e, void *arg)
{
	(void)arg;
	assert_string_equal(e->text, "request ring is corrupt");
	t.failed++;
}

static void on_drained(void *arg)
{
	(void)arg;
	t.drained++;
}

static const struct queue_ops ops = {on_failed, on_drained};

static double now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
}

/* Runs the loop until *counter reaches goal; fails after five seconds. */
static void run_until(const unsigned int *counter, unsigned int goal)
{
	double begun = now_ms();

	while (*counter < goal) {
		event_base_loop(t.base, EVLOOP_ONCE);
		guest_collect();
		if (now_ms() - begun > 5000)
			fail_msg("%u after five seconds, not %u", *counter,
				 goal);
	}
}

static int16_t serve(uint64_t id)
{
	guest_push();
	run_until(&guest.answers[id], 1);
	assert_int_equal(guest.answers[id], 1);
	return guest.status[id];
}

static int attach(uint32_t port, uint32_t ref)
{
	const struct queue_peer peer = {
		.name = "d5/vbd-51712",
		.domid = GUEST_DOMID,
		.port = port,
		.ring_ref = ref,
		.image = t.image,
		.limits = {.sectors = SECTORS},
	};
	struct err e;

	return queue_attach(t.q, &peer, &e);
}

static int begin(void **state)
{
	const struct timeval tick = {.tv_usec = 1000};
	struct err e;

	(void)state;
	guest_begin();
	memset(&t, 0, sizeof(t));
	t.image = memfd_create("image", MFD_CLOEXEC);
	t.base = event_base_new();
	if (ftruncate(t.image, SECTORS * 512) < 0)
		return -1;
	t.tick = event_new(t.base, -1, EV_PERSIST, on_tick, NULL);
	event_add(t.tick, &tick);
	t.q = queue_new(t.base, &ops, NULL, &e);
	return 0;
}

static int end(void **state)
{
	(void)state;
	queue_free(t.q);
	event_free(t.tick);
	event_base_free(t.base);
	close(t.image);
	return guest.mapped != 0 || guest.bound;
}

/* Kernels may be built, or containers run, without io_uring. */
static void start(void)
{
	if (!t.q)
		skip();
	assert_int_equal(attach(GUEST_PORT, GUEST_RING_REF), 0);
}

static void test_write_and_read(void **state)
{
	struct blkif_request *req;
	unsigned char expected[6 * 512], found[6 * 512];

	(void)state;
	start();
	memset(guest.pages[0] + 5 * 512, 'a', 3 * 512);
	memset(guest.pages[1], 'b', 2 * 512);
	memset(guest.pages[2] + 512, 'c', 512);
	req = guest_put(1, BLKIF_OP_WRITE, 17);
	guest_add(req, 0, 5, 7);
	guest_add(req, 1, 0, 1);
	guest_add(req, 2, 1, 1);
	assert_int_equal(serve(1), BLKIF_RSP_OKAY);
	memset(expected, 'a', 3 * 512);
	memset(expected + 3 * 512, 'b', 2 * 512);
	memset(expected + 5 * 512, 'c', 512);
	assert_int_equal(pread(t.image, found, sizeof(found), 17 * 512),
			 sizeof(found));
	assert_memory_equal(found, expected, sizeof(expected));

	req = guest_put(2, BLKIF_OP_READ, 17);
	guest_add(req, 9, 2, 7);
	assert_int_equal(serve(2), BLKIF_RSP_OKAY);
	assert_memory_equal(guest.pages[9] + 2 * 512, expected,
			    sizeof(expected));
	assert_int_equal(guest.pages[9][2 * 512 - 1], 0);
}

static void test_full_ring(void **state)
{
	unsigned int i, k, sum = 0;

	(void)state;
	start();
	for (i = 0; i < 32; i++) {
		struct blkif_request *req =
			guest_put(i, BLKIF_OP_WRITE, (uint64_t)i * 88);

		for (k = 0; k < 11; k++) {
			memset(guest.pages[i * 11 + k], (int)(i + k), 4096);
			guest_add(req, i * 11 + k, 0, 7);
		}
	}
	guest_push();
	for (i = 0; i < 32; i++)
		run_until(&guest.answers[i], 1);
	assert_int_equal(guest.copies_in, 1);
	for (i = 0; i < 32; i++) {
		unsigned char found[4096];

		assert_int_equal(guest.status[i], BLKIF_RSP_OKAY);
		sum += guest.answers[i];
		for (k = 0; k < 11; k++) {
			assert_int_equal(pread(t.image, found, 4096,
					       (i * 11 + k) * 4096),
					 4096);
			assert_memory_equal(found, guest.pages[i * 11 + k],
					    4096);
		}
	}
	assert_int_equal(sum, 32);
	assert_true(guest.notified <= 32);
}

static void test_waiting_at_attach(void **state)
{
	(void)state;
	guest_add(guest_put(1, BLKIF_OP_READ, 0), 0, 0, 7);
	guest.ring.sring.req_prod = 1;
	start();
	run_until(&guest.answers[1], 1);
	assert_int_equal(guest.status[1], BLKIF_RSP_OKAY);
}

static void test_bad_grant_fails_one(void **state)
{
	struct blkif_request *req;
	unsigned char found[512];

	(void)state;
	start();
	memset(guest.pages, 'x', sizeof(guest.pages));
	guest_add(guest_put(1, BLKIF_OP_WRITE, 0), 0, 0, 0);
	req = guest_put(2, BLKIF_OP_WRITE, 1);
	guest_add(req, 1, 0, 0);
	guest_add(req, GUEST_PAGES, 0, 0);
	guest_add(req, 2, 0, 0);
	guest_add(guest_put(3, BLKIF_OP_WRITE, 8), 3, 0, 0);
	guest_push();
	run_until(&guest.answers[1], 1);
	run_until(&guest.answers[2], 1);
	run_until(&guest.answers[3], 1);
	assert_int_equal(guest.status[1], BLKIF_RSP_OKAY);
	assert_int_equal(guest.status[2], BLKIF_RSP_ERROR);
	assert_int_equal(guest.status[3], BLKIF_RSP_OKAY);
	assert_int_equal(pread(t.image, found, 512, 512), 512);
	assert_int_equal(found[0], 0); /* not a byte of it was written */

	req = guest_put(4, BLKIF_OP_READ, 0);
	guest_add(req, 1, 0, 0);
	guest_add(req, GUEST_PAGES, 0, 0);
	assert_int_equal(serve(4), BLKIF_RSP_ERROR);
	guest.copy_fails = true;
	guest_add(guest_put(5, BLKIF_OP_WRITE, 0), 0, 0, 0);
	assert_int_equal(serve(5), BLKIF_RSP_ERROR);
	guest_add(guest_put(6, BLKIF_OP_READ, 0), 0, 0, 0);
	assert_int_equal(serve(6), BLKIF_RSP_ERROR);
	guest_put(7, BLKIF_OP_FLUSH_DISKCACHE, 0);
	assert_int_equal(serve(7), BLKIF_RSP_OKAY);
}

static void test_refusals(void **state)
{
	(void)state;
	start();
	guest_add(guest_put(1, BLKIF_OP_WRITE_BARRIER, 0), 0, 0, 0);
	assert_int_equal(serve(1), BLKIF_RSP_EOPNOTSUPP);
	guest_put(2, 200, 0);
	assert_int_equal(serve(2), BLKIF_RSP_EOPNOTSUPP);
	guest_add(guest_put(3, BLKIF_OP_WRITE, SECTORS), 0, 0, 0);
	assert_int_equal(serve(3), BLKIF_RSP_ERROR);
	assert_int_equal(guest.copies_in, 0);
	guest_add(guest_put(4, BLKIF_OP_FLUSH_DISKCACHE, 0), 0, 0, 0);
	assert_int_equal(serve(4), BLKIF_RSP_OKAY);
	assert_int_equal(guest.copies_in, 1);
}

/* Never OKAY for less than was asked. */
static void test_image_shrinks(void **state)
{
	(void)state;
	start();
	assert_int_equal(ftruncate(t.image, 4096 + 2048), 0);
	guest_add(guest_put(1, BLKIF_OP_READ, 8), 0, 0, 7);
	assert_int_equal(serve(1), BLKIF_RSP_ERROR);
	guest_add(guest_put(2, BLKIF_OP_READ, 16), 0, 0, 7);
	assert_int_equal(serve(2), BLKIF_RSP_ERROR);
	guest_add(guest_put(3, BLKIF_OP_READ, 8), 0, 0, 3);
	assert_int_equal(serve(3), BLKIF_RSP_OKAY);
}

static void test_corrupt_ring(void **state)
{
	(void)state;
	start();
	guest_add(guest_put(1, BLKIF_OP_READ, 0), 0, 0, 7);
	guest.put += 32;
	guest_push();
	run_until(&t.failed, 1);
	assert_int_equal(guest.mapped, 0);
	assert_false(guest.bound);
	assert_int_equal(guest.answers[1], 0);
	queue_drain(t.q);
	run_until(&t.drained, 1);
	assert_int_equal(t.failed, 1);
}

static void test_refused_attach(void **state)
{
	(void)state;
	if (!t.q)
		skip();
	assert_int_equal(attach(GUEST_PORT, GUEST_RING_REF + 1), -EINVAL);
	assert_int_equal(attach(GUEST_PORT + 1, GUEST_RING_REF), -EINVAL);
	assert_int_equal(guest.mapped, 0);
	guest.ring.sring.req_prod = 40;
	assert_int_equal(attach(GUEST_PORT, GUEST_RING_REF), -EPROTO);
	assert_int_equal(guest.mapped, 0);
	assert_false(guest.bound);
	guest.ring.sring.req_prod = 0;
	assert_int_equal(attach(GUEST_PORT, GUEST_RING_REF), 0);
	guest_add(guest_put(1, BLKIF_OP_READ, 0), 0, 0, 7);
	assert_int_equal(serve(1), BLKIF_RSP_OKAY);
}

static void test_drain(void **state)
{
	unsigned int i;

	(void)state;
	start();
	for (i = 0; i < 8; i++)
		guest_add(guest_put(i, BLKIF_OP_WRITE, i), i, 0, 0);
	guest_push();
	while (queue_busy(t.q) == 0 && guest.ring.sring.rsp_prod == 0)
		event_base_loop(t.base, EVLOOP_ONCE);
	queue_drain(t.q);
	guest_put(9, BLKIF_OP_FLUSH_DISKCACHE, 0);
	guest_push();
	run_until(&t.drained, 1);
	guest_collect();
	assert_int_equal(queue_busy(t.q), 0);
	for (i = 0; i < 8; i++)
		assert_int_equal(guest.answers[i], 1);
	event_base_loop(t.base, EVLOOP_NONBLOCK);
	guest_collect();
	assert_int_equal(guest.answers[9], 0);
	queue_detach(t.q);
}

/* XSA-332: a guest that rings and rings, with nothing to say. */
static void test_rings_forever(void **state)
{
	double begun, spent;

	(void)state;
	start();
	guest.rings_forever = true;
	begun = now_ms();
	while (now_ms() - begun < 100)
		event_base_loop(t.base, EVLOOP_ONCE);
	spent = now_ms() - begun;
	assert_true(guest.events > 16); /* it has not been cut off either */
	assert_true(guest.events <= 16 * (spent + 2));
	guest_add(guest_put(1, BLKIF_OP_READ, 0), 0, 0, 7);
	assert_int_equal(serve(1), BLKIF_RSP_OKAY);
	guest.rings_forever = false;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_write_and_read),
		TEST(test_full_ring),
		TEST(test_waiting_at_attach),
		TEST(test_bad_grant_fails_one),
		TEST(test_refusals),
		TEST(test_image_shrinks),
		TEST(test_corrupt_ring),
		TEST(test_refused_attach),
		TEST(test_drain),
		TEST(test_rings_forever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
