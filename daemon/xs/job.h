/* SPDX-License-Identifier: MIT */
/* What the requests thread is given; for this folder alone. */
#ifndef XN_XS_JOB_H
#define XN_XS_JOB_H

#include <sys/queue.h>

#include "daemon/xs/xs.h"

struct xs_handle;

struct xs_job {
	STAILQ_ENTRY(xs_job) link;
	/* In the thread: carries the job out. 0 or -errno. */
	int (*run)(struct xs_job *job, struct xs_handle *requests,
		   struct xs_handle *watches);
	bool forgotten; /* the loop reads and writes this alone */
	int rc;
	xs_done_cb *done;
	xs_values_cb *values_done;
	void *arg;
	struct xs_plan *plan;	  /* owned */
	struct xs_values *values; /* owned */
	char *path;		  /* owned */
	char *token;		  /* owned */
	uint64_t frame;
	uint32_t domid;
	uint32_t port;
};

/* Takes job. NULL is passed through. */
struct xs_job *xs_queue(struct xs *xs, struct xs_job *job);

/*
 * Reads all of them, anew. What is not there or may not be read is absent; 0,
 * or -errno of what failed otherwise.
 */
int values_run(struct xs_values *v, struct xs_handle *requests);

/* The watches of an xs: made with it, fed by it. */
struct watches;
struct watches *watches_new(void);
void watches_free(struct watches *ws);
/* Takes at most a budget of events from the handle and calls back. */
void watches_dispatch(struct watches *ws, struct xs_handle *handle);
/* Sets all of them, on a connection that knows of none. */
void watches_set(struct watches *ws);
struct watches *xs_watches(struct xs *xs);

#endif
