/* SPDX-License-Identifier: MIT */
/* A loop device over a file of a test's own. */
#ifndef XN_TESTS_LOOP_DISK_H
#define XN_TESTS_LOOP_DISK_H

#include <stdbool.h>
#include <stdint.h>

#define LOOP_PATH_BYTES 32

/* Root's, where the kernel has such devices. */
bool loop_disk_can(void);

/*
 * Of fd, which stays the caller's, with sectors of so many bytes; flags:
 * LO_FLAGS_…. Its descriptor, for use by both, with its path; or -1. It is
 * gone when the last descriptor is closed.
 */
int loop_disk_open(int fd, uint32_t sector_bytes, uint32_t flags,
		   char path[LOOP_PATH_BYTES]);

#endif
