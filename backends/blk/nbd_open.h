/* SPDX-License-Identifier: MIT */
/*
 * An NBD server's greeting, answered on the main loop: what comes of it is a
 * connection that is ready for use, or words that say why not.
 */
#ifndef XN_BLK_NBD_OPEN_H
#define XN_BLK_NBD_OPEN_H

#include <stdbool.h>

struct err;
struct event_base;
struct nbd_link;
struct nbd_open;

/*
 * One of the two is called, once, and is to free the nbd_open. on_open: link
 * is the receiver's, and followed by nobody.
 */
struct nbd_open_ops {
	void (*on_open)(struct nbd_link *link, void *arg);
	void (*on_failed)(const struct err *e, void *arg);
};

/*
 * fd and export: as for nbd_link_open; fd is taken, on failure too. writable:
 * an export that is not fails. A server that has not agreed within 20 seconds
 * fails. base, ops and arg are borrowed. NULL with *e set, and then neither
 * is called.
 */
struct nbd_open *nbd_open_new(struct event_base *base, int fd,
			      const char *export, bool writable,
			      const struct nbd_open_ops *ops, void *arg,
			      struct err *e);

/* Breaks off what is under way. NULL is fine. */
void nbd_open_free(struct nbd_open *o);

#endif
