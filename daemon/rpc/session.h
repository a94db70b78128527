/* SPDX-License-Identifier: MIT */
/* One client's connection: frames in, calls begun, answers out. */
#ifndef XN_RPC_SESSION_H
#define XN_RPC_SESSION_H

#include <sys/queue.h>

struct call;
struct err;
struct event_base;
struct session;

/*
 * Carries a call of a known method out: must end with an answer to it, now
 * or later.
 */
typedef void session_dispatch(struct call *c, int method, void *arg);

/*
 * Takes fd, on failure too. closed is called once, last, from the loop, when
 * the session has freed itself. NULL with *e set.
 */
struct session *session_new(struct event_base *base, int fd,
			    session_dispatch *dispatch, void *dispatch_arg,
			    void (*closed)(struct session *s, void *arg),
			    void *closed_arg, struct err *e);

/* Closes at the next turn of the loop. Safe from any callback, repeatedly. */
void session_drop(struct session *s);

#endif
