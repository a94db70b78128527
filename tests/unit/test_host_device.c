/* SPDX-License-Identifier: MIT */
/*
 * Images on block devices: loop devices over files of the test's own, in a
 * mount namespace of its own.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/err.h"
#include "daemon/host/image.h"
#include "tests/unit/loop_disk.h"
#include "tests/unit/scratch.h"

#define DISK_BYTES (1 << 20)

static char loop[LOOP_PATH_BYTES];	 /* /dev/loopN, over disk */
static char second[SCRATCH_PATH_BYTES];	 /* another node of the same device */
static char backing[SCRATCH_PATH_BYTES]; /* its file */
static int loop_fd = -1;

/* Closing the last descriptor detaches the device (autoclear). */
static int loop_detach(void **state)
{
	(void)state;
	if (loop_fd >= 0)
		close(loop_fd);
	loop_fd = -1;
	unlink(second);
	return 0;
}

static void use_loop(uint32_t block_size, uint32_t flags)
{
	struct stat st;
	int fd;

	scratch_path(backing, "disk");
	scratch_path(second, "node");
	fd = open(backing, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, DISK_BYTES), 0);
	loop_fd = loop_disk_open(fd, block_size, flags, loop);
	assert_true(loop_fd >= 0);
	close(fd);
	assert_int_equal(fstat(loop_fd, &st), 0);
	assert_int_equal(mknod(second, S_IFBLK | 0600, st.st_rdev), 0);
}

/* Mounts of this test are nobody else's. */
static int enter_namespace(void **state)
{
	if (unshare(CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return -1;
	return scratch_enter(state);
}

static void test_sizes(void **state)
{
	static const uint32_t blocks[] = {512, 4096};
	struct image *im;
	struct err e;
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		_Alignas(4096) char page[4096] = "";
		int fd;

		use_loop(blocks[i], 0);
		im = image_open(loop, false, &e);
		assert_non_null(im);
		assert_int_equal(image_sectors(im), DISK_BYTES / 512);
		assert_int_equal(image_sector_size(im), 512);
		assert_true(image_physical_sector_size(im) >= blocks[i]);

		/* One 512-byte sector can be written whatever the device's. */
		fd = image_worker_fd(im, &e);
		assert_true(fd >= 0);
		assert_int_equal((fcntl(fd, F_GETFL) & O_DIRECT) != 0,
				 blocks[i] == 512);
		memset(page + 512, 'x', 512);
		assert_int_equal(pwrite(fd, page + 512, 512, 512), 512);
		assert_int_equal(pread(fd, page + 1024, 512, 512), 512);
		assert_memory_equal(page + 1024, page + 512, 512);
		close(fd);
		image_close(im);
		loop_detach(NULL);
	}
}

/* As between files; here by two nodes of one device. */
static void test_sharing(void **state)
{
	struct image *a, *b;
	struct err e;
	int one, two;

	(void)state;
	use_loop(512, 0);
	a = image_open(loop, true, &e);
	assert_non_null(a);
	image_set_user(a, "guest web");
	assert_null(image_open(second, false, &e));
	assert_int_equal(e.code, EBUSY);
	assert_non_null(strstr(e.text, "in use by guest web"));
	b = image_open(second, true, &e);
	assert_non_null(b);
	image_close(a);
	/* The first reader's claim outlives it for the second's sake. */
	assert_int_equal(open(loop, O_RDONLY | O_EXCL | O_CLOEXEC), -1);
	assert_int_equal(errno, EBUSY);
	assert_null(image_open(loop, false, &e));
	image_close(b);

	a = image_open(second, false, &e);
	assert_non_null(a);
	assert_null(image_open(loop, true, &e));
	assert_null(image_open(loop, false, &e));
	one = image_worker_fd(a, &e);
	assert_true(one >= 0);
	assert_int_equal(image_worker_fd(a, &e), -EAGAIN);
	close(one);
	two = image_worker_fd(a, &e);
	assert_true(two >= 0);
	close(two);
	image_close(a);
}

static void test_claimed(void **state)
{
	struct image *im;
	struct err e;
	int fd;

	(void)state;
	use_loop(512, 0);
	fd = open(loop, O_RDONLY | O_EXCL | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_null(image_open(loop, true, &e));
	assert_int_equal(e.code, EBUSY);
	assert_non_null(strstr(e.text, "in use in dom0: mounted, or claimed"));
	close(fd);
	im = image_open(loop, true, &e);
	assert_non_null(im);
	image_close(im);
}

static void test_mounted(void **state)
{
	static const struct image_use any = {.unchecked = true};
	struct image *im;
	char command[128], where[SCRATCH_PATH_BYTES], want[160];
	struct err e;

	(void)state;
	use_loop(512, 0);
	snprintf(command, sizeof(command), "mkfs.ext4 -q %s", loop);
	assert_int_equal(system(command), 0);
	scratch_path(where, "mnt");
	assert_int_equal(mkdir(where, 0700), 0);
	assert_int_equal(mount(loop, where, "ext4", MS_RDONLY, NULL), 0);
	assert_null(image_open(second, false, &e));
	assert_int_equal(e.code, EBUSY);
	snprintf(want, sizeof(want), "in use in dom0: mounted on %s", where);
	assert_non_null(strstr(e.text, want));
	assert_null(image_open(second, true, &e));
	/* "w!" is refused for nobody's sake, and then claims nothing. */
	im = image_open_for(second, &any, &e);
	assert_non_null(im);
	image_close(im);
	assert_int_equal(umount(where), 0);
	im = image_open(second, false, &e);
	assert_non_null(im);
	/* And the other way round: dom0 cannot mount what a guest has. */
	assert_int_equal(mount(loop, where, "ext4", MS_RDONLY, NULL), -1);
	assert_int_equal(errno, EBUSY);
	image_close(im);
}

static void test_read_only_device(void **state)
{
	struct image *im;
	struct err e;
	int fd;

	(void)state;
	use_loop(512, LO_FLAGS_READ_ONLY);
	assert_null(image_open(loop, false, &e));
	assert_int_equal(e.code, EROFS);
	assert_non_null(strstr(e.text, ": a read-only device"));
	im = image_open(loop, true, &e);
	assert_non_null(im);
	fd = image_worker_fd(im, &e);
	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_GETFL) & O_ACCMODE, O_RDONLY);
	close(fd);
	image_close(im);
}

