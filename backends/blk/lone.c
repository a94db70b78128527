/* SPDX-License-Identifier: MIT */
/* Counting requests that came alone. */
#include "lone.h"

bool lone_taken(struct lone *l, bool alone)
{
	if (!alone && l->streak > 0)
		l->streak = 0;
	else if (l->streak <= LONE_STREAK)
		l->streak++;
	return alone && l->streak > LONE_STREAK;
}

void lone_waited(struct lone *l, bool well)
{
	if (!well)
		l->streak = -LONE_SULK;
}
