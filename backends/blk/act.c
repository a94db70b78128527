/* SPDX-License-Identifier: MIT */
/* Flush, then read or write, and again for what was left out. */
#include "act.h"

#include <errno.h>

#include "uring.h"

#define RETRIES 8 /* of one request, after EAGAIN or EINTR */

_Static_assert(SLOTS == URING_DEPTH, "an operation a slot");

void act_begin(struct uring *u, struct slot *slot)
{
	uint8_t *buffer = slot->buffer + slot->moved;
	uint32_t bytes = (uint32_t)(slot->io.bytes - slot->moved);
	uint64_t offset = slot->io.offset + slot->moved;

	if (slot->io.flush_first)
		uring_flush(u, slot->number);
	else if (slot->io.op == BLK_WRITE)
		uring_write(u, slot->number, buffer, bytes, offset);
	else
		uring_read(u, slot->number, buffer, bytes, offset);
}

int act_advance(struct uring *u, struct slot *slot, int result)
{
	if (result == -EAGAIN || result == -EINTR) {
		if (slot->retries++ == RETRIES)
			return result;
	} else if (result < 0) {
		return result;
	} else if (slot->io.flush_first) {
		slot->io.flush_first = false;
		if (slot->io.op == BLK_FLUSH)
			return 1;
	} else if (result == 0) {
		return -ENODATA;
	} else {
		slot->moved += (uint32_t)result;
		if (slot->moved == slot->io.bytes)
			return 1;
	}
	act_begin(u, slot);
	return 0;
}

const char *act_name(const struct slot *slot)
{
	static const char *const names[] = {
		[BLK_READ] = "read",
		[BLK_WRITE] = "write",
		[BLK_FLUSH] = "flush",
	};

	return names[slot->io.op];
}
