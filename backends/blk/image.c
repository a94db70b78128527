/* SPDX-License-Identifier: MIT */
/* Looking at an image before its first request. */
#include "image.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"

static int check_kind(int fd, struct err *e)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_errno(e, errno, "image: cannot look at it");
	if (!S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode))
		return err_set(e, EINVAL,
			       "image: neither a file nor a block device");
	return 0;
}

static int check_size(int fd, uint64_t sectors, struct err *e)
{
	off_t bytes = lseek(fd, 0, SEEK_END);

	if (bytes < 0)
		return err_errno(e, errno, "image: cannot find its end");
	if (sectors > (uint64_t)bytes / BLK_SECTOR_BYTES)
		return err_set(e, ENOSPC,
			       "image: has %llu sectors, fewer than the "
			       "disk's %llu",
			       (unsigned long long)bytes / BLK_SECTOR_BYTES,
			       (unsigned long long)sectors);
	return 0;
}

/* Tries one sector at an odd place, in memory and in the image. */
static int relax_alignment(int fd, int flags, bool *direct, struct err *e)
{
	uint8_t page[2 * BLK_SECTOR_BYTES]
		__attribute__((aligned(2 * BLK_SECTOR_BYTES)));

	*direct = flags & O_DIRECT;
	if (!*direct)
		return 0;
	if (pread(fd, page + BLK_SECTOR_BYTES, BLK_SECTOR_BYTES,
		  BLK_SECTOR_BYTES) >= 0 ||
	    errno != EINVAL)
		return 0;
	if (fcntl(fd, F_SETFL, flags & ~O_DIRECT) < 0)
		return err_errno(e, errno, "image: cannot turn off direct I/O");
	*direct = false;
	return 0;
}

/* A device takes whole blocks of its own; a file takes any range. */
static int find_discard_unit(int fd, uint32_t *unit, struct err *e)
{
	struct stat st;
	int block;

	if (*unit == 0 || fstat(fd, &st) < 0 || !S_ISBLK(st.st_mode))
		return 0;
	if (ioctl(fd, BLKSSZGET, &block) < 0)
		return err_errno(e, errno, "image: cannot ask for its blocks");
	if ((uint32_t)block > *unit)
		*unit = (uint32_t)block;
	return 0;
}

int image_check(int fd, struct blk_limits *limits, bool *direct, struct err *e)
{
	int flags = fcntl(fd, F_GETFL);
	int rc;

	if (flags < 0)
		return err_errno(e, errno, "image: cannot read its flags");
	if ((flags & O_ACCMODE) != O_RDWR &&
	    !(limits->read_only && (flags & O_ACCMODE) == O_RDONLY))
		return err_set(e, EACCES, "image: is not open for %s",
			       limits->read_only ? "reading" : "writing");
	rc = check_kind(fd, e);
	if (rc == 0)
		rc = check_size(fd, limits->sectors, e);
	if (rc == 0)
		rc = relax_alignment(fd, flags, direct, e);
	if (rc == 0)
		rc = find_discard_unit(fd, &limits->discard_unit, e);
	return rc;
}
