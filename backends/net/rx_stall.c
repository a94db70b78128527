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

void rx_stall_offer(struct rx_stall *s, unsigned int slots)
{
	s->offered = slots;
}

bool rx_stall_wait(struct rx_stall *s, unsigned int slots, uint64_t now_ms)
{
	if (!s->waiting) {
		s->waiting = true;
		s->until_ms =
			now_ms + (s->rings ? PATIENCE_MS : PATIENCE_SILENT_MS);
	}
	if (now_ms < s->until_ms)
		return false;
	s->waiting = false;
	s->stalled = slots;
	return true;
}

bool rx_stall_drops(const struct rx_stall *s, unsigned int slots)
{
	return s->stalled && slots >= s->stalled;
}

bool rx_stall_end(struct rx_stall *s)
{
	s->waiting = false;
	if (!s->stalled || s->offered < s->stalled)
		return false;
	s->stalled = 0;
	return true;
}

unsigned int rx_stall_look_ms(const struct rx_stall *s, uint64_t now_ms)
{
	uint64_t left;

	if (!s->rings)
		return POLL_MS;
	left = s->until_ms > now_ms ? s->until_ms - now_ms : 0;
	return (unsigned int)left + 1;
}
