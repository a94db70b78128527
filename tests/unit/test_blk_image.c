/* SPDX-License-Identifier: MIT */
/* What may be served as a disk, and what is said about the rest. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "backends/blk/image.h"
#include "base/err.h"

#define SECTORS 64

static char path[] = "test_blk_image.XXXXXX";

static int begin(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	if (fd < 0 || ftruncate(fd, SECTORS * 512 + 511) < 0)
		return -1;
	return close(fd);
}

static int end(void **state)
{
	(void)state;
	return unlink(path);
}

static const struct {
	const char *path; /* NULL: the file of 64 sectors */
	int flags;
	uint64_t sectors;
	bool read_only;
	int rc;
	const char *text;
} rows[] = {
	{NULL, O_RDWR, SECTORS, false, 0, ""},
	{NULL, O_RDWR, SECTORS, true, 0, ""},
	{NULL, O_RDWR, 1, false, 0, ""},
	{NULL, O_RDONLY, SECTORS, true, 0, ""},
	{NULL, O_RDONLY, SECTORS, false, -EACCES, "not open for writing"},
	{NULL, O_WRONLY, SECTORS, false, -EACCES, "not open for writing"},
	{NULL, O_WRONLY, SECTORS, true, -EACCES, "not open for reading"},
	{NULL, O_RDWR, SECTORS + 1, false, -ENOSPC, "64 sectors, fewer than"},
	{NULL, O_RDWR, UINT64_MAX, false, -ENOSPC, "fewer than"},
	{"/dev/null", O_RDWR, 0, false, -EINVAL, "neither a file nor"},
	{"/", O_RDONLY, 0, true, -EINVAL, "neither a file nor"},
};

static void test_rows(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct blk_limits limits = {.sectors = rows[i].sectors,
					    .read_only = rows[i].read_only};
		const char *name = rows[i].path ? rows[i].path : path;
		int fd = open(name, rows[i].flags | O_CLOEXEC);
		struct err e = {0};
		bool direct = true;

		assert_true(fd >= 0);
		assert_int_equal(image_check(fd, &limits, &direct, &e),
				 rows[i].rc);
		if (!strstr(e.text, rows[i].text))
			fail_msg("row %zu: \"%s\"", i, e.text);
		if (rows[i].rc == 0)
			assert_false(direct);
		close(fd);
	}
}

/* Whatever it reports as direct serves a single sector at any place. */
static void test_direct(void **state)
{
	struct blk_limits limits = {.sectors = SECTORS};
	int fd = open(path, O_RDWR | O_DIRECT | O_CLOEXEC);
	struct err e;
	bool direct;
	void *page = NULL;

	(void)state;
	if (fd < 0)
		skip(); /* this file system has no direct I/O */
	assert_int_equal(image_check(fd, &limits, &direct, &e), 0);
	assert_int_equal(!!(fcntl(fd, F_GETFL) & O_DIRECT), direct);
	assert_int_equal(posix_memalign(&page, 4096, 4096), 0);
	assert_int_equal(pread(fd, (char *)page + 3 * 512, 512, 5 * 512), 512);
	free(page);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_direct),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
