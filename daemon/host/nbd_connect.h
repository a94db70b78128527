/* SPDX-License-Identifier: MIT */
/*
 * Reaching an NBD server from the loop, without waiting for anything: its
 * address, the connection, and the first bytes of its greeting, which are
 * looked at and left for whoever is to read them. Who does not greet in time
 * is no server of ours.
 */
#ifndef XN_HOST_NBD_CONNECT_H
#define XN_HOST_NBD_CONNECT_H

struct err;
struct event_base;
struct nbd_connect;
struct nbd_uri;

/*
 * fd: the connected socket, the callee's, or -1 with *e set, in words that do
 * not name the server. Called once, from the loop; the nbd_connect may be
 * freed in it.
 */
typedef void nbd_connect_cb(int fd, const struct err *e, void *arg);

/* uri is copied. Everything takes at most so long. NULL with *e set. */
struct nbd_connect *nbd_connect_start(struct event_base *base,
				      const struct nbd_uri *uri,
				      unsigned int seconds, nbd_connect_cb *cb,
				      void *arg, struct err *e);

/*
 * The same for a connection that exists: waits for the greeting only. fd is
 * taken, in either case.
 */
struct nbd_connect *nbd_connect_greet(struct event_base *base, int fd,
				      unsigned int seconds, nbd_connect_cb *cb,
				      void *arg, struct err *e);

/* At any time; cb is not called afterwards. NULL is fine. */
void nbd_connect_free(struct nbd_connect *c);

#endif
