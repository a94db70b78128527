/* SPDX-License-Identifier: MIT */
/* A folder of the test's own under /tmp, which is its working directory. */
#ifndef XN_TESTS_SCRATCH_H
#define XN_TESTS_SCRATCH_H

#include <stddef.h>
#include <sys/stat.h>

#define SCRATCH_PATH_BYTES 128

/* For cmocka_run_group_tests: makes it and goes there; removes it. */
int scratch_enter(void **state);
int scratch_remove(void **state);

/* Its absolute path. */
const char *scratch_dir(void);

/* The absolute path of name in it. */
void scratch_path(char path[SCRATCH_PATH_BYTES], const char *name);

/* Makes a file of size zero bytes in it, or sets an old one's size. */
void scratch_file(const char *name, off_t size, mode_t mode);

#endif
