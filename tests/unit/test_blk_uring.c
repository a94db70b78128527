/* SPDX-License-Identifier: MIT */
/*
 * An io_uring that root has made goes on as root's for what it counts: the
 * buffers of a worker that has become nobody are pinned, whatever its limit of
 * locked memory is. Else every disk would be slower, and nobody would hear.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "backends/blk/store.h"
#include "backends/blk/uring.h"
#include "base/err.h"
#include "chan/nobody.h"
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
	};

	return cmocka_run_group_tests(tests, enter, scratch_remove);
}