/* A file behind a loop device is in use by whoever uses that. */
static void test_backing_file(void **state)
{
	char want[64];
	struct image *im;
	struct err e;

	(void)state;
	use_loop(512, 0);
	snprintf(want, sizeof(want), "in use in dom0: behind %s", loop);
	assert_null(image_open(backing, false, &e));
	assert_int_equal(e.code, EBUSY);
	assert_non_null(strstr(e.text, want));
	assert_null(image_open(backing, true, &e));
	loop_detach(NULL);

	use_loop(512, LO_FLAGS_READ_ONLY);
	assert_null(image_open(backing, false, &e));
	im = image_open(backing, true, &e);
	assert_non_null(im);
	image_close(im);
}

static void test_no_device(void **state)
{
	struct err e;
	char path[SCRATCH_PATH_BYTES];

	(void)state;
	/* A node of a driver that is not there. */
	scratch_path(path, "ghost");
	assert_int_equal(mknod(path, S_IFBLK | 0600, makedev(240, 77)), 0);
	assert_null(image_open(path, true, &e));
	assert_int_equal(e.code, ENXIO);
	assert_non_null(strstr(e.text, "/ghost: cannot open for reading"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_sizes, loop_detach),
		cmocka_unit_test_teardown(test_sharing, loop_detach),
		cmocka_unit_test_teardown(test_claimed, loop_detach),
		cmocka_unit_test_teardown(test_mounted, loop_detach),
		cmocka_unit_test_teardown(test_read_only_device, loop_detach),
		cmocka_unit_test_teardown(test_backing_file, loop_detach),
		cmocka_unit_test_teardown(test_no_device, loop_detach),
	};

	if (!loop_disk_can() || access("/sbin/mkfs.ext4", X_OK) < 0) {
		puts("1..0 # SKIP needs root, /dev/loop-control, mkfs.ext4");
		return 0;
	}
	return cmocka_run_group_tests(tests, enter_namespace, scratch_remove);
}
