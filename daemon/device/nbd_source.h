/* SPDX-License-Identifier: MIT */
/*
 * Connections to the NBD server that has a disk's bytes, one at a time, and
 * never the next before what was asked on the last has been done: a write of
 * a worker that died must not land after those of its successor. A qemu-nbd
 * of ours has done everything when it has ended and its locks have left the
 * image, so each connection has a qemu-nbd of its own; of another's server,
 * see nbd_drain.h.
 */
#ifndef XN_DEVICE_NBD_SOURCE_H
#define XN_DEVICE_NBD_SOURCE_H

#include <stdbool.h>

struct device;
struct disk_config;
struct err;
struct nbd_source;

/*
 * fd: a socket on which a server has begun to greet, the callee's; or -1 with
 * *e set, in words that do not name the target. Once for each connect, from
 * the loop or from within it.
 */
typedef void nbd_source_cb(int fd, const struct err *e, void *arg);

/* Whether an NBD server has the bytes of such a disk. */
bool nbd_source_suits(const struct disk_config *c);

/* d: borrowed; a vbd that holds its image, if it has one. NULL with *e set. */
struct nbd_source *nbd_source_new(struct device *d, nbd_source_cb *cb,
				  void *arg, struct err *e);

/* Lets go of everything at once. NULL is fine. */
void nbd_source_free(struct nbd_source *s);

/* A qemu-nbd of ours. */
bool nbd_source_is_ours(const struct nbd_source *s);

/* What the export is called. Borrowed. */
const char *nbd_source_export(const struct nbd_source *s);

/* Makes a connection, once the last one is over; none may be under way. */
void nbd_source_connect(struct nbd_source *s);

/*
 * Whoever had the connection uses it no more, or nobody wants the one that is
 * under way: cb is not called for it. May be repeated.
 */
void nbd_source_end(struct nbd_source *s);

/* Something that was asked on one that has ended may still be under way. */
bool nbd_source_lingers(const struct nbd_source *s);

#endif
