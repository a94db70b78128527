/* SPDX-License-Identifier: MIT */
/*
 * The end of a connection whose user died, at a server that is not ours: what
 * was asked on it may still be executed, and must not land after what its
 * successor asks. So the server is told that no more will come (nothing can be
 * said on the connection itself: it may end in the middle of a request), and
 * waited for: it closes its end when it has answered everything. Of the usual
 * servers nbdkit and nbd-server do; of one that closes earlier nobody could
 * know.
 */
#ifndef XN_HOST_NBD_DRAIN_H
#define XN_HOST_NBD_DRAIN_H

struct event_base;
struct nbd_drain;

/*
 * fd: taken, unless NULL is returned: out of memory. cb is called once, from
 * the loop; the nbd_drain may be freed in it.
 */
struct nbd_drain *nbd_drain_start(struct event_base *base, int fd,
				  void (*cb)(void *arg), void *arg);

/* Closes; at any time. NULL is fine. */
void nbd_drain_free(struct nbd_drain *n);

#endif
