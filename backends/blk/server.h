/* SPDX-License-Identifier: MIT */
/*
 * The server of a disk's image, as the main thread knows it: connections that
 * xnd brings are agreed upon here and given to the one queue; xnd is told
 * what was found and when it is lost.
 */
#ifndef XN_BLK_SERVER_H
#define XN_BLK_SERVER_H

#include "chan/worker.h"

struct err;
struct server;
struct store;

/* w and told (an eventfd, see server_look) are borrowed. NULL: no memory. */
struct server *server_new(struct worker *w, int told);

/* The queue that has the store may be gone already. NULL is fine. */
void server_free(struct server *s);

/*
 * Begins to agree with the server at fds[0], which is taken; says
 * MSG_BLK_OPENED, or MSG_FAILED (once there is a store: MSG_BLK_LOST again),
 * when that has come to an end. A former one that has not is forgotten.
 */
void server_open(struct server *s, const struct msg_blk_open *open, int *fds);

/*
 * The store for the disk's queue, once: the connection that was opened, which
 * must have what start asks for. name: for log lines; borrowed. NULL with *e
 * set.
 */
struct store *server_start(struct server *s, const struct msg_blk_start *start,
			   const char *name, struct err *e);

/*
 * To be called when told was written to, while the store is in use: says
 * MSG_BLK_LOST, once each time.
 */
void server_look(struct server *s);

#endif
