/* SPDX-License-Identifier: MIT */
/* Locks on single bytes of images, and where these are. */
#include "daemon/host/image_lock.h"

#include <errno.h>
#include <fcntl.h>

/* In flight: a guest's number, 32 bits, then its disk's, 29 (vdev_number). */
#define FLIGHT_FIRST ((off_t)1 << 61)
#define FLIGHT_END   ((off_t)1 << 62)
#define DEVID_BITS   29
#define GUEST_BYTES  ((off_t)1 << DEVID_BITS)

/* FNV-1a: people choose UUIDs that differ in their last digit. */
static uint32_t number_of(const char *uuid)
{
	uint32_t n = 2166136261u;

	for (; uuid && *uuid; uuid++)
		n = (n ^ (unsigned char)*uuid) * 16777619u;
	return n;
}

off_t image_lock_in_flight(const char *uuid, uint32_t devid)
{
	return FLIGHT_FIRST + number_of(uuid) * GUEST_BYTES +
	       (devid & (GUEST_BYTES - 1));
}

static int set(int fd, off_t byte, short type)
{
	struct flock lock = {
		.l_type = type,
		.l_whence = SEEK_SET,
		.l_start = byte,
		.l_len = 1,
	};

	if (fcntl(fd, F_OFD_SETLK, &lock) == 0)
		return 0;
	return errno == EACCES ? -EAGAIN : -errno;
}

/* Of the bytes from first up to end. */
static bool any_taken(int fd, off_t first, off_t end, bool shared)
{
	struct flock lock = {
		.l_type = shared ? F_RDLCK : F_WRLCK,
		.l_whence = SEEK_SET,
		.l_start = first,
		.l_len = end - first,
	};

	return first < end && fcntl(fd, F_OFD_GETLK, &lock) == 0 &&
	       lock.l_type != F_UNLCK;
}

int image_lock_take(int fd, off_t byte, bool shared)
{
	return set(fd, byte, shared ? F_RDLCK : F_WRLCK);
}

void image_lock_drop(int fd, off_t byte)
{
	set(fd, byte, F_UNLCK);
}

bool image_lock_is_taken(int fd, off_t byte, bool shared)
{
	return any_taken(fd, byte, byte + 1, shared);
}

bool image_lock_others_in_flight(int fd, off_t own, bool shared)
{
	off_t guest = own & ~(GUEST_BYTES - 1);

	return any_taken(fd, FLIGHT_FIRST, guest, shared) ||
	       any_taken(fd, guest + GUEST_BYTES, FLIGHT_END, shared);
}
