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

/* Does one of them write to the file? May, for it is the right to that. */
bool qemu_lock_writes(int fd);

/* Does one count on nobody's writing to it? On a backing file, say. */
bool qemu_lock_forbids_writes(int fd);

#endif
