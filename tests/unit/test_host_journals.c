/* SPDX-License-Identifier: MIT */
/* Files of journals: made, replaced, removed, and swept. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/err.h"
#include "daemon/host/journals.h"
#include "tests/unit/scratch.h"

#define A "11111111-2222-3333-4444-555555555555"
#define B "11111111-2222-3333-4444-555555555556"

static const struct journal_owner web = {A, 7, 51712};

static struct journals *open_here(void)
{
	char path[SCRATCH_PATH_BYTES];
	struct journals *j;
	struct err e;

	scratch_path(path, "journal");
	j = journals_open(path, &e);
	assert_non_null(j);
	return j;
}

static void make(struct journals *j, const char *uuid, uint32_t domid,
		 uint32_t devid)
{
	const struct journal_owner owner = {uuid, domid, devid};
	struct err e;
	int fd = journals_make(j, &owner, 4096, &e);

	assert_true(fd >= 0);
	close(fd);
}

static bool is_there(const char *name)
{
	return access(name, F_OK) == 0;
}

static void test_made(void **state)
{
	struct journals *j = open_here();
	struct stat st, again;
	char byte = 1;
	struct err e;
	int fd, newer;

	(void)state;
	assert_int_equal(stat("journal", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	fd = journals_make(j, &web, 10000, &e);
	assert_true(fd >= 0);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_size, 10000);
	assert_true(st.st_blocks * 512 >= 10000);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(pwrite(fd, &byte, 1, 0), 1);

	/* Another one is another file, and new. */
	newer = journals_make(j, &web, 10000, &e);
	assert_int_equal(fstat(newer, &again), 0);
	assert_true(st.st_ino != again.st_ino);
	assert_int_equal(pread(newer, &byte, 1, 0), 1);
	assert_int_equal(byte, 0);
	journals_remove(j, &web);
	assert_false(is_there("journal/" A ".7.51712"));
	journals_remove(j, &web);
	close(fd);
	close(newer);
	journals_close(j);
}

/* Those of domain 7 that is guest A. */
static bool keep_web(uint32_t domid, const char *uuid, void *arg)
{
	unsigned int *asked = arg;

	(*asked)++;
	return domid == 7 && strcmp(uuid, A) == 0;
}

static void test_swept(void **state)
{
	struct journals *j = open_here();
	unsigned int asked = 0, round;

	(void)state;
	for (round = 0; round < 2; round++) {
		make(j, A, 7, 51712);
		make(j, A, 7, 51728);
		make(j, A, 8, 51712);
		make(j, B, 7, 51712);
		scratch_file("journal/notes", 0, 0600);
		scratch_file("journal/" A ".x.1", 0, 0600);
		scratch_file("journal/" A ".99999999.1", 0, 0600);
		asked = 0;
		journals_sweep(j, keep_web, &asked);
		assert_int_equal(asked, 4);
		assert_true(is_there("journal/" A ".7.51712"));
		assert_true(is_there("journal/" A ".7.51728"));
		assert_false(is_there("journal/" A ".8.51712"));
		assert_false(is_there("journal/" B ".7.51712"));
		assert_true(is_there("journal/notes"));
		assert_true(is_there("journal/" A ".x.1"));
	}
	journals_close(j);
}

static void test_no_folder(void **state)
{
	struct err e;

	(void)state;
	assert_null(journals_open("/no/such/journal", &e));
	assert_string_equal(e.text, "/no/such/journal: cannot make the folder: "
				    "No such file or directory");
	scratch_file("file", 0, 0600);
	assert_int_equal(mkdir("other", 0700), 0);
	assert_int_equal(symlink("../journal", "other/journal"), 0);
	assert_null(journals_open("other/journal", &e));
	assert_non_null(strstr(e.text, "other/journal: cannot open"));
}

/* Found out before a worker is killed by a store to memory that is not. */
static void test_no_room(void **state)
{
	struct journals *j;
	struct err e;

	(void)state;
	assert_int_equal(mkdir("small", 0700), 0);
	if (mount("tmpfs", "small", "tmpfs", 0, "size=64k") < 0)
		skip();
	j = journals_open("small", &e);
	assert_non_null(j);
	make(j, A, 7, 1);
	assert_int_equal(journals_make(j, &web, 1 << 20, &e), -ENOSPC);
	assert_string_equal(e.text, "small/" A ".7.51712: no room for "
				    "1048576 bytes: No space left on device");
	assert_false(is_there("small/" A ".7.51712"));
	journals_close(j);
	assert_int_equal(umount("small"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_made),
		cmocka_unit_test(test_swept),
		cmocka_unit_test(test_no_folder),
		cmocka_unit_test(test_no_room),
	};

	return cmocka_run_group_tests(tests, scratch_enter, scratch_remove);
}
