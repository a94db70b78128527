/* SPDX-License-Identifier: MIT */
/* Disk images: what may be opened, by how many, and for whom. */
#include "daemon/host/image.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/queue.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/scope.h"
#include "daemon/host/discard.h"
#include "daemon/host/holder.h"
#include "daemon/host/path.h"

#define SECTOR_BYTES	   512
#define PHYSICAL_MAX_BYTES 4096

/* Which byte of the image says what. */
enum { LOCK_SHARING = 0, LOCK_IN_FLIGHT = 1 };

struct image {
	LIST_ENTRY(image) link;
	int fd; /* owned; LOCK_SHARING locked, a device claimed by O_EXCL */
	bool read_only;
	struct stat st;
	uint64_t sectors;
	uint32_t physical;
	struct discard discard;
	char shown[PATH_SHOWN_BYTES]; /* the path, for error texts */
	char user[80];
};

/* All that are open: the kernel would say that one is in use, not by whom. */
static LIST_HEAD(, image) images = LIST_HEAD_INITIALIZER(images);

static bool is_device(const struct image *im)
{
	return S_ISBLK(im->st.st_mode);
}

/* Two nodes of one device are the same image. */
static bool same(const struct image *a, const struct image *b)
{
	if (is_device(a) || is_device(b))
		return is_device(a) && is_device(b) &&
		       a->st.st_rdev == b->st.st_rdev;
	return a->st.st_dev == b->st.st_dev && a->st.st_ino == b->st.st_ino;
}

/* Locks one byte of fd's open file description, without waiting. */
static int set_lock(int fd, off_t byte, short type)
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

static int lock_byte(int fd, off_t byte, bool shared)
{
	return set_lock(fd, byte, shared ? F_RDLCK : F_WRLCK);
}

