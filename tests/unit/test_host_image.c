/* SPDX-License-Identifier: MIT */
/* Images in regular files: which are refused, and who may share. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/err.h"
#include "daemon/host/image.h"
#include "tests/unit/scratch.h"

static struct image *open_here(const char *name, bool read_only, struct err *e)
{
	char path[SCRATCH_PATH_BYTES];

	scratch_path(path, name);
	return image_open(path, read_only, e);
}

static const struct {
	const char *name;
	bool read_only;
	int code; /* 0: accepted */
	const char *why;
	uint64_t sectors;
} files[] = {
	{"one", false, 0, NULL, 1},
	{"one", true, 0, NULL, 1},
	{"more", false, 0, NULL, 2}, /* 1535 bytes: rounded down */
	{"huge", false, 0, NULL, (1ull << 41) / 512},
	{"readonly", true, 0, NULL, 8},
	{"readonly", false, EACCES, "read-only (mode 0444)", 0},
	{"empty", true, EINVAL, "empty", 0},
	{"small", false, EINVAL, "smaller than a sector", 0},
	{"missing", false, ENOENT, "no such file", 0},
	{"dangling", true, ENOENT, "no such file", 0},
	{"one/below", true, ENOTDIR, "cannot open: Not a directory", 0},
	{".", true, EINVAL, "a directory, not a regular file or a", 0},
	{"fifo", true, EINVAL, "a FIFO, not", 0},
	{"../../dev/null", true, EINVAL, "a character device, not", 0},
};

static void test_files(void **state)
{
	struct image *im;
	struct err e;
	size_t i;

	(void)state;
	scratch_file("one", 512, 0600);
	scratch_file("more", 3 * 512 - 1, 0600);
	scratch_file("huge", (off_t)1 << 41, 0600);
	scratch_file("readonly", 4096, 0444);
	scratch_file("empty", 0, 0600);
	scratch_file("small", 511, 0600);
	assert_int_equal(symlink("nowhere", "dangling"), 0);
	assert_int_equal(mkfifo("fifo", 0600), 0);
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		im = open_here(files[i].name, files[i].read_only, &e);
		if (files[i].code) {
			assert_null(im);
			assert_int_equal(e.code, files[i].code);
			assert_non_null(strstr(e.text, files[i].why));
			assert_non_null(strstr(e.text, files[i].name));
			continue;
		}
		assert_non_null(im);
		assert_int_equal(image_sectors(im), files[i].sectors);
		assert_int_equal(image_sector_size(im), 512);
		assert_int_equal(image_physical_sector_size(im), 4096);
		assert_int_equal(image_read_only(im), files[i].read_only);
		image_close(im);
	}
	assert_null(image_open("one", true, &e));
	assert_string_equal(e.text, "one: not an absolute path");
	image_close(NULL);
}

/* First user, second user, by which name: may both have it? */
static const struct {
	bool first_ro, second_ro;
	const char *second_name;
	bool ok;
} sharing[] = {
	{true, true, "disk", true},    {true, true, "hard", true},
	{true, true, "soft", true},    {true, false, "disk", false},
	{true, false, "hard", false},  {true, false, "soft", false},
	{false, true, "disk", false},  {false, true, "hard", false},
	{false, true, "soft", false},  {false, false, "disk", false},
	{false, false, "hard", false}, {false, false, "soft", false},
	{false, false, "other", true}, {true, false, "other", true},
};

static void make_disks(void)
{
	unlink("disk");
	unlink("hard");
	unlink("soft");
	scratch_file("disk", 1 << 20, 0600);
	scratch_file("other", 1 << 20, 0600);
	assert_int_equal(link("disk", "hard"), 0);
	assert_int_equal(symlink("disk", "soft"), 0);
}

