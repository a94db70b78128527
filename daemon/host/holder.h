/* SPDX-License-Identifier: MIT */
/* Who in dom0 has a disk image in use, as far as /proc and /sys can tell. */
#ifndef XN_HOST_HOLDER_H
#define XN_HOST_HOLDER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

/*
 * "mounted on /srv", "part of dm-0": why a block device (its st_rdev) cannot
 * be claimed. False when that is not known.
 */
bool holder_of_device(dev_t device, char *text, size_t size);

/*
 * "behind /dev/loop3": the loop device that has this regular file; one that
 * only reads does not count when read_only. False when there is none.
 */
bool holder_of_file(const struct stat *file, bool read_only, char *text,
		    size_t size);

#endif
