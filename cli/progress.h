/* SPDX-License-Identifier: MIT */
/*
 * One line on a terminal that says what is being waited for: shown when the
 * wait is longer than half a second, rewritten, and cleared at its end.
 */
#ifndef XN_CLI_PROGRESS_H
#define XN_CLI_PROGRESS_H

#include <stdbool.h>
#include <time.h>

struct progress {
	bool on;
	bool stale; /* text is not what stands on the terminal */
	int width;  /* of what does; 0 when nothing does */
	struct timespec start;
	char text[80];
};

/* text: until something better comes. Stays silent unless stderr is a tty. */
void progress_start(struct progress *p, const char *text);

/* A struct rpc_waiter's wait; arg is the struct progress. */
void progress_wait(void *arg, const char *text);

/* Clears the line. */
void progress_stop(struct progress *p);

#endif
