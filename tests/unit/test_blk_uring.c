/* SPDX-License-Identifier: MIT */
/*
 * What a block device's guest gives back is discarded, and of a device that
 * cannot, a hole is made.
 *
 * An io_uring that root has made goes on as root's for what it counts: the
 * buffers of a worker that has become nobody are pinned, whatever its limit of
 * locked memory is. Else every disk would be slower, and nobody would hear.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "backends/blk/store.h"
#include "backends/blk/uring.h"
#include "base/err.h"
#include "chan/nobody.h"
#include "tests/unit/loop_disk.h"
#include "tests/unit/scratch.h"

#define USER  2000000007
#define BYTES (256 * 1024)

/* Fills the buffer from the image, pinned or not. */
static bool fill(struct store *s, uint8_t *buffer)
{
	struct store_done done;

	s->ops->read(s, 7, 0, buffer, BYTES, 0);
	if (s->ops->submit(s) < 0 || s->ops->wait(s, 5000000000) < 0)
		return false;
	return s->ops->reap(s, &done, 1) == 1 && done.tag == 7 &&
	       done.result == BYTES && buffer[BYTES - 1] == 'x';
}

/* Tells by a byte that its buffer is in use, and waits for the end. */
static int child_main(int told, int end)
{
	const struct rlimit none = {0, 0};
	int image = open("image", O_RDONLY | O_CLOEXEC);
	uint8_t *buffer = mmap(NULL, BYTES, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct err e;
	struct uring *u = uring_open(&e);
	struct store *s;
	char byte;

	if (!u || setrlimit(RLIMIT_MEMLOCK, &none) < 0 ||
	    nobody_become(USER, "empty", &e) < 0 || uring_enable(u) < 0 ||
	    uring_set_image(u, image) < 0)
		return 1;
	s = uring_store(u);
	s->ops->pin(s, 0, buffer, BYTES);
	if (!fill(s, buffer) || write(told, "", 1) != 1 ||
	    read(end, &byte, 1) != 0)
		return 2;
	uring_close(u);
	return 0;
}

static long pinned_kib(pid_t pid)
{
	char path[40], line[256];
	long kib = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	f = fopen(path, "re");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f))
		if (strncmp(line, "VmPin:", 6) == 0)
			kib = strtol(line + 6, NULL, 10);
	fclose(f);
	return kib;
}

static void test_pinned(void **state)
{
	int told[2], end[2], status;
	char byte;
	pid_t pid;

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(pipe(told), 0);
	assert_int_equal(pipe(end), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		close(end[1]);
		_exit(child_main(told[1], end[0]));
	}
	close(told[1]);
	close(end[0]);
	if (read(told[0], &byte, 1) == 1)
		assert_int_equal(pinned_kib(pid), BYTES / 1024);
	close(told[0]);
	close(end[1]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static bool can_discard;
static unsigned int n_discards;
static uint64_t discarded[2];

/* The C library's, of which the device's are the kernel's or refused. */
int ioctl(int fd, unsigned long request, ...)
{
	va_list args;
	void *arg;

	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);
	if (request == BLKDISCARD) {
		n_discards++;
		memcpy(discarded, arg, sizeof(discarded));
		if (!can_discard) {
			errno = EOPNOTSUPP;
			return -1;
		}
	}
	return (int)syscall(SYS_ioctl, fd, request, arg);
}

/* Gives the middle half of it back, and tells whether that has gone. */
static bool give_back(int fd, int file)
{
	struct store_done done;
	struct stat before, after;
	struct err e;
	struct uring *u = uring_open(&e);
	struct store *s;

	assert_non_null(u);
	assert_int_equal(uring_enable(u), 0);
	assert_int_equal(uring_set_image(u, fd), 0);
	s = uring_store(u);
	assert_int_equal(fstat(file, &before), 0);
	s->ops->discard(s, 3, BYTES / 4, BYTES / 2);
	assert_int_equal(s->ops->submit(s), 0);
	assert_int_equal(s->ops->wait(s, 5000000000), 0);
	assert_int_equal(s->ops->reap(s, &done, 1), 1);
	assert_int_equal(done.tag, 3);
	assert_int_equal(done.result, 0);
	uring_close(u);
	assert_int_equal(fstat(file, &after), 0);
	return after.st_blocks == before.st_blocks - BYTES / 2 / 512;
}

static int open_filled(void)
{
	static const uint8_t text[BYTES] = {1};
	int fd = open("device", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, BYTES), BYTES);
	assert_int_equal(fsync(fd), 0);
	return fd;
}

static void test_discard_device(void **state)
{
	char path[LOOP_PATH_BYTES];
	int file, fd;

	(void)state;
	if (!loop_disk_can())
		skip();
	for (can_discard = true;; can_discard = false) {
		file = open_filled();
		fd = loop_disk_open(file, 512, 0, path);
		assert_true(fd >= 0);
		n_discards = 0;
		assert_true(give_back(fd, file));
		assert_int_equal(n_discards, 1);
		assert_int_equal(discarded[0], BYTES / 4);
		assert_int_equal(discarded[1], BYTES / 2);
		close(fd);
		close(file);
		if (!can_discard)
			break;
	}
}

static void test_discard_file(void **state)
{
	int file = open_filled();

	(void)state;
	n_discards = 0;
	assert_true(give_back(file, file));
	assert_int_equal(n_discards, 0);
	close(file);
}

static int enter(void **state)
{
	char text[BYTES];
	int fd;

	if (scratch_enter(state) < 0 || mkdir("empty", 0555) < 0)
		return -1;
	memset(text, 'x', sizeof(text));
	fd = open("image", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, text, BYTES) != BYTES)
		return -1;
	return close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pinned),
		cmocka_unit_test(test_discard_device),
		cmocka_unit_test(test_discard_file),
	};

	return cmocka_run_group_tests(tests, enter, scratch_remove);
}
