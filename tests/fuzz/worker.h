/* SPDX-License-Identifier: MIT */
/*
 * A worker's whole program, from main() to its return, in this process: its
 * loop is turned by a script, xnd is the other end of its channel, Xen is
 * worker_xen.c. Stands in for lib/chan/worker.c; lib/chan/chan.c is the
 * product's. What every worker promises is checked here.
 */
#ifndef XN_FUZZ_WORKER_H
#define XN_FUZZ_WORKER_H

#include "chan/msg.h"
#include "tests/fuzz/fuzz.h"

struct worker_kind {
	int (*run)(void);      /* its main() */
	enum msg_type start;   /* is answered by serving, or by MSG_FAILED */
	enum msg_type serving; /* with the domid of the request */
	bool many;	       /* guests, a port each; or one, for good */
	bool threads;	       /* it has some, with loops of their own */
	/* Another request, always answered by that; 0: there is none. */
	enum msg_type request, answer;
	/*
	 * Fills fds with what goes with a start, or with any other message;
	 * they stay open, and are sent as often as it pleases.
	 */
	void (*open)(int fds[MSG_MAX_FDS], bool start);
};

/* One life of that worker, by the script in in. */
void worker_fuzz(const struct worker_kind *kind, struct input *in);

/* ---- worker_xen.c ---- */

/* Nothing is mapped or bound. */
void xen_begin(void);
/* What is still mapped, bound or open. */
unsigned int xen_left(void);
/* Ports that are bound now. */
unsigned int xen_bound(void);
/* The guest rings at its end of a port that is bound, if there is one. */
void xen_ring(uint8_t port);
/* The guest writes into the first page of a mapping, if there is one. */
void xen_scribble(uint8_t mapping, struct input *in);

#endif
