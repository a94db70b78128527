/* SPDX-License-Identifier: MIT */
/*
 * The inside of a process, for those that make one. Each makes a struct that
 * begins with a struct process: child.c one that runs by itself, lodgings.c a
 * part of one that several share.
 */
#ifndef XN_WORKER_PROCESS_INSIDE_H
#define XN_WORKER_PROCESS_INSIDE_H

#include "daemon/worker/process.h"

struct chan;
struct event;

/* What makes them differ. */
struct process_origin {
	/* Kills it; process_ended follows, from the loop. */
	void (*kill)(struct process *p);
	/* Its channel has ended; it has stopped, or has not. */
	void (*unheard)(struct process *p);
	/* 0: it has ended. */
	pid_t (*pid)(const struct process *p);
	/* Whether its end, before it was READY, may have been another's doing. */
	bool shares;
	/* Lets go of it, if it still runs, and frees what is the maker's. */
	void (*free)(struct process *p);
};

struct process {
	const struct process_origin *origin;
	const char *program;   /* borrowed */
	struct chan *chan;     /* owned; NULL once it ended */
	struct event *overdue; /* owned: to answer, or to stop */
	bool stopping;
	bool ready;   /* has said so: may have been given what is a guest's */
	bool stopped; /* has said so, and has nothing of a guest's any more */
	bool ended;   /* on_exit has been called */
	unsigned int awaited_s;
	unsigned int late_s; /* not 0: killed after so long without answer */
	const struct process_ops *ops;
	void *arg;
};

/*
 * Fills p, which is all zero, and makes its channel; *theirs, the caller's, is
 * the other end of that. On failure, too, process_free frees p. 0 or -errno
 * with *e set.
 */
int process_init(struct process *p, struct event_base *base,
		 const struct process_origin *origin, const char *program,
		 const struct process_ops *ops, void *arg, int *theirs,
		 struct err *e);

/* It is no more: on_exit. how: what for, unless it was late. */
void process_ended(struct process *p, const char *how);

#endif
