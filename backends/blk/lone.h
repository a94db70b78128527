/* SPDX-License-Identifier: MIT */
/*
 * Whether to wait for a request at the image itself, and not in the loop for
 * whatever comes first. A guest with one request at a time sends no other
 * before that is answered; then handing it over and waiting for it is one
 * system call, and its port need not be opened meanwhile.
 *
 * When it sends another after all, that one waits: so it is done only after a
 * few requests in a row that came alone, for a short while, and not again for
 * long after it was wrong.
 */
#ifndef XN_BLK_LONE_H
#define XN_BLK_LONE_H

#include <stdbool.h>
#include <stdint.h>

#define LONE_STREAK  4
#define LONE_WAIT_NS 2000000 /* the most that another request may wait */
#define LONE_SULK    256     /* requests, once it was wrong */

struct lone {
	int32_t streak; /* of requests that came alone; less than 0: sulks */
};

/* Some were taken, one of them alone or not. True: wait for it. */
bool lone_taken(struct lone *l, bool alone);

/* So it was; well: it ended in time, and no other was there. */
void lone_waited(struct lone *l, bool well);

#endif
