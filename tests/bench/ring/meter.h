/* SPDX-License-Identifier: MIT */
/*
 * What a process has used: its CPU time, that of threads which the kernel has
 * made for its io_uring and of those that have ended included, and how many
 * system calls it has made. A call of the simulated hypervisor's takes two, of
 * which one is a send.
 */
#ifndef XN_BENCH_RING_METER_H
#define XN_BENCH_RING_METER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define METER_THREADS  64
#define METER_COUNTERS 2 /* a thread: all calls, sends */

struct meter {
	pid_t pid;
	int fds[METER_THREADS][METER_COUNTERS]; /* owned */
	unsigned int n_threads;
};

/* A moment's figures; a pair of them is one measurement. */
struct reading {
	uint64_t wall_ns;
	uint64_t cpu_ns;
	uint64_t calls; /* of the system; with meter_count only, as is */
	uint64_t sends; /* sendto() */
};

/* Any process, this one too. Nothing is counted yet. */
void meter_open(struct meter *m, pid_t pid);
void meter_close(struct meter *m);

/*
 * From here on system calls of the threads that the process has now are
 * counted, which takes its time: not to be timed. False when this kernel
 * cannot, or does not let us.
 */
bool meter_count(struct meter *m);

/* Adds what was used since the last call to *sum, unless that is NULL. */
void meter_read(const struct meter *m, struct reading *last,
		struct reading *sum);

#endif