/* Does any other open file description have it locked against ours? */
static bool byte_is_locked(int fd, off_t byte, bool shared)
{
	struct flock lock = {
		.l_type = shared ? F_RDLCK : F_WRLCK,
		.l_whence = SEEK_SET,
		.l_start = byte,
		.l_len = 1,
	};

	return fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

static int check_kind(const struct image *im, struct err *e)
{
	mode_t mode = im->st.st_mode;

	if (!S_ISREG(mode) && !S_ISBLK(mode))
		return err_set(e, EINVAL,
			       "%s: %s, not a regular file or a block device",
			       im->shown, path_kind(mode));
	if (S_ISREG(mode) && !im->read_only && !(mode & 0222))
		return err_set(e, EACCES,
			       "%s: read-only (mode %04o): give the disk "
			       "read-only, or the file write permission",
			       im->shown, mode & 07777);
	return 0;
}

/*
 * 0 when no image of ours stands in the way; *peer is then one that im may
 * share with, or NULL.
 */
static int check_ours(const struct image *im, const struct image **peer,
		      struct err *e)
{
	const struct image *other;

	*peer = NULL;
	LIST_FOREACH(other, &images, link) {
		if (!same(im, other))
			continue;
		if (!other->read_only)
			return err_set(e, EBUSY,
				       "%s: in use by %s, which writes to it",
				       im->shown, other->user);
		if (!im->read_only)
			return err_set(e, EBUSY,
				       "%s: in use by %s: can only be shared "
				       "when all its users are read-only",
				       im->shown, other->user);
		*peer = other;
	}
	return 0;
}

static int refuse_open(const struct image *im, int code, struct err *e)
{
	char why[PATH_SHOWN_BYTES + 16];

	if (code == EBUSY && is_device(im)) {
		if (!holder_of_device(im->st.st_rdev, why, sizeof(why)))
			strcpy(why, "mounted, or claimed by another program");
		return err_set(e, EBUSY, "%s: in use in dom0: %s", im->shown,
			       why);
	}
	return err_errno(e, code, "%s: cannot open for %s", im->shown,
			 im->read_only ? "reading" : "writing");
}

static int check_writable_device(const struct image *im, struct err *e)
{
	int ro = 0;

	if (im->read_only || !is_device(im))
		return 0;
	if (ioctl(im->fd, BLKROGET, &ro) < 0)
		return err_errno(e, errno, "%s: cannot ask the device",
				 im->shown);
	if (ro)
		return err_set(e, EROFS, "%s: a read-only device", im->shown);
	return 0;
}

/*
 * Sets im->fd. found: the O_PATH descriptor of the image. A device is claimed
 * by an open file description, so readers of one share that of the first.
 */
static int take_image(struct image *im, int found, const struct image *peer,
		      struct err *e)
{
	char why[64];
	int rc;

	if (peer && is_device(im)) {
		im->fd = fcntl(peer->fd, F_DUPFD_CLOEXEC, 3);
		if (im->fd < 0)
			return refuse_open(im, errno, e);
		return 0;
	}
	if (!is_device(im) &&
	    holder_of_file(&im->st, im->read_only, why, sizeof(why)))
		return err_set(e, EBUSY, "%s: in use in dom0: %s", im->shown,
			       why);
	im->fd = path_reopen(found, (im->read_only ? O_RDONLY : O_RDWR) |
					    (is_device(im) ? O_EXCL : 0));
	if (im->fd < 0)
		return refuse_open(im, -im->fd, e);
	rc = check_writable_device(im, e);
	if (rc < 0)
		return rc;
	rc = lock_byte(im->fd, LOCK_SHARING, im->read_only);
	if (rc == -EAGAIN)
		return err_set(e, EBUSY,
			       "%s: in use: another program has it locked",
			       im->shown);
	if (rc < 0)
		return err_errno(e, -rc, "%s: cannot lock", im->shown);
	/* The sharing lock went with an xnd; its worker may serve on. */
	if (byte_is_locked(im->fd, LOCK_IN_FLIGHT, im->read_only))
		return err_set(e, EBUSY,
			       "%s: in use: a worker of an earlier guest or "
			       "of an earlier xnd still has it",
			       im->shown);
	return 0;
}

static int measure(struct image *im, struct err *e)
{
	uint64_t bytes = (uint64_t)im->st.st_size;
	unsigned int physical = (unsigned int)im->st.st_blksize;

	if (is_device(im) && (ioctl(im->fd, BLKGETSIZE64, &bytes) < 0 ||
			      ioctl(im->fd, BLKPBSZGET, &physical) < 0))
		return err_errno(e, errno, "%s: cannot ask the device",
				 im->shown);
	if (bytes < SECTOR_BYTES)
		return err_set(e, EINVAL, "%s: %s", im->shown,
			       bytes ? "smaller than a sector of 512 bytes"
				     : "empty");
	im->sectors = bytes / SECTOR_BYTES;
	/* For a file this is st_blksize, which a network may make huge. */
	im->physical = SECTOR_BYTES;
	while (im->physical < physical && im->physical < PHYSICAL_MAX_BYTES)
		im->physical *= 2;
	if (!im->read_only)
		discard_find(im->fd, &im->st, bytes, &im->discard);
	return 0;
}

int image_refresh(struct image *im, struct err *e)
{
	struct image now = *im;

	if (fstat(im->fd, &now.st) < 0)
		return err_errno(e, errno, "%s: cannot look at it", im->shown);
	if (measure(&now, e) < 0)
		return -e->code;
	*im = now;
	return 0;
}

int image_check_resize(const struct image *im, uint64_t bytes, struct err *e)
{
	if (is_device(im))
		return err_set(e, EINVAL,
			       "%s: a block device: resize the volume itself, "
			       "and then the disk without a size",
			       im->shown);
	if (im->read_only)
		return err_set(e, EACCES, "%s: is read-only here", im->shown);
	if (bytes < SECTOR_BYTES || bytes % SECTOR_BYTES != 0)
		return err_set(e, EINVAL,
			       "%llu bytes: must be a multiple of 512, and not "
			       "0",
			       (unsigned long long)bytes);
	return 0;
}

int image_resize(struct image *im, uint64_t bytes, struct err *e)
{
	if (image_check_resize(im, bytes, e) < 0)
		return -e->code;
	if (ftruncate(im->fd, (off_t)bytes) < 0)
		return err_errno(e, errno, "%s: cannot make it %llu bytes long",
				 im->shown, (unsigned long long)bytes);
	return image_refresh(im, e);
}

struct image *image_open(const char *path, bool read_only, struct err *e)
{
	struct image *im = calloc(1, sizeof(*im));
	const struct image *peer;
	scoped_fd found = -1;

	if (!im) {
		err_set(e, ENOMEM, "no memory for an image");
		return NULL;
	}
	im->fd = -1;
	im->read_only = read_only;
	path_show(path, im->shown);
	image_set_user(im, "another guest");
	found = path_find(path, &im->st, e);
	if (found < 0 || check_kind(im, e) < 0 ||
	    check_ours(im, &peer, e) < 0 ||
	    take_image(im, found, peer, e) < 0 || measure(im, e) < 0) {
		fd_drop(&im->fd);
		free(im);
		return NULL;
	}
	LIST_INSERT_HEAD(&images, im, link);
	return im;
}

void image_close(struct image *im)
{
	if (!im)
		return;
	LIST_REMOVE(im, link);
	/*
	 * By name: a worker of another guest's that is being started has a
	 * copy of the descriptor until it executes its program. A device may
	 * be shared, and is then locked through one description.
	 */
	if (im->fd >= 0 && !is_device(im))
		set_lock(im->fd, LOCK_SHARING, F_UNLCK);
	fd_drop(&im->fd);
	free(im);
}

void image_set_user(struct image *im, const char *user)
{
	snprintf(im->user, sizeof(im->user), "%s", user);
}

uint64_t image_sectors(const struct image *im)
{
	return im->sectors;
}

uint32_t image_sector_size(const struct image *im)
{
	(void)im;
	return SECTOR_BYTES;
}

uint32_t image_physical_sector_size(const struct image *im)
{
	return im->physical;
}

bool image_read_only(const struct image *im)
{
	return im->read_only;
}

uint32_t image_discard_granularity(const struct image *im)
{
	return im->discard.granularity;
}

uint32_t image_discard_alignment(const struct image *im)
{
	return im->discard.alignment;
}

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
	int flags = im->read_only ? O_RDONLY : O_RDWR;
	scoped_fd fd = -1;
	int rc;

	/* Who opens a device that is busy, to no end, wakes up udev. */
	if (byte_is_locked(im->fd, LOCK_IN_FLIGHT, im->read_only))
		return busy(im, e);
	fd = path_reopen(im->fd, flags | O_DIRECT);
	if (fd == -EINVAL)
		fd = path_reopen(im->fd, flags);
	if (fd < 0)
		return refuse_open(im, -fd, e);
	rc = lock_byte(fd, LOCK_IN_FLIGHT, im->read_only);
	if (rc == -EAGAIN)
		return busy(im, e);
	if (rc < 0)
		return err_errno(e, -rc, "%s: cannot lock", im->shown);
	if (!direct_suits(im, fd) && fcntl(fd, F_SETFL, flags) < 0)
		return err_errno(e, errno, "%s: cannot leave direct I/O",
				 im->shown);
	return fd_take(&fd);
}

bool image_in_flight(const struct image *im)
{
	return !im->read_only && byte_is_locked(im->fd, LOCK_IN_FLIGHT, false);
}