static void test_sharing(void **state)
{
	size_t i;

	(void)state;
	make_disks();
	for (i = 0; i < sizeof(sharing) / sizeof(sharing[0]); i++) {
		struct image *first, *second;
		struct err e;

		first = open_here("disk", sharing[i].first_ro, &e);
		assert_non_null(first);
		image_set_user(first, "guest web");
		second = open_here(sharing[i].second_name, sharing[i].second_ro,
				   &e);
		assert_int_equal(second != NULL, sharing[i].ok);
		if (!second) {
			assert_int_equal(e.code, EBUSY);
			assert_non_null(strstr(e.text, "in use by guest web"));
			assert_non_null(strstr(e.text, sharing[i].second_name));
		}
		image_close(first);
		image_close(second);
		/* Nothing stays behind. */
		first = open_here("disk", false, &e);
		assert_non_null(first);
		image_close(first);
	}
}

/* The last of several readers, whichever it is, still keeps writers out. */
static void test_readers(void **state)
{
	struct image *a, *b;
	struct err e;

	(void)state;
	make_disks();
	a = open_here("disk", true, &e);
	b = open_here("soft", true, &e);
	assert_non_null(a);
	assert_non_null(b);
	image_close(a);
	assert_null(open_here("hard", false, &e));
	a = open_here("hard", true, &e);
	assert_non_null(a);
	image_close(b);
	assert_null(open_here("disk", false, &e));
	image_close(a);
	a = open_here("disk", false, &e);
	assert_non_null(a);
	image_close(a);
}

/* Sectors at any offset, at any 512-byte boundary of memory, must work. */
static void check_io(const char *path)
{
	_Alignas(4096) char page[4096];
	struct image *im;
	struct err e;
	int fd;

	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, 1 << 20), 0);
	close(fd);
	im = image_open(path, false, &e);
	assert_non_null(im);
	fd = image_worker_fd(im, &e);
	assert_true(fd >= 0);
	memset(page, 0, sizeof(page));
	memset(page + 1536, 'w', 512);
	assert_int_equal(pwrite(fd, page + 1536, 512, 7 * 512), 512);
	assert_int_equal(pread(fd, page + 512, 512, 7 * 512), 512);
	assert_memory_equal(page + 512, page + 1536, 512);
	close(fd);
	image_close(im);
	unlink(path);
}

static void test_io(void **state)
{
	char path[SCRATCH_PATH_BYTES];

	(void)state;
	scratch_path(path, "io");
	check_io(path);
	check_io("/dev/shm/test_host_image.io");
}

static void test_resize(void **state)
{
	struct image *im;
	struct stat st;
	struct err e;

	(void)state;
	scratch_file("size", 4096, 0600);
	im = open_here("size", false, &e);
	assert_non_null(im);
	assert_int_equal(image_resize(im, 1 << 20, &e), 0);
	assert_int_equal(image_sectors(im), 2048);
	assert_int_equal(image_resize(im, 512, &e), 0);
	assert_int_equal(image_sectors(im), 1);
	assert_int_equal(stat("size", &st), 0);
	assert_int_equal(st.st_size, 512);
	assert_int_equal(image_check_resize(im, 0, &e), -EINVAL);
	assert_int_equal(image_check_resize(im, 511, &e), -EINVAL);
	assert_int_equal(image_resize(im, 513, &e), -EINVAL);
	/* Somebody else does it. */
	assert_int_equal(truncate("size", 8191), 0);
	assert_int_equal(image_sectors(im), 1);
	assert_int_equal(image_refresh(im, &e), 0);
	assert_int_equal(image_sectors(im), 15);
	assert_int_equal(truncate("size", 0), 0);
	assert_int_equal(image_refresh(im, &e), -EINVAL);
	assert_int_equal(image_sectors(im), 15);
	image_close(im);
	scratch_file("size", 4096, 0600);
	im = open_here("size", true, &e);
	assert_non_null(im);
	assert_int_equal(image_resize(im, 512, &e), -EACCES);
	assert_non_null(strstr(e.text, "size: is read-only here"));
	image_close(im);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files),	cmocka_unit_test(test_sharing),
		cmocka_unit_test(test_readers), cmocka_unit_test(test_io),
		cmocka_unit_test(test_resize),
	};

	return cmocka_run_group_tests(tests, scratch_enter, scratch_remove);
}
