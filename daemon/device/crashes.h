/* SPDX-License-Identifier: MIT */
/*
 * How often a worker may die. One that dies now and then is replaced at once;
 * the more often it has died lately, the longer its successor waits, and one
 * that always dies is not replaced any more.
 */
#ifndef XN_DEVICE_CRASHES_H
#define XN_DEVICE_CRASHES_H

#include <stdint.h>

#define CRASHES_MAX	  5 /* within CRASHES_WINDOW_MS: given up */
#define CRASHES_WINDOW_MS 10000

/* Zeroed to begin. */
struct crashes {
	unsigned int n;
	uint64_t at_ms[CRASHES_MAX]; /* the last n, oldest first */
};

/*
 * A worker has died at now_ms, on a clock that does not go back. Returns after
 * how many milliseconds the next is to be started, or -1: no more. Pure.
 */
int crashes_note(struct crashes *c, uint64_t now_ms);

#endif
