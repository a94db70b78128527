/* SPDX-License-Identifier: MIT */
/*
 * Disk images of guests: a regular file or a block device, checked, sized and
 * locked. xnd holds the image for as long as the guest has the disk; each
 * worker that serves it gets an open file description of its own.
 *
 * Locks (image_lock.h) are on the inode whatever the path, and no fork or exec
 * of ours leaks them: one says who may share the image, another that a worker
 * of this disk of this guest may still have I/O on its way to it. A block
 * device is claimed with O_EXCL besides, because it may have several nodes.
 *
 * Every call is synchronous: on a file system whose server hangs it hangs.
 * For use from one thread.
 */
#ifndef XN_HOST_IMAGE_H
#define XN_HOST_IMAGE_H

#include <stdbool.h>
#include <stdint.h>

struct err;
struct image;

/* Who wants an image, and how; borrowed. */
struct image_use {
	bool read_only;
	bool unchecked;	  /* "w!": writes, whoever else does */
	const char *uuid; /* of the guest, in words; NULL: of none */
	uint32_t devid;	  /* its disk's */
};

/*
 * Opens and locks the image at an absolute path. Refused, with *e naming path
 * and reason: what is missing, neither a file nor a block device, smaller
 * than a sector, read-only (a file without any write permission bit counts)
 * when read_only is false; a device that is mounted or claimed in dom0; a
 * file behind a loop device; what a QEMU has locked; and (EBUSY) what another
 * guest has, unless both only read. The rules of sharing are those of the
 * classic block script: a guest may have an image several times, as it likes;
 * one that is unchecked is refused for nobody's sake, not even dom0's, and
 * keeps writers out but not readers. The caller closes the result. NULL with
 * *e set.
 */
struct image *image_open_for(const char *path, const struct image_use *use,
			     struct err *e);
/* The same for nobody in particular. */
struct image *image_open(const char *path, bool read_only, struct err *e);

/* Unlocks and closes. Workers keep what they were given. NULL is fine. */
void image_close(struct image *im);

/*
 * Whom to name when somebody else is refused this image: "guest web". Copied,
 * and cut at 79 bytes.
 */
void image_set_user(struct image *im, const char *user);

/*
 * Whether a program that opens the path would open the image, and not what has
 * been put in its place meanwhile. 0, or -ESTALE with *e set, in words that do
 * not name the path.
 */
int image_check_path(const struct image *im, const char *path, struct err *e);

/* Of 512 bytes; a last part of a sector does not count, as with xl. */
uint64_t image_sectors(const struct image *im);

/* What the guest addresses, in bytes: always 512. */
uint32_t image_sector_size(const struct image *im);

/*
 * Looks at the size again, of what somebody else has made larger or smaller.
 * 0, or -errno with *e set and everything as it was.
 */
int image_refresh(struct image *im, struct err *e);

/*
 * Whether image_resize could be asked for so many bytes: of a regular file
 * that is not read-only, whole sectors and one of them at least. 0 or -errno
 * with *e set.
 */
int image_check_resize(const struct image *im, uint64_t bytes, struct err *e);

/*
 * Makes it so long: what is new is a hole, what is cut off is gone. Nobody may
 * be at work beyond the new end. As image_refresh.
 */
int image_resize(struct image *im, uint64_t bytes, struct err *e);

/* What the disk likes best to write, in bytes: a hint for the guest. */
uint32_t image_physical_sector_size(const struct image *im);

bool image_read_only(const struct image *im);

/*
 * In bytes: what the guest may give back at a time, 0 when it may not, and
 * where the first such piece begins.
 */
uint32_t image_discard_granularity(const struct image *im);
uint32_t image_discard_alignment(const struct image *im);
/* Of an image that is a qcow2, as it is now: see discard_qcow2_unit. */
uint32_t image_qcow2_unit(const struct image *im);

/*
 * A fresh open file description for a worker: read-only or not as the image,
 * O_DIRECT where 512-byte aligned direct I/O works, with the lock of what is in
 * flight (shared when read-only). To be passed by SCM_RIGHTS and closed here at once: the lock
 * then goes when the last descriptor has gone *and* the last of its I/O has
 * left the kernel, which may be seconds after the worker's exit. -EAGAIN: an
 * earlier worker's I/O is still in flight (or that worker still runs), try
 * again later; other -errno; *e set either way.
 */
int image_worker_fd(struct image *im, struct err *e);

/*
 * Whether a worker's I/O for this disk may still be on its way, so that no
 * other guest would be given the image. False of one that is only read.
 */
bool image_in_flight(const struct image *im);

/*
 * Whether a qemu-nbd that was given the image to write to has it open, or its
 * I/O may still be on its way.
 */
bool image_in_qemu(const struct image *im);

#endif
