/* SPDX-License-Identifier: MIT */
/*
 * Exports of NBD servers that guests have, by their URIs: who may have one is
 * decided as of images. Nothing is locked, for there is nothing to lock: what
 * this xnd has not been asked for it does not know, be it another program's,
 * another host's or a guest's of an earlier xnd.
 *
 * Two URIs mean the same export when they do once they are decoded: the port
 * may be left out, the case of the host does not count. That two names are of
 * one host, and two paths of one socket, is not seen.
 *
 * For use from one thread.
 */
#ifndef XN_HOST_NBD_EXPORT_H
#define XN_HOST_NBD_EXPORT_H

struct err;
struct image_use;
struct nbd_export;
struct nbd_uri;

/*
 * Has it for as long as it is open; no server is asked. Refused, with *e naming
 * the URI: one that nbd_uri_parse refuses, and (EBUSY) what another guest has,
 * by the rules of share.h. The caller closes the result. NULL with *e set.
 */
struct nbd_export *nbd_export_open(const char *uri, const struct image_use *use,
				   struct err *e);
void nbd_export_close(struct nbd_export *x); /* NULL is fine */

/* As image_set_user. */
void nbd_export_set_user(struct nbd_export *x, const char *user);

/* Where it is. Borrowed. */
const struct nbd_uri *nbd_export_uri(const struct nbd_export *x);

#endif
