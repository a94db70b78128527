/* SPDX-License-Identifier: MIT */
/* Asking for QEMU's locks; none is ever taken. */
#include "daemon/host/qemu_lock.h"

#include <errno.h>
#include <fcntl.h>

#include "base/err.h"

/* Of the rights that QEMU numbers, that to write; 3 is that to resize. */
#define WRITE  1
#define RESIZE 3

#define HAS    100
#define DENIES 200

static bool is_taken(int fd, off_t byte)
{
	struct flock lock = {
		.l_type = F_WRLCK,
		.l_whence = SEEK_SET,
		.l_start = byte,
		.l_len = 1,
	};

	return fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

bool qemu_lock_writes(int fd)
{
	return is_taken(fd, HAS + WRITE) || is_taken(fd, HAS + RESIZE);
}

int qemu_lock_check(int fd, bool read_only, const char *shown, struct err *e)
{
	if (qemu_lock_writes(fd))
		return err_set(e, EBUSY, "%s: in use: QEMU writes to it",
			       shown);
	if (!read_only && is_taken(fd, DENIES + WRITE))
		return err_set(e, EBUSY,
			       "%s: in use: QEMU reads it, and counts on it "
			       "staying as it is",
			       shown);
	return 0;
}
