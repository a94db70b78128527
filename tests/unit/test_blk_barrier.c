/* SPDX-License-Identifier: MIT */
/*
 * Flushes and barriers, as a block device hears of them: a loop device counts
 * the flushes that it is asked for.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/unit/blk_guest.h"
#include "tests/unit/blk_served.h"
#include "tests/unit/loop_disk.h"

static char loop[LOOP_PATH_BYTES];

/* The last but one of the device's figures, since Linux 5.5. */
static unsigned long flushes(void)
{
	char path[64];
	unsigned long n = 0;
	FILE *in;

	snprintf(path, sizeof(path), "/sys/block/%s/stat",
		 strrchr(loop, '/') + 1);
	in = fopen(path, "r");
	assert_non_null(in);
	assert_int_equal(fscanf(in,
				"%*u %*u %*u %*u %*u %*u %*u %*u %*u %*u %*u "
				"%*u %*u %*u %*u %lu",
				&n),
			 1);
	fclose(in);
	return n;
}

static void serve_loop(void)
{
	int fd = loop_disk_open(served.image, 512, 0, loop);

	assert_true(fd >= 0);
	close(served.image);
	served.image = fd;
	served_start();
}

/* How many a request of a page makes, or (with_page false) one of none. */
static unsigned long flushes_of(uint64_t id, uint8_t operation, bool with_page)
{
	unsigned long before = flushes();
	uint8_t *req = guest_put(id, operation, 8);

	if (with_page)
		guest_add(req, 0, 0, 7);
	assert_int_equal(served_status(id), BLKIF_RSP_OKAY);
	return flushes() - before;
}

/* What was there before it is on the disk, and it is itself once answered. */
static void test_flushes(void **state)
{
	(void)state;
	serve_loop();
	assert_int_equal(flushes_of(1, BLKIF_OP_WRITE, true), 0);
	assert_int_equal(flushes_of(2, BLKIF_OP_FLUSH_DISKCACHE, false), 1);
	assert_int_equal(flushes_of(3, BLKIF_OP_WRITE, true), 0);
	assert_int_equal(flushes_of(4, BLKIF_OP_WRITE_BARRIER, true), 2);
	assert_int_equal(flushes_of(5, BLKIF_OP_WRITE_BARRIER, false), 1);
	assert_int_equal(flushes_of(6, BLKIF_OP_READ, true), 0);
}

/* Not offered, it does nothing. */
static void test_refused(void **state)
{
	unsigned long before;

	(void)state;
	served.limits.barrier = false;
	serve_loop();
	before = flushes();
	guest_add(guest_put(1, BLKIF_OP_WRITE_BARRIER, 8), 0, 0, 7);
	assert_int_equal(served_status(1), BLKIF_RSP_EOPNOTSUPP);
	assert_int_equal(flushes(), before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_flushes, served_begin,
						served_end),
		cmocka_unit_test_setup_teardown(test_refused, served_begin,
						served_end),
	};

	if (!loop_disk_can()) {
		puts("1..0 # SKIP needs root and /dev/loop-control");
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
