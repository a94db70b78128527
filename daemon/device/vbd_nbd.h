/* SPDX-License-Identifier: MIT */
/*
 * A disk whose bytes an NBD server has: another host's (target=nbd://…), or a
 * qemu-nbd of ours, for a format that xn-blk does not know. xnd connects; the
 * worker that is handed the connection says what the export is like, and that
 * it is lost. A server that was there once is waited for as long as it takes,
 * and the guest waits with us.
 */
#ifndef XN_DEVICE_VBD_NBD_H
#define XN_DEVICE_VBD_NBD_H

#include <stdbool.h>

#include "chan/msg.h"

struct device;
struct err;
struct vbd_nbd;

/* d: borrowed; a vbd that holds its image, if it has one. NULL with *e set. */
struct vbd_nbd *vbd_nbd_new(struct device *d, struct err *e);

/* Lets go of the server and of what is left of a connection. NULL is fine. */
void vbd_nbd_free(struct vbd_nbd *n);

/*
 * The worker is up, and has no connection: makes one. device_opened follows,
 * or device_fail when there never was one.
 */
void vbd_nbd_open(struct vbd_nbd *n);

/* The worker says m. True when that was meant for us. */
bool vbd_nbd_message(struct vbd_nbd *n, const union msg *m);

/* The worker has ended, and with it its connection. */
void vbd_nbd_worker_gone(struct vbd_nbd *n);

/*
 * Something that was asked of the server may still be under way there: what
 * it has is not to be given to others yet.
 */
bool vbd_nbd_lingers(const struct vbd_nbd *n);

/* What the server has said of the export; zeroes until it has. */
const struct msg_blk_opened *vbd_nbd_opened(const struct vbd_nbd *n);

#endif
