/* SPDX-License-Identifier: MIT */
/* A folder of the test's own. */
#include "tests/unit/scratch.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

static char dir[] = "/tmp/xn-test.XXXXXX";

int scratch_enter(void **state)
{
	(void)state;
	return mkdtemp(dir) && chdir(dir) == 0 ? 0 : -1;
}

int scratch_remove(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "rm -r %s", dir);
	return chdir("/") == 0 ? system(command) : -1;
}

const char *scratch_dir(void)
{
	return dir;
}

void scratch_path(char path[SCRATCH_PATH_BYTES], const char *name)
{
	snprintf(path, SCRATCH_PATH_BYTES, "%s/%s", dir, name);
}

void scratch_file(const char *name, off_t size, mode_t mode)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, size), 0);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}
