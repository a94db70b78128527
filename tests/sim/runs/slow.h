/* SPDX-License-Identifier: MIT */
/*
 * A block device that some processes reach slowly: the kernel keeps back what
 * they write, for a time, and carries it out even when they are dead. It is a
 * loop device, and a control group whose writes to it are throttled.
 */
#ifndef XN_SIM_RUNS_SLOW_H
#define XN_SIM_RUNS_SLOW_H

#include <sys/types.h>

struct err;

struct slow {
	int fd; /* owned: the device, past the page cache; -1: closed */
	char path[32];
	char group[64]; /* its directory; "" when there is none */
};

/*
 * On the file at backing; a page takes ms milliseconds. -errno with *e set
 * when this machine has no such devices or groups, or not for us.
 */
int slow_open(struct slow *s, const char *backing, unsigned int ms,
	      struct err *e);
/* Nobody may be in the group any more. Idempotent. */
void slow_close(struct slow *s);

/* From now on what that process writes to it takes its time. */
int slow_enter(const struct slow *s, pid_t pid, struct err *e);

#endif
