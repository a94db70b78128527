/* SPDX-License-Identifier: MIT */
/*
 * A store that an NBD server has. Its connection may be lost at any time: what
 * was under way then is kept, in the order in which it came, and goes to the
 * next connection as if nothing had been; the guest waits and hears of no
 * error. An operation that a living server refuses has failed, and that is
 * all that has.
 *
 * Two things are not this program's to mend. Operations of a connection that
 * is no more may still be carried out: qemu-nbd and nbdkit both take the next
 * client while the last one's requests are under way. So whoever hands over a
 * connection, after a loss or to a dead worker's successor, has seen to it
 * that the former one's requests have ended: by ending that server, where it
 * is ours; for a server elsewhere nobody can know. And a server that loses
 * power loses what it had not flushed, as any disk with a cache does, but its
 * guest would not notice.
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
