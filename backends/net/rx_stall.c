/* SPDX-License-Identifier: MIT */
/* For how long a frame may wait for the guest to make room for it. */
#include "rx_stall.h"

#define PATIENCE_MS	   10000
#define PATIENCE_SILENT_MS 30 /* with a guest that does not ring, */
#define POLL_MS		   10 /* which is looked at so often meanwhile */

void rx_stall_init(struct rx_stall *s, bool rings)
{
	*s = (struct rx_stall){.rings = rings};
}

bool rx_stall_wait(struct rx_stall *s, uint64_t now_ms)
{
	if (!s->waiting) {
		s->waiting = true;
		s->until_ms =
			now_ms + (s->rings ? PATIENCE_MS : PATIENCE_SILENT_MS);
	}
	if (now_ms >= s->until_ms)
		s->stalled = true;
	return s->stalled;
}

bool rx_stall_end(struct rx_stall *s)
{
	const bool stalled = s->stalled;

	s->waiting = false;
	s->stalled = false;
	return stalled;
}

unsigned int rx_stall_look_ms(const struct rx_stall *s, uint64_t now_ms)
{
	uint64_t left;

	if (!s->rings)
		return POLL_MS;
	left = s->until_ms > now_ms ? s->until_ms - now_ms : 0;
	return (unsigned int)left + 1;
}
