/* SPDX-License-Identifier: MIT */
/* Judging the one ring index that the guest writes and we follow. */
#include "ring.h"

#include <errno.h>

int ring_waiting(uint32_t prod, uint32_t taken, uint32_t answered,
		 uint32_t size)
{
	uint32_t ahead = prod - answered;
	uint32_t unanswered = taken - answered;

	if (ahead > size || ahead < unanswered)
		return -EPROTO;
	return (int)(ahead - unanswered);
}
