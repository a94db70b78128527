/* SPDX-License-Identifier: MIT */
/*
 * One connection to an NBD server, from its greeting to its end, on whichever
 * loop follows it: first the main one, while the two agree, then a queue's.
 * Never blocks; no TLS.
 */
#ifndef XN_BLK_NBD_LINK_H
#define XN_BLK_NBD_LINK_H

#include <stdbool.h>
#include <stdint.h>

struct err;
struct event;
struct event_base;
struct nbd_handle;

struct nbd_link {
	struct nbd_handle *handle; /* owned */
	/* What the server has said, once nbd_link_measure is content. */
	uint64_t sectors;
	uint32_t preferred; /* bytes of a request; 0: no preference */
	uint32_t bytes_max; /* of a read or write */
	bool read_only;
	bool flushes, fua, trims; /* what it can do */

	struct event *moves;	 /* owned; NULL while nobody follows */
	struct event_base *base; /* borrowed, of whoever follows */
	void (*on_moved)(void *arg);
	void *arg;
	short awaited;	     /* EV_… */
	char why[200];	     /* it has died; printable */
	unsigned int number; /* its user's */
};

/*
 * fd: a connected stream socket; taken, on failure too. export: its name, ""
 * for the default one. NULL with *e set.
 */
struct nbd_link *nbd_link_open(int fd, const char *export, struct err *e);

/*
 * Says goodbye if it can be heard, and closes. Operations under way are
 * forgotten: none of their callbacks runs any more, and the server may still
 * carry them out. NULL is fine.
 */
void nbd_link_close(struct nbd_link *l);

/*
 * From here on this loop's thread alone uses it; on_moved is called with arg
 * whenever something may have come of the link. 0 or -ENOMEM.
 */
int nbd_link_follow(struct nbd_link *l, struct event_base *base,
		    void (*on_moved)(void *arg), void *arg);

/* The loop lets go of it: another may follow. Fine when none does. */
void nbd_link_leave(struct nbd_link *l);

/* To be called after each use of the handle: awaits what it waits for now. */
void nbd_link_await(struct nbd_link *l);

/* There is nobody at the other end any more; l->why says how that came. */
bool nbd_link_is_dead(struct nbd_link *l);

/* The two have agreed: operations can begin. */
bool nbd_link_is_ready(struct nbd_link *l);

/*
 * Reads what the server has said of the export, and whether it can be served.
 * 0 or -errno with *e set.
 */
int nbd_link_measure(struct nbd_link *l, struct err *e);

#endif
