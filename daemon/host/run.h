/* SPDX-License-Identifier: MIT */
/*
 * One run of a short-lived program: it has nothing to read and a session of its
 * own, all that it says is heard, and if it does not end in time it is killed
 * with all of its process group.
 */
#ifndef XN_HOST_RUN_H
#define XN_HOST_RUN_H

#include <stdbool.h>

struct evbuffer;
struct event_base;
struct run;

/* What is run; borrowed while run_start runs. */
struct run_command {
	const char *path; /* absolute */
	char *const *argv, *const *env;
	unsigned int limit_s;
};

enum run_outcome {
	RUN_EXITED,   /* with a status */
	RUN_SIGNALED, /* by a signal */
	RUN_LATE,     /* and was killed for it */
};

/* What is made of a run, from the loop. */
struct run_ops {
	/*
	 * There is more in text, which holds what was not taken out of it. ended:
	 * it has ended, and who it has left behind may say more for ever. False:
	 * that is enough; no more is read, and a program that says more waits.
	 */
	bool (*heard)(struct evbuffer *text, bool ended, void *arg);
	/*
	 * Called once, when all has been heard; the run may be freed in it.
	 * number: the status, or the signal.
	 */
	void (*ended)(enum run_outcome how, int number, struct evbuffer *text,
		      void *arg);
};

/* base, ops and arg are borrowed. Sets *run. 0 or -errno. */
int run_start(struct run **run, struct event_base *base,
	      const struct run_command *command, const struct run_ops *ops,
	      void *arg);

/* Kills it: ended follows. */
void run_kill(struct run *r);

/* Kills it, if it still runs, and waits for that: nothing follows. */
void run_stop(struct run *r);

/* Frees it without a word: one that still runs runs on. NULL is fine. */
void run_free(struct run *r);

#endif
