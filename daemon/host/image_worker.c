/* SPDX-License-Identifier: MIT */
/* An image in the hands of those who serve it: descriptors, and their end. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/err.h"
#include "base/scope.h"
#include "daemon/host/image.h"
#include "daemon/host/image_inside.h"
#include "daemon/host/image_lock.h"
#include "daemon/host/qemu_lock.h"

#define SECTOR_BYTES 512

/*
 * Does fd, opened O_DIRECT, take what a guest sends: any sector, into memory
 * on any 512-byte boundary? File systems that do not say so are tried.
 */
static bool direct_suits(const struct image *im, int fd)
{
	_Alignas(PHYSICAL_MAX_BYTES) char page[2 * SECTOR_BYTES];
	struct statx sx;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_DIOALIGN, &sx) == 0 &&
	    (sx.stx_mask & STATX_DIOALIGN))
		return sx.stx_dio_offset_align &&
		       sx.stx_dio_offset_align <= SECTOR_BYTES &&
		       sx.stx_dio_mem_align <= SECTOR_BYTES;
	return pread(fd, page + SECTOR_BYTES, SECTOR_BYTES,
		     im->sectors > 1 ? SECTOR_BYTES : 0) == SECTOR_BYTES;
}

static int busy(const struct image *im, struct err *e)
{
	return err_set(e, EAGAIN,
		       "%s: an earlier worker's I/O is still in flight",
		       im->shown);
}

int image_worker_fd(struct image *im, struct err *e)
{
	int flags = im->share.read_only ? O_RDONLY : O_RDWR;
	scoped_fd fd = -1;
	int rc;

	/* Who opens a device that is busy, to no end, wakes up udev. */
	if (image_lock_is_taken(im->fd, im->flight, im->share.read_only))
		return busy(im, e);
	fd = path_reopen(im->fd, flags | O_DIRECT);
	if (fd == -EINVAL)
		fd = path_reopen(im->fd, flags);
	if (fd < 0)
		return image_refuse_open(im, -fd, e);
	rc = image_lock_take(fd, im->flight, im->share.read_only);
	if (rc == -EAGAIN)
		return busy(im, e);
	if (rc < 0)
		return err_errno(e, -rc, "%s: cannot lock", im->shown);
	if (!direct_suits(im, fd) && fcntl(fd, F_SETFL, flags) < 0)
		return err_errno(e, errno, "%s: cannot leave direct I/O",
				 im->shown);
	return fd_take(&fd);
}

bool image_in_qemu(const struct image *im)
{
	return !im->share.read_only && qemu_lock_writes(im->fd);
}

bool image_in_flight(const struct image *im)
{
	return !im->share.read_only &&
	       image_lock_is_taken(im->fd, im->flight, false);
}
