/* SPDX-License-Identifier: MIT */
/* Counting deaths within a window. */
#include "daemon/device/crashes.h"

#include <string.h>

/*
 * By how many earlier ones there are in the window. Little, for the guest's
 * requests wait meanwhile, and with what it takes to start a worker (some 40
 * ms) it is not to notice; it is the last one that keeps the host from
 * starting workers all the time.
 */
static const int delays_ms[CRASHES_MAX] = {0, 10, 20, 40, -1};

int crashes_note(struct crashes *c, uint64_t now_ms)
{
	unsigned int old = 0;

	while (old < c->n && now_ms - c->at_ms[old] >= CRASHES_WINDOW_MS)
		old++;
	if (old == 0 && c->n == CRASHES_MAX)
		old = 1;
	c->n -= old;
	memmove(c->at_ms, c->at_ms + old, c->n * sizeof(c->at_ms[0]));
	c->at_ms[c->n++] = now_ms;
	return delays_ms[c->n - 1];
}
