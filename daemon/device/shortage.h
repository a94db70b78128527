/* SPDX-License-Identifier: MIT */
/*
 * How long the host may lack what a worker takes: memory, a process, a
 * descriptor, its program. Nobody is to blame for that, and it may well pass:
 * what has not run is tried again, ever less often, and is no death.
 */
#ifndef XN_DEVICE_SHORTAGE_H
#define XN_DEVICE_SHORTAGE_H

#include <stdbool.h>
#include <stdint.h>

/* Zeroed to begin; tries again when it is over. */
struct shortage {
	unsigned int tries; /* that have failed; 0: there is none */
	uint64_t since_ms;
};

/*
 * Another try has failed at now_ms, on a clock that does not go back. Returns
 * after how many milliseconds the next is due, or -1: it has lasted limit_ms,
 * and there is none. Pure.
 */
int shortage_note(struct shortage *s, uint64_t now_ms, uint64_t limit_ms);

/* Whether an errno says that there is too little of something. Pure. */
bool shortage_is(int code);

#endif
