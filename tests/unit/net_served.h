/* SPDX-License-Identifier: MIT */
/*
 * A process of several vifs, run within the test, and xnd's side of it: its
 * channel, and one for each vif, with the guest that the vif is for.
 */
#ifndef XN_TESTS_NET_SERVED_H
#define XN_TESTS_NET_SERVED_H

#include <stdbool.h>

#include "backends/net/vifs.h"
#include "tests/unit/net_guest.h"

#define SERVED_SLOTS 300u /* the first page for what a guest receives */

/* xnd's end of a channel, and what it has heard last. */
struct line {
	struct chan *chan;
	unsigned int heard; /* MSG_… */
	char text[MSG_TEXT_BYTES];
	bool ended;
};

struct served {
	struct line line;
	struct net_guest guest;
	struct net_figures *figures; /* mapped */
};

extern struct worker served_process; /* with vifs for two guests */
extern struct line served_line;	     /* the process's */
extern bool served_stopped;

/* For cmocka: the process is READY; and is no more. */
int served_begin(void **state);
int served_end(void **state);

void line_close(struct line *l);
void line_say(struct line *l, enum msg_type type);

/* Asks the process for a place for a vif; the answer comes on *l. */
void served_ask(struct line *l);

/* A guest, and a vif of one or two queues that serves it; the first is used. */
void served_start(struct served *s, unsigned int n_queues);
/* MSG_STOP, to its end. */
void served_stop(struct served *s);
/* Its vif has ended: nothing of the guest's is mapped or bound any more. */
void served_forget(struct served *s);

/* A frame from one guest to another, which goes directly. */
void served_pass(struct served *from, struct served *to);

/* Runs the process for a moment. */
void served_turn(void);

/* Fails the test after five seconds without it. */
#define SERVED_AWAIT(what)                             \
	do {                                           \
		unsigned int left_ = 10000;            \
		while (!(what) && left_--)             \
			served_turn();                 \
		if (!(what))                           \
			fail_msg("not so: %s", #what); \
	} while (0)

#endif
