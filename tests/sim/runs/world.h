/* SPDX-License-Identifier: MIT */
/*
 * The world in which a test on the native bed lives: the simulated
 * hypervisor, xenstored, and an xnd that the test starts, asks, and may kill.
 * tests/sim/run has made the bed and says by environment where things are.
 */
#ifndef XN_SIM_RUNS_WORLD_H
#define XN_SIM_RUNS_WORLD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "rpc/method.h"

struct err;
struct call;
struct event_base;
struct json;
struct malloc_plan;
struct sim_link;
struct xs_handle;

struct world {
	struct event_base *base;  /* owned: the simulated guests' */
	struct sim_link *control; /* owned */
	struct xs_handle *store;  /* owned */
	struct malloc_plan *plan; /* owned; of the programs, when preloaded */
	const char *dir;	  /* the bed's own folder */
	pid_t xnd;		  /* 0: none */
	int xnd_pidfd;		  /* owned; -1 */
	int xnd_status;		  /* of the last one that died */
	int log;		  /* owned: of xnd and its workers */
	off_t log_read;		  /* what world_complaint has seen of it */
};

/* Ends the program, with the reason, when the bed is not as it should be. */
void world_open(struct world *w);
void world_close(struct world *w);

/* Seconds, for limits and figures. */
double world_now(void);
/* Turns the guests' loop for so long. */
void world_rest(struct world *w, unsigned int ms);

/* "FOLDER/NAME" of the bed's folder; the caller frees it. */
char *world_path(const struct world *w, const char *name);

/* ---- xnd ---- */

/*
 * Starts xnd and waits until it answers. 0; or -errno with *e set when it ends
 * instead: its exit status is in *status then, unless that is NULL.
 */
int xnd_start(struct world *w, int *status, struct err *e);
/* SIGTERM, and its status, as waitpid gives it; -1 when it does not end. */
int xnd_stop(struct world *w);
/* For one that was told to die: waits for that. False when it lives on. */
bool xnd_wait_dead(struct world *w, unsigned int ms);
bool xnd_lives(const struct world *w);

/*
 * Calls a method, in a thread of its own, while the guests' loop turns. Takes
 * params. The result is the caller's; NULL with *e set: xnd's words, or
 * ENOTCONN when the connection broke, or ETIME when nothing came in ms.
 */
struct json *xnd_call(struct world *w, enum method method, struct json *params,
		      unsigned int ms, struct err *e);

/* The same in two, for what the guest has to do something about meanwhile. */
struct call *xnd_begin(struct world *w, enum method method,
		       struct json *params);
struct json *xnd_end(struct world *w, struct call *c, unsigned int ms,
		     struct err *e);

/* The same when nothing but success matters. 0 or -errno with *e set. */
int xnd_ask(struct world *w, enum method method, struct json *params,
	    unsigned int ms, struct err *e);
/* The caller frees it. Every argument after method is a key and a text. */
struct json *xnd_params(const char *key, ...) __attribute__((sentinel));

/* ---- what the programs said ---- */

/*
 * The first line of a sanitizer's report that was written since the last
 * call, or NULL. The caller frees it.
 */
char *world_complaint(struct world *w);
/* The last line that has word in it, since the last complaint was looked for;
 * the caller frees it. NULL: none. */
char *world_said(struct world *w, const char *word);

#endif
