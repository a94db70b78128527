/* SPDX-License-Identifier: MIT */
/*
 * Where an NBD server is, as the NBD URI specification writes it:
 * nbd://host[:port]/export and nbd+unix:///export?socket=/path.
 */
#ifndef XN_HOST_NBD_URI_H
#define XN_HOST_NBD_URI_H

#include <stdbool.h>

#include "chan/msg.h"

struct err;

#define NBD_HOST_BYTES	 256
#define NBD_SOCKET_BYTES 108 /* a sun_path */

/* Exactly one of host and socket is not "". */
struct nbd_uri {
	char host[NBD_HOST_BYTES]; /* a name, or an address without brackets */
	char port[8];
	char socket[NBD_SOCKET_BYTES];
	char export[MSG_NBD_EXPORT_BYTES];
};

/*
 * Whether text is a URI ("SCHEME://…") at all, of any scheme; nothing that
 * begins with a slash is.
 */
bool nbd_uri_is(const char *text);

/*
 * Fills *u. 0, or -EINVAL with *e saying what is wrong (the URI is not named):
 * another scheme, encryption, a user, a missing host or socket, a name that is
 * too long or holds a NUL or a control character.
 */
int nbd_uri_parse(const char *text, struct nbd_uri *u, struct err *e);

#endif
