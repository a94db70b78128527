/* SPDX-License-Identifier: MIT */
/* What a queue counts, request by request, and over the deaths of workers. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>
#include <event2/event.h>

#include "backends/blk/figures.h"
#include "backends/blk/slot.h"
#include "base/err.h"
#include "tests/unit/blk_guest.h"
#include "tests/unit/blk_served.h"
#include "tests/unit/blk_wire.h"

static const struct blk_figures_of *of(enum blk_figures_op op)
{
	return &served.figures.op[op];
}

static uint64_t latencies(enum blk_figures_op op)
{
	uint64_t sum = 0;
	unsigned int i;

	for (i = 0; i < BLK_FIGURES_BUCKETS; i++)
		sum += of(op)->latency[i];
	return sum;
}

static void check(enum blk_figures_op op, uint64_t requests, uint64_t bytes,
		  uint64_t failed)
{
	assert_int_equal(of(op)->requests, requests);
	assert_int_equal(of(op)->bytes, bytes);
	assert_int_equal(of(op)->failed, failed);
	assert_int_equal(latencies(op), requests + failed);
}

/* Every way that a request can end. */
static void test_counted(void **state)
{
	const struct blk_figures *f = &served.figures;
	uint8_t *req;
	unsigned int i;

	(void)state;
	served_start();
	req = guest_put(0, BLKIF_OP_READ, 0);
	for (i = 0; i < 11; i++)
		guest_add(req, i, 0, 7);
	guest_put_indirect(1, BLKIF_OP_WRITE, 0, 100, 0, 64);
	guest_put(2, BLKIF_OP_FLUSH_DISKCACHE, 0);
	guest_add(guest_put(3, BLKIF_OP_WRITE_BARRIER, 0), 0, 0, 0);
	guest_put(4, 99, 0);		/* no such operation */
	guest_put(5, BLKIF_OP_READ, 0); /* of nothing */
	guest_put_indirect(6, BLKIF_OP_READ, SERVED_SECTORS - 8, 101, 0, 2);
	guest_push();
	for (i = 0; i < 7; i++)
		served_until(&guest.answers[i], 1);
	check(BLK_FIGURES_READ, 1, 11 * 4096, 0);
	check(BLK_FIGURES_WRITE, 2, 64 * 4096 + 512, 0);
	check(BLK_FIGURES_FLUSH, 1, 0, 0);
	check(BLK_FIGURES_DISCARD, 0, 0, 0);
	assert_int_equal(f->refused, 3);
	assert_int_equal(f->taken, 7);
	assert_int_equal(f->answered, 7);
	assert_int_equal(f->merged, 0);
	assert_int_equal(f->held, 0);
	assert_int_equal(f->events, guest.events);
	assert_int_equal(f->notified, guest.notified);
	assert_int_equal(f->notified + f->spared, 7);
}

static void test_failed(void **state)
{
	(void)state;
	served_start();
	assert_int_equal(ftruncate(served.image, 4096), 0);
	guest_add(guest_put(1, BLKIF_OP_READ, 800), 0, 0, 7);
	assert_int_equal(served_status(1), BLKIF_RSP_ERROR);
	check(BLK_FIGURES_READ, 0, 0, 1);
	guest.copy_fails = true;
	guest_add(guest_put(2, BLKIF_OP_WRITE, 0), 0, 0, 7);
	assert_int_equal(served_status(2), BLKIF_RSP_ERROR);
	check(BLK_FIGURES_WRITE, 0, 0, 1);
	assert_int_equal(served.figures.refused, 0);
	assert_int_equal(served.figures.answered, 2);
}

/* Neighbours in the image, and one that is none. */
static void test_merged(void **state)
{
	static const uint64_t sectors[] = {0, 8, 16, 32};
	unsigned int i;

	(void)state;
	served_start();
	for (i = 0; i < 4; i++)
		guest_add(guest_put(i, BLKIF_OP_READ, sectors[i]), i, 0, 7);
	guest_push();
	for (i = 0; i < 4; i++)
		served_until(&guest.answers[i], 1);
	assert_int_equal(served.figures.merged, 2);
	check(BLK_FIGURES_READ, 4, 4 * 4096, 0);
}

