/* SPDX-License-Identifier: MIT */
/* When to look, how long, and what comes of looking in vain. */
#include "spin.h"

#include "ring.h"
#include "ticks.h"

void spin_open(struct spin *s, unsigned int processors)
{
	*s = (struct spin){.may = processors > 1, .back_off = 1};
}

/* Down at once and up slowly: one that was interrupted took no longer. */
void spin_learn(struct spin *s, uint64_t ticks)
{
	if (s->price == 0 || ticks < s->price)
		s->price = ticks;
	else
		s->price += s->price / 64;
}

static void spin_pause(struct spin *s, uint32_t times)
{
	s->skip = times < SPIN_SKIP_MAX ? times : SPIN_SKIP_MAX;
	s->back_off = s->skip * 2;
}

bool spin_until_request(struct spin *s, const struct ring *r)
{
	uint64_t window = s->price * SPIN_PRICES;
	uint64_t begun, last, now;

	if (!s->may || window == 0)
		return false;
	if (s->skip) {
		s->skip--;
		return false;
	}
	begun = last = ticks_now();
	while (ring_waiting(r) == 0) {
		__builtin_ia32_pause();
		now = ticks_now();
		if (now - last > window / 2) {
			spin_pause(s, SPIN_SKIP_MAX); /* it was not ours */
			return false;
		}
		if (now - begun > window) {
			spin_pause(s, s->back_off);
			return false;
		}
		last = now;
	}
	s->back_off = s->back_off > 1 ? s->back_off / 2 : 1;
	return true;
}
