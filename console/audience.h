/* SPDX-License-Identifier: MIT */
/* Those who follow one guest's console: its pty, and up to 16 clients. */
#ifndef XN_CONSOLE_AUDIENCE_H
#define XN_CONSOLE_AUDIENCE_H

#include <stdbool.h>

#include "console/peer.h"

#define AUDIENCE_CLIENTS 16

struct err;

/* Zeroed to begin; the fields are the audience's own. */
struct audience {
	struct peer *pty;			/* owned; NULL once let go */
	struct peer *clients[AUDIENCE_CLIENTS]; /* owned */
	unsigned int clients_count;
	bool listening;
};

/*
 * Takes *fd (a pty's master; a client's socket) and marks it taken; the rest
 * as for peer_new. 0; or -errno with *e set, and *fd is still the caller's
 * unless it is marked. For a client, ops->on_gone must call audience_drop.
 */
int audience_set_pty(struct audience *a, struct event_base *base, int *fd,
		     const struct history *history, const struct peer_ops *ops,
		     void *arg, struct err *e);
int audience_add(struct audience *a, struct event_base *base, int *fd,
		 const struct history *history, const struct peer_ops *ops,
		 void *arg, struct err *e);

/* Frees a client. */
void audience_drop(struct audience *a, const struct peer *p);

/* Gives everybody what is new. Clients that are gone are dropped. */
void audience_flush(struct audience *a);

/* The same, by the loop: nobody is dropped now. */
void audience_wake(struct audience *a);

/* Whether input is read, from whoever types it. */
void audience_listen(struct audience *a, bool listen);

/*
 * No more input, and no more output than there is. Those who have it all are
 * dropped now, the others as they get it; a pty that somebody has open stays,
 * because closing it throws away what that one has not read.
 */
void audience_end(struct audience *a);

bool audience_is_empty(const struct audience *a);

/* Drops everybody. */
void audience_free(struct audience *a);

#endif
