/* SPDX-License-Identifier: MIT */
/*
 * The locks that images are under, all of open file descriptions (fcntl(2),
 * F_OFD_SETLK). They are bytes of the inode, far behind what any program reads
 * or locks of it but for the first:
 *
 * byte 0 says who may share the image: a writer excludes all, readers share.
 *
 * Behind 2^61 each disk of each guest has a byte of its own: a worker of it
 * may have I/O on its way to the image. Its successor waits for this byte and
 * for no other, so guests that share an image (readers, access "w!", two disks
 * of one guest) do not wait for each other. The bytes of one guest, by its
 * UUID, are neighbours: a guest that restarts finds what its former self has
 * under way at the same place.
 */
#ifndef XN_HOST_IMAGE_LOCK_H
#define XN_HOST_IMAGE_LOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define IMAGE_LOCK_SHARING 0

/* The byte of the disk devid of the guest with that UUID; NULL: of nobody. */
off_t image_lock_in_flight(const char *uuid, uint32_t devid);

/* Without waiting. 0; -EAGAIN: another description has it; -errno. */
int image_lock_take(int fd, off_t byte, bool shared);
void image_lock_drop(int fd, off_t byte);

/* Does another open file description have it locked against us? */
bool image_lock_is_taken(int fd, off_t byte, bool shared);

/*
 * Has a worker of any guest but this one I/O on its way, against which we
 * would have to lock? Ours is any byte of the same guest as own.
 */
bool image_lock_others_in_flight(int fd, off_t own, bool shared);

#endif
