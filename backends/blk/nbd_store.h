/* SPDX-License-Identifier: MIT */
/*
 * A store that an NBD server has. Its connection may be lost at any time: what
 * was under way then, and what the server had answered and not flushed, goes
 * to the next connection; the guest waits and hears of no error. An operation
 * that a living server refuses has failed, and that is all that has.
 *
 * What is not in this program's hands:
 *
 * Operations of a connection that is no more may still be carried out, and
 * overtake what a later one has written: both qemu-nbd, even when told to
 * serve one client at a time, and nbdkit greet the next client while the last
 * one's requests are under way. So whoever brings a connection, after a loss
 * or to a dead worker's successor, has seen to it that the former one's
 * requests have ended: where the server is ours, by ending it. For a server
 * elsewhere nobody can know.
 *
 * A worker that is killed takes with it what it has kept for its server. Its
 * successor's first act is a flush; a server that is ended before that must be
 * told to end (qemu-nbd flushes on SIGTERM), not killed. Both killed at once
 * is, for a server with a cache of its own, a power failure that the guest
 * does not see; and so is one of the server's host.
 */
#ifndef XN_BLK_NBD_STORE_H
#define XN_BLK_NBD_STORE_H

#include <stdbool.h>

struct err;
struct nbd_link;
struct store;

/*
 * link: measured; taken, on failure too. name: for log lines; borrowed. told:
 * an eventfd that is written to when the link has been lost; borrowed. NULL
 * with *e set.
 */
struct store *nbd_store_open(struct nbd_link *link, const char *name, int told,
			     struct err *e);

/* ---- from the thread that has opened it, while another is listening ---- */

/*
 * Another connection to the same image, measured; taken. It is used instead
 * of the present one, whatever has become of that.
 */
void nbd_store_give(struct store *s, struct nbd_link *link);

/* The connection that was given last has been lost. */
bool nbd_store_is_lost(const struct store *s);

#endif
