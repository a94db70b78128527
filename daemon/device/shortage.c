/* SPDX-License-Identifier: MIT */
/* When to try again what there was no room for. */
#include "daemon/device/shortage.h"

#include <errno.h>

/* The pause doubles, from the first to the last. */
#define PAUSE_MIN_MS 100
#define PAUSE_MAX_MS 1000

int shortage_note(struct shortage *s, uint64_t now_ms, uint64_t limit_ms)
{
	int pause_ms = PAUSE_MIN_MS;
	unsigned int i;

	if (s->tries == 0)
		s->since_ms = now_ms;
	if (now_ms - s->since_ms >= limit_ms)
		return -1;
	for (i = 0; i < s->tries && pause_ms < PAUSE_MAX_MS; i++)
		pause_ms *= 2;
	s->tries++;
	return pause_ms < PAUSE_MAX_MS ? pause_ms : PAUSE_MAX_MS;
}

bool shortage_is(int code)
{
	switch (code) {
	case EAGAIN:
	case EMFILE:
	case ENFILE:
	case ENOBUFS:
	case ENOMEM:
	case ETOOMANYREFS: /* descriptors that are under way */
		return true;
	default:
		return false;
	}
}
