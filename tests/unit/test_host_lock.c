/* SPDX-License-Identifier: MIT */
/* Locks of images: against other programs, and of workers that are gone. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
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

static void make_disks(void)
{
	unlink("hard");
	unlink("soft");
	scratch_file("disk", 1 << 20, 0600);
	assert_int_equal(link("disk", "hard"), 0);
	assert_int_equal(symlink("disk", "soft"), 0);
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

	/* A worker that outlived its xnd still has the image. */
	image_close(im);
	assert_null(open_here("disk", true, &e));
	assert_int_equal(e.code, EBUSY);
	assert_non_null(strstr(e.text, "/disk: in use: a worker"));
	close(b);
	im = open_here("disk", true, &e);
	assert_non_null(im);

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

static void nothing(int fd)
{
	(void)fd;
}

/* As a worker of another guest's is, between its fork and its exec. */
static void test_forked_while_open(void **state)
{
	struct image *im;
	struct child c;
	struct err e;

	(void)state;
	make_disks();
	im = open_here("disk", false, &e);
	assert_non_null(im);
	c = child_start(nothing, -1);
	image_close(im);
	im = open_here("disk", false, &e);
	assert_non_null(im);
	image_close(im);
	child_kill(&c);
}

/* QEMU's locks, as it takes them: shared, one byte for each right. */
static int qemu_holds(off_t byte)
{
	int fd = open("disk", O_RDWR | O_CLOEXEC);
	struct flock lock = {
		.l_type = F_RDLCK,
		.l_whence = SEEK_SET,
		.l_start = byte,
		.l_len = 1,
	};

	assert_int_equal(fcntl(fd, F_OFD_SETLK, &lock), 0);
	return fd;
}

static void test_qemu_locks(void **state)
{
	struct image *im;
	struct err e;
	int fd;

	(void)state;
	make_disks();
	fd = qemu_holds(101);
	assert_null(open_here("disk", true, &e));
	assert_int_equal(e.code, EBUSY);
	assert_non_null(strstr(e.text, "QEMU writes to it"));
	assert_null(open_here("disk", false, &e));
	close(fd);
	fd = qemu_holds(201);
	assert_null(open_here("disk", false, &e));
	assert_non_null(strstr(e.text, "counts on it"));
	im = open_here("disk", true, &e);
	assert_non_null(im);
	image_close(im);
	close(fd);

	/* That of the qemu-nbd which serves it goes with its last I/O. */
	im = open_here("disk", false, &e);
	assert_non_null(im);
	assert_false(image_in_qemu(im));
	fd = qemu_holds(101);
	assert_true(image_in_qemu(im));
	close(fd);
	assert_false(image_in_qemu(im));
	image_close(im);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_other_process),
		cmocka_unit_test(test_worker_fd),
		cmocka_unit_test(test_worker_lock_lasts),
		cmocka_unit_test(test_forked_while_open),
		cmocka_unit_test(test_qemu_locks),
		cmocka_unit_test(test_no_leak),
	};

	return cmocka_run_group_tests(tests, scratch_enter, scratch_remove);
}
