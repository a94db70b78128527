/* SPDX-License-Identifier: MIT */
/*
 * What is to be known of discards: by files that say it in the place of the
 * kernel's, in a mount namespace of the test's own, and by trying.
 */
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include <cmocka.h>

#include "daemon/host/discard.h"
#include "tests/unit/scratch.h"

#define SYSFS "/sys/dev/block"
#define DISK  SYSFS "/disk"
#define PART  DISK "/part"

/* Of a partition, and the queue of its disk. NULL: there is no such file. */
static const struct {
	const char *name;
	const char *granularity, *alignment, *max_bytes;
	struct discard want;
} rows[] = {
	{"all of it", "65536\n", "28672\n", "1073741824\n", {65536, 28672}},
	{"aligned", "4096\n", "0\n", "4294966784\n", {4096, 0}},
	{"no alignment known", "4096\n", "4294967295\n", "4096\n", {4096, 0}},
	{"nor in 64 bits",
	 "4096\n",
	 "18446744073709551615\n",
	 "4096\n",
	 {4096, 0}},
	{"none said", "4096\n", NULL, "4096\n", {4096, 0}},
	{"takes none", "65536\n", "28672\n", "0\n", {0, 0}},
	{"no granularity", "0\n", "0\n", "4096\n", {0, 0}},
	{"more than the guest can be told",
	 "4294967296\n",
	 "0\n",
	 "4294967296\n",
	 {0, 0}},
	{"nothing said", NULL, NULL, NULL, {0, 0}},
	{"no number", "many\n", "0\n", "4096\n", {0, 0}},
};

static void say(const char *path, const char *text)
{
	FILE *out;

	unlink(path);
	if (!text)
		return;
	out = fopen(path, "w");
	assert_non_null(out);
	fputs(text, out);
	fclose(out);
}

static void check_device(unsigned int minor, const struct discard *want)
{
	const struct stat st = {
		.st_mode = S_IFBLK | 0600,
		.st_rdev = makedev(240, minor),
	};
	struct discard found;

	discard_find(-1, &st, 1 << 20, &found);
	assert_int_equal(found.granularity, want->granularity);
	assert_int_equal(found.alignment, want->alignment);
}

static void test_devices(void **state)
{
	static const struct discard nothing = {0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%s\n", rows[i].name);
		say(DISK "/queue/discard_granularity", rows[i].granularity);
		say(DISK "/queue/discard_max_bytes", rows[i].max_bytes);
		say(DISK "/discard_alignment", rows[i].alignment);
		say(PART "/discard_alignment", rows[i].alignment);
		check_device(0, &rows[i].want);
		check_device(1, &rows[i].want);
		check_device(2, &nothing);
	}
	/* A partition begins somewhere else than its disk. */
	say(DISK "/queue/discard_granularity", "65536\n");
	say(DISK "/queue/discard_max_bytes", "65536\n");
	say(PART "/discard_alignment", "512\n");
	check_device(1, &(struct discard){65536, 512});
}

static void test_files(void **state)
{
	struct discard found;
	struct stat st;
	int fd;

	(void)state;
	scratch_file("disk", 1 << 20, 0600);
	fd = open("disk", O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	st.st_blksize = 1024;
	discard_find(fd, &st, 1 << 20, &found);
	assert_int_equal(found.granularity, 1024);
	assert_int_equal(found.alignment, 0);
	st.st_blksize = 1 << 20; /* of a network, say */
	discard_find(fd, &st, 1 << 20, &found);
	assert_int_equal(found.granularity, 65536);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_size, 1 << 20);
	close(fd);
}

static void test_qcow2(void **state)
{
	static const struct {
		const char *options;
		uint32_t unit;
	} images[] = {
		{"", 65536},
		{"-o compat=0.10", 65536},
		{"-o cluster_size=512", 512},
		{"-o cluster_size=2M", 2 << 20},
		{"-o extended_l2=on", 2048},
		{"-o extended_l2=on,cluster_size=2M", 65536},
	};
	unsigned char zero[4] = {0};
	char command[128];
	size_t i;
	int fd;

	(void)state;
	for (i = 0; i < sizeof(images) / sizeof(images[0]); i++) {
		snprintf(command, sizeof(command),
			 "qemu-img create -q -f qcow2 %s a.qcow2 64M",
			 images[i].options);
		assert_int_equal(system(command), 0);
		fd = open("a.qcow2", O_RDWR | O_CLOEXEC);
		assert_int_equal(discard_qcow2_unit(fd), images[i].unit);
		/* A header that makes no sense, and then none. */
		assert_int_equal(pwrite(fd, zero, 4, 20), 4);
		assert_int_equal(discard_qcow2_unit(fd), 0);
		assert_int_equal(ftruncate(fd, 50), 0);
		assert_int_equal(discard_qcow2_unit(fd), 0);
		close(fd);
	}
}

/* Devices 240:0, a disk, and 240:1, a partition of it. */
static int enter_namespace(void **state)
{
	if (unshare(CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("tmpfs", SYSFS, "tmpfs", 0, NULL) < 0 ||
	    mkdir(DISK, 0700) < 0 || mkdir(DISK "/queue", 0700) < 0 ||
	    mkdir(PART, 0700) < 0 || symlink("disk", SYSFS "/240:0") < 0 ||
	    symlink("disk/part", SYSFS "/240:1") < 0)
		return -1;
	return scratch_enter(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_devices),
		cmocka_unit_test(test_qcow2),
		cmocka_unit_test(test_files),
	};

	if (geteuid() != 0 || access(SYSFS, F_OK) < 0) {
		puts("1..0 # SKIP needs root and sysfs");
		return 0;
	}
	return cmocka_run_group_tests(tests, enter_namespace, scratch_remove);
}
