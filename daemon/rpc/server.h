/* SPDX-License-Identifier: MIT */
/*
 * The control socket: who may connect (root), how many, and the sessions that
 * come of it.
 */
#ifndef XN_RPC_SERVER_H
#define XN_RPC_SERVER_H

#include "daemon/rpc/session.h"

struct server;

/*
 * Listens on path (mode 0600; its directory is made when missing). A socket
 * that another xnd answers on is left alone: EADDRINUSE; a dead one is
 * replaced. NULL with *e set. path and base are borrowed.
 */
struct server *server_new(struct event_base *base, const char *path,
			  session_dispatch *dispatch, void *arg, struct err *e);

/* No new connections; every session is dropped in the loop's next turn. */
void server_stop(struct server *s);

/* Removes the socket. Every session must be gone. NULL is fine. */
void server_free(struct server *s);

#endif
