/* SPDX-License-Identifier: MIT */
/*
 * Operations on their way to an NBD server whose connection comes and goes:
 * waiting while there is none, sent, ended once libnbd has called back, done
 * once there is no more to follow. What a connection takes with it goes over
 * the next: first the writes that the former server has answered and not
 * flushed (nbd_kept.h), those of one place one after the other, then what it
 * has not answered, in order.
 *
 * Those are kept in so much memory. When half of it is taken the server is
 * told to flush; when all of it is, writes are held, done but not yet said to
 * be, until it has. A server that cannot flush is taken to keep nothing back:
 * for it nothing is kept, nor what has been written to it again.
 */
#ifndef XN_BLK_NBD_OPS_H
#define XN_BLK_NBD_OPS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "nbd_kept.h"
#include "store.h"

struct nbd_link;

enum nbd_op_kind { NBD_READ, NBD_WRITE, NBD_FLUSH, NBD_TRIM };

struct nbd_op {
	/* The caller's, for nbd_ops_begin. */
	enum nbd_op_kind kind;
	bool durable;
	union {
		void *to;	  /* borrowed until it is done */
		const void *from; /* likewise */
	};
	uint64_t offset, bytes;

	/* nbd_ops' own. */
	TAILQ_ENTRY(nbd_op) link; /* of the one list that it is in */
	struct nbd_ops *ops;
	bool sent;
	bool flushing;	/* a durable write, written: its flush is left */
	uint64_t moved; /* of bytes; all at once but for a trim, and again */
	uint64_t kept;	/* a flush: what was kept when it was sent, */
	uint64_t held;	/* and held; a held write: its number */
	int result;
};

TAILQ_HEAD(nbd_op_list, nbd_op);

#define NBD_OPS_AGAIN 64 /* kept writes that are sent together */

struct nbd_ops {
	struct nbd_link *link; /* owned, followed by the caller's loop; NULL:
				  there is none */
	bool used;	       /* the link, since it was last awaited */
	bool broken;	       /* an operation has ended with the link */
	struct nbd_op ops[STORE_DEPTH]; /* by tag */
	struct nbd_op_list busy;	/* waiting or sent, in order */
	struct nbd_op_list ended, done;

	struct nbd_kept kept;
	struct nbd_op_list held; /* written, and no room to keep them */
	uint64_t n_held;	 /* ever */
	struct nbd_op flush;	 /* our own */
	bool flush_busy;
	struct nbd_op again[NBD_OPS_AGAIN]; /* our own: what was kept */
	uint64_t again_place;		    /* of the one that is next */
	unsigned int again_busy; /* of again; while any is, nothing else is
				    sent */
	int owed; /* -errno: one of our own has failed, and no flush has yet */
};

/* o is zeroed. */
void nbd_ops_init(struct nbd_ops *o);

/* The server may carry out what was under way, which is forgotten here. */
void nbd_ops_close(struct nbd_ops *o);

/* Begins what the caller describes, under a tag that is not in use. */
void nbd_ops_begin(struct nbd_ops *o, uint64_t tag, const struct nbd_op *op);

/*
 * To be called after operations were begun, and after the link has moved.
 * False when the link is of no use any more: nbd_ops_unlink it.
 */
bool nbd_ops_settle(struct nbd_ops *o);

/* Closes the link. What was under way waits. Fine without one. */
void nbd_ops_unlink(struct nbd_ops *o);

/*
 * There is a link, the first or another: sends all that waits.
 * nbd_ops_settle follows.
 */
void nbd_ops_resend(struct nbd_ops *o);

/*
 * Has the server flush what it may have answered to somebody before us, who
 * is no longer there to keep it.
 */
void nbd_ops_flush(struct nbd_ops *o);

/* As struct store_ops' reap. */
unsigned int nbd_ops_reap(struct nbd_ops *o, struct store_done *done,
			  unsigned int max);

#endif