/* A batch that a guest hears of once. */
static void test_spared(void **state)
{
	unsigned int i;

	(void)state;
	served_start();
	for (i = 0; i < 20; i++)
		guest_put(i, BLKIF_OP_FLUSH_DISKCACHE, 0);
	guest_push();
	for (i = 0; i < 20; i++)
		served_until(&guest.answers[i], 1);
	assert_int_equal(served.figures.notified, guest.notified);
	assert_int_equal(served.figures.spared, 20 - guest.notified);
}

/* From taken to answered, in powers of two of a microsecond. */
static void test_latency(void **state)
{
	int slow = served_start_slow();
	unsigned char page[4096] = {0};
	double begun = served_ms();
	unsigned int i;

	(void)state;
	assert_int_equal(served.figures.taken - served.figures.answered, 1);
	while (served_ms() - begun < 40)
		event_base_loop(served.base, EVLOOP_ONCE);
	assert_int_equal(write(slow, page, sizeof(page)), sizeof(page));
	served_until(&guest.answers[1], 1);
	for (i = 0; i < 16; i++)
		assert_int_equal(of(BLK_FIGURES_READ)->latency[i], 0);
	assert_int_equal(latencies(BLK_FIGURES_READ), 1);
	close(slow);
}

static void test_buckets(void **state)
{
	static const struct {
		uint64_t ns;
		unsigned int bucket;
	} rows[] = {
		{0, 0},
		{999, 0},
		{1000, 1},
		{1999, 1},
		{2000, 2},
		{3999, 2},
		{4000, 3},
		{1023999, 10},
		{1024000, 11},
		{1 << 30, 21},
		{UINT64_C(1) << 42, 31},
		{UINT64_MAX, 31},
	};
	struct blk_figures f = {0};
	struct slot slot = {.io.op = BLK_READ};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memset(&f, 0, sizeof(f));
		figures_answered(&f, &slot, rows[i].ns);
		assert_int_equal(f.op[0].latency[rows[i].bucket], 1);
	}
}

/* Whatever a worker had counted when it was killed, nothing is in flight. */
static void test_successor(void **state)
{
	(void)state;
	served.figures.op[BLK_FIGURES_FLUSH].requests = 1000;
	served.figures.taken = 1500;
	served.figures.answered = 1000;
	served_start();
	assert_int_equal(served.figures.taken, 1000);
	guest_put(1, BLKIF_OP_FLUSH_DISKCACHE, 0);
	assert_int_equal(served_status(1), BLKIF_RSP_OKAY);
	assert_int_equal(served.figures.taken, 1001);
	assert_int_equal(served.figures.answered, 1001);
	assert_int_equal(of(BLK_FIGURES_FLUSH)->requests, 1001);
}

static void test_memory(void **state)
{
	int fd = memfd_create("figures", MFD_CLOEXEC);
	const size_t each = sizeof(struct blk_figures);
	struct figures f = {0}, other = {0};
	struct blk_figures *here, *there;
	struct err e;

	(void)state;
	assert_int_equal(ftruncate(fd, 2 * sizeof(struct blk_figures) - 1), 0);
	assert_int_equal(figures_open(&f, fd, 2, each, &e), -EINVAL);
	assert_string_equal(e.text,
			    "started with 2559 bytes for figures, of which 2 "
			    "queues need 2560");
	figures_close(&f);
	assert_int_equal(figures_open(&f, -1, 2, each, &e), -EBADF);
	assert_int_equal(ftruncate(fd, 2 * sizeof(struct blk_figures)), 0);
	assert_int_equal(figures_open(&f, fd, 2, each, &e), 0);
	assert_int_equal(figures_open(&other, fd, 2, each, &e), 0);
	here = f.queues;
	there = other.queues;
	figures_add(&here[1].events, 3);
	assert_int_equal(there[1].events, 3);
	figures_close(&f);
	figures_close(&f);
	figures_close(&other);
	close(fd);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, served_begin, served_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_counted),   TEST(test_failed),
		TEST(test_merged),    TEST(test_spared),
		TEST(test_latency),   cmocka_unit_test(test_buckets),
		TEST(test_successor), cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
