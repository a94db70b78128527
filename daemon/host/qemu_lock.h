/* SPDX-License-Identifier: MIT */
/*
 * The locks that QEMU's programs put on the images they have open: bytes from
 * 100 on say what one does with the image, bytes from 200 on what it lets
 * nobody else do (QEMU's manual, "Disk image file locking"). They are of open
 * file descriptions, so they last for as long as its I/O does.
 */
#ifndef XN_HOST_QEMU_LOCK_H
#define XN_HOST_QEMU_LOCK_H

#include <stdbool.h>

struct err;

/* Does one of them write to the file? May, for it is the right to that. */
bool qemu_lock_writes(int fd);

/*
 * May one more program open it, to write or only to read? 0, or -EBUSY with
 * *e set: one writes to it, or (as of a backing file) counts on it staying as
 * it is. shown: what the file is called.
 */
int qemu_lock_check(int fd, bool read_only, const char *shown, struct err *e);

#endif
