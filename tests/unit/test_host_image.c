/* SPDX-License-Identifier: MIT */
/* Images in regular files: which are refused, who may share, who waits. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/err.h"
#include "daemon/host/image.h"

static char dir[] = "/tmp/test_host_image.XXXXXX";

static int enter_dir(void **state)
{
	(void)state;
	return mkdtemp(dir) && chdir(dir) == 0 ? 0 : -1;
}

static int remove_dir(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "rm -r %s", dir);
	return system(command);
}

static void make_file(const char *name, off_t size, mode_t mode)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, size), 0);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static struct image *open_here(const char *name, bool read_only, struct err *e)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
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
	make_file("one", 512, 0600);
	make_file("more", 3 * 512 - 1, 0600);
	make_file("huge", (off_t)1 << 41, 0600);
	make_file("readonly", 4096, 0444);
	make_file("empty", 0, 0600);
	make_file("small", 511, 0600);
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
	make_file("disk", 1 << 20, 0600);
	make_file("other", 1 << 20, 0600);
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

struct child {
	pid_t pid;
	int pipe; /* gives a byte when the child's work is done */
};

/* Runs work in a forked child, which then sleeps until it is killed. */
static struct child child_start(void (*work)(int fd), int fd)
{
	struct child c;
	int ends[2];
	char byte;

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	c.pid = fork();
	assert_true(c.pid >= 0);
	if (c.pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		work(fd);
		if (write(ends[1], "", 1) == 1)
			pause();
		_exit(1);
	}
	close(ends[1]);
	c.pipe = ends[0];
	assert_int_equal(read(c.pipe, &byte, 1), 1);
	return c;
}

static void child_kill(const struct child *c)
{
	assert_int_equal(kill(c->pid, SIGKILL), 0);
	assert_int_equal(waitpid(c->pid, NULL, 0), c->pid);
	close(c->pipe);
}

static void open_disk(int read_only)
{
	struct err e;

	if (!open_here("disk", read_only, &e))
		_exit(2);
}

/* Another process (another xnd, say) is refused as well, and named so. */
static void test_other_process(void **state)
{
	struct image *im;
	struct child c;
	struct err e;

	(void)state;
	make_disks();
	c = child_start(open_disk, false);
	assert_null(open_here("soft", false, &e));
	assert_non_null(strstr(e.text, "another program has it locked"));
	assert_null(open_here("hard", true, &e));
	child_kill(&c);
	c = child_start(open_disk, true);
	assert_null(open_here("disk", false, &e));
	im = open_here("disk", true, &e);
	assert_non_null(im);
	image_close(im);
	child_kill(&c);
	im = open_here("disk", false, &e);
	assert_non_null(im);
	image_close(im);
}

static void test_worker_fd(void **state)
{
	struct image *im, *twin;
	char byte = 'x';
	struct err e;
	int a, b, ro;

	(void)state;
	make_disks();
	im = open_here("disk", false, &e);
	a = image_worker_fd(im, &e);
	assert_true(a >= 0);
	assert_true(fcntl(a, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(fcntl(a, F_GETFL) & O_ACCMODE, O_RDWR);
	assert_int_equal(image_worker_fd(im, &e), -EAGAIN);
	assert_int_equal(e.code, EAGAIN);
	assert_non_null(strstr(e.text, "/disk: an earlier worker"));
	close(a);
	b = image_worker_fd(im, &e);
	assert_true(b >= 0);

	/* The next guest may have the image, but no worker before the last. */
	image_close(im);
	im = open_here("disk", true, &e);
	assert_non_null(im);
	assert_int_equal(image_worker_fd(im, &e), -EAGAIN);
	close(b);

	/* Workers that only read share. */
	twin = open_here("hard", true, &e);
	assert_non_null(twin);
	a = image_worker_fd(im, &e);
	b = image_worker_fd(twin, &e);
	ro = image_worker_fd(im, &e);
	assert_true(a >= 0 && b >= 0 && ro >= 0);
	assert_int_equal(fcntl(ro, F_GETFL) & O_ACCMODE, O_RDONLY);
	assert_int_equal(write(ro, &byte, 1), -1);
	assert_int_equal(errno, EBADF);
	close(a);
	close(b);
	close(ro);
	image_close(im);
	image_close(twin);
}

static void hold(int fd)
{
	(void)fd;
}

static void test_worker_lock_lasts(void **state)
{
	struct image *im;
	struct child c;
	struct err e;
	int fd;

	(void)state;
	make_disks();
	im = open_here("disk", false, &e);
	fd = image_worker_fd(im, &e);
	assert_true(fd >= 0);
	c = child_start(hold, fd);
	close(fd);
	assert_int_equal(image_worker_fd(im, &e), -EAGAIN);
	child_kill(&c);
	fd = image_worker_fd(im, &e);
	assert_true(fd >= 0);
	close(fd);
	image_close(im);
}

/* A program started while we hold locks does not get them. */
static void test_no_leak(void **state)
{
	struct image *im;
	struct err e;
	int ends[2], fd;
	pid_t pid;
	char byte;

	(void)state;
	make_disks();
	im = open_here("disk", false, &e);
	fd = image_worker_fd(im, &e);
	assert_true(fd >= 0);
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		execl("/bin/sleep", "sleep", "1000", (char *)NULL);
		_exit(1);
	}
	close(ends[1]);
	assert_int_equal(read(ends[0], &byte, 1), 0); /* exec closed it */
	close(ends[0]);
	close(fd);
	image_close(im);
	im = open_here("disk", false, &e);
	assert_non_null(im);
	fd = image_worker_fd(im, &e);
	assert_true(fd >= 0);
	close(fd);
	image_close(im);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
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
	char path[128];

	(void)state;
	snprintf(path, sizeof(path), "%s/io", dir);
	check_io(path);
	check_io("/dev/shm/test_host_image.io");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_sharing),
		cmocka_unit_test(test_readers),
		cmocka_unit_test(test_other_process),
		cmocka_unit_test(test_worker_fd),
		cmocka_unit_test(test_worker_lock_lasts),
		cmocka_unit_test(test_no_leak),
		cmocka_unit_test(test_io),
	};

	return cmocka_run_group_tests(tests, enter_dir, remove_dir);
}
