/* SPDX-License-Identifier: MIT */
/*
 * Looking at a ring for a short while before going to sleep. A guest with one
 * request at a time sends the next a moment after it has been answered; found
 * so, it costs neither side an event, and us none of the system calls that
 * sleeping takes.
 *
 * It is worth as much as an event costs here, and that is told from what a
 * notification costs: nothing is looked for longer. Whoever looks in vain
 * sleeps the next times, twice as often each time; and whoever loses the
 * processor meanwhile, because others want it, does for long.
 */
#ifndef XN_BLK_SPIN_H
#define XN_BLK_SPIN_H

#include <stdbool.h>
#include <stdint.h>

#define SPIN_PRICES   32   /* of a notification, that looking may cost */
#define SPIN_SKIP_MAX 1024 /* times in a row that nobody looks */

struct ring;

struct spin {
	bool may;	   /* there is a processor for the guest, too */
	uint64_t price;	   /* ticks that a notification takes; 0: not known */
	uint32_t back_off; /* what the next look in vain will cost */
	uint32_t skip;	   /* times not to look from now on */
};

/* For a thread that may run on so many processors. */
void spin_open(struct spin *s, unsigned int processors);

/* A notification took so many ticks. */
void spin_learn(struct spin *s, uint64_t ticks);

/* True as soon as there is a request to be taken; false: go to sleep. */
bool spin_until_request(struct spin *s, const struct ring *r);

#endif
