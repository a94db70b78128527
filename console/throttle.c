/* SPDX-License-Identifier: MIT */
/* Counting a guest's events by periods. */
#include "console/throttle.h"

unsigned int throttle_event(struct throttle *t, uint64_t now_ms)
{
	uint64_t elapsed_ms = now_ms - t->since_ms;

	if (t->events == 0 || elapsed_ms >= THROTTLE_PERIOD_MS) {
		t->since_ms = now_ms;
		t->events = 0;
		elapsed_ms = 0;
	}
	if (++t->events < THROTTLE_EVENTS)
		return 0;
	return (unsigned int)(THROTTLE_PERIOD_MS - elapsed_ms);
}
