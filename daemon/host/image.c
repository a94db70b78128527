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
#include "daemon/host/holder.h"
#include "daemon/host/image_inside.h"
#include "daemon/host/image_lock.h"
#include "daemon/host/path.h"
#include "daemon/host/qemu_lock.h"
#include "daemon/host/share.h"

#define SECTOR_BYTES 512

/* All that are open: the kernel would say that one is in use, not by whom. */
static LIST_HEAD(, image) images = LIST_HEAD_INITIALIZER(images);

static bool is_device(const struct image *im)
{
	return S_ISBLK(im->st.st_mode);
}

/* Two nodes of one device are the same image. */
static bool same_stat(const struct stat *a, const struct stat *b)
{
	if (S_ISBLK(a->st_mode) || S_ISBLK(b->st_mode))
		return S_ISBLK(a->st_mode) && S_ISBLK(b->st_mode) &&
		       a->st_rdev == b->st_rdev;
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static bool same(const struct image *a, const struct image *b)
{
	return same_stat(&a->st, &b->st);
}

/* Of its own kind, that is. */
static bool has_company(const struct image *im)
{
	return im->share.read_only || im->share.unchecked;
}

static int check_kind(const struct image *im, struct err *e)
{
	mode_t mode = im->st.st_mode;

	if (!S_ISREG(mode) && !S_ISBLK(mode))
		return err_set(e, EINVAL,
			       "%s: %s, not a regular file or a block device",
			       im->shown, path_kind(mode));
	if (S_ISREG(mode) && !im->share.read_only && !(mode & 0222))
		return err_set(e, EACCES,
			       "%s: read-only (mode %04o): give the disk "
			       "read-only, or the file write permission",
			       im->shown, mode & 07777);
	return 0;
}

/*
 * 0 when no image of ours stands in the way; *peer is then one that im shares
 * with, or NULL.
 */
static int check_ours(const struct image *im, const struct image **peer,
		      struct err *e)
{
	const struct image *other;

	*peer = NULL;
	LIST_FOREACH(other, &images, link) {
		if (!same(im, other))
			continue;
		if (share_check(&im->share, &other->share, im->shown, e) < 0)
			return -e->code;
		*peer = other;
	}
	return 0;
}

int image_refuse_open(const struct image *im, int code, struct err *e)
{
	char why[PATH_SHOWN_BYTES + 16];

	if (code == EBUSY && is_device(im)) {
		if (!holder_of_device(im->st.st_rdev, why, sizeof(why)))
			strcpy(why, "mounted, or claimed by another program");
		return err_set(e, EBUSY, "%s: in use in dom0: %s", im->shown,
			       why);
	}
	return err_errno(e, code, "%s: cannot open for %s", im->shown,
			 im->share.read_only ? "reading" : "writing");
}

static int check_writable_device(const struct image *im, struct err *e)
{
	int ro = 0;

	if (im->share.read_only || !is_device(im))
		return 0;
	if (ioctl(im->fd, BLKROGET, &ro) < 0)
		return err_errno(e, errno, "%s: cannot ask the device",
				 im->shown);
	if (ro)
		return err_set(e, EROFS, "%s: a read-only device", im->shown);
	return 0;
}

static int claim(const struct image *im, int found)
{
	int flags = im->share.read_only ? O_RDONLY : O_RDWR;
	int fd = path_reopen(found, flags | (is_device(im) ? O_EXCL : 0));

	return fd == -EBUSY && im->share.unchecked ? path_reopen(found, flags)
						   : fd;
}

/*
 * Who may share with one that writes goes without the lock until that one
 * lets go of it: see image_close. 0 or -errno with *e set.
 */
static int lock_sharing(struct image *im, const struct image *peer,
			struct err *e)
{
	int rc = image_lock_take(im->fd, IMAGE_LOCK_SHARING, has_company(im));

	im->locked = rc == 0;
	if (rc == -EAGAIN && (peer || im->share.unchecked))
		return 0;
	if (rc == -EAGAIN)
		return err_set(e, EBUSY,
			       "%s: in use: another program has it locked",
			       im->shown);
	return rc < 0 ? err_errno(e, -rc, "%s: cannot lock", im->shown) : 0;
}

/*
 * Sets im->fd. found: the O_PATH descriptor of the image. A device is claimed
 * by an open file description, so those who share one share that, too.
 */
static int take_image(struct image *im, int found, const struct image *peer,
		      struct err *e)
{
	char why[64];

	if (peer && is_device(im)) {
		im->fd = fcntl(peer->fd, F_DUPFD_CLOEXEC, 3);
		if (im->fd < 0)
			return image_refuse_open(im, errno, e);
		return check_writable_device(im, e);
	}
	if (!is_device(im) && !im->share.unchecked &&
	    holder_of_file(&im->st, im->share.read_only, why, sizeof(why)))
		return err_set(e, EBUSY, "%s: in use in dom0: %s", im->shown,
			       why);
	im->fd = claim(im, found);
	if (im->fd < 0)
		return image_refuse_open(im, -im->fd, e);
	if (check_writable_device(im, e) < 0 || lock_sharing(im, peer, e) < 0)
		return -e->code;
	/* The sharing lock went with an xnd; its worker may serve on. */
	if (!peer && !im->share.unchecked &&
	    image_lock_others_in_flight(im->fd,
					im->share.uuid[0] ? im->flight : 0,
					im->share.read_only))
		return err_set(e, EBUSY,
			       "%s: in use: a worker of an earlier guest or "
			       "of an earlier xnd still has it",
			       im->shown);
	if (im->share.unchecked)
		return 0;
	return qemu_lock_check(im->fd, im->share.read_only, im->shown, e);
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
	if (!im->share.read_only)
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
	if (im->share.read_only)
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
	return image_open_for(path, &(struct image_use){.read_only = read_only},
			      e);
}

struct image *image_open_for(const char *path, const struct image_use *use,
			     struct err *e)
{
	struct image *im = calloc(1, sizeof(*im));
	const struct image *peer;
	scoped_fd found = -1;

	if (!im) {
		err_set(e, ENOMEM, "no memory for an image");
		return NULL;
	}
	im->fd = -1;
	im->share = share_of(use);
	im->flight = image_lock_in_flight(use->uuid, use->devid);
	path_show(path, im->shown);
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

/* What im has had to itself is there for those who shared it with im. */
static void leave_lock(const struct image *im)
{
	struct image *other;

	LIST_FOREACH(other, &images, link)
		if (!other->locked && !is_device(other) && same(im, other))
			other->locked =
				image_lock_take(other->fd, IMAGE_LOCK_SHARING,
						has_company(other)) == 0;
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
	if (im->locked && !is_device(im)) {
		image_lock_drop(im->fd, IMAGE_LOCK_SHARING);
		leave_lock(im);
	}
	fd_drop(&im->fd);
	free(im);
}

void image_set_user(struct image *im, const char *user)
{
	snprintf(im->share.user, sizeof(im->share.user), "%s", user);
}

int image_check_path(const struct image *im, const char *path, struct err *e)
{
	struct stat held, there;

	if (stat(path, &there) < 0)
		return err_set(e, ESTALE, "not there any more: %s",
			       strerror(errno));
	if (fstat(im->fd, &held) == 0 && same_stat(&held, &there))
		return 0;
	return err_set(e, ESTALE,
		       "another file by now than the one that was opened for "
		       "the guest");
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
	return im->share.read_only;
}

uint32_t image_discard_granularity(const struct image *im)
{
	return im->discard.granularity;
}

uint32_t image_discard_alignment(const struct image *im)
{
	return im->discard.alignment;
}

uint32_t image_qcow2_unit(const struct image *im)
{
	return discard_qcow2_unit(im->fd);
}
