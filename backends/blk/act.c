/* SPDX-License-Identifier: MIT */
/* Flush, then read or write, and again for what was left out. */
#include "act.h"

#include <errno.h>

#include "ring.h"
#include "store.h"

#define RETRIES 8 /* of one request, after EAGAIN or EINTR */

_Static_assert(BLK_RING_ENTRIES_MAX <= STORE_DEPTH, "an operation a slot");

void act_begin(struct store *s, struct slot *slot)
{
	const struct blk_io *io = &slot->io;
	uint64_t offset = io->offset + slot->moved;
	uint8_t *at = slot->piece.at + slot->moved;
	uint32_t bytes = (uint32_t)(io->bytes - slot->moved);

	if (io->flush_first)
		s->ops->flush(s, slot->number);
	else if (io->op == BLK_DISCARD)
		s->ops->discard(s, slot->number, io->offset, io->bytes,
				slot->plain_discard);
	else if (io->op == BLK_WRITE)
		s->ops->write(s, slot->number, slot->piece.chunk, at, bytes,
			      offset, io->durable);
	else
		s->ops->read(s, slot->number, slot->piece.chunk, at, bytes,
			     offset);
}

/* As act_advance, but for what every operation has in common. */
static int act_advance_well(struct slot *slot, int result)
{
	if (slot->io.flush_first) {
		slot->io.flush_first = false;
		return slot->io.op == BLK_FLUSH;
	}
	if (slot->io.op == BLK_DISCARD)
		return 1;
	if (result == 0)
		return -ENODATA;
	slot->moved += (uint64_t)result;
	return slot->moved == slot->io.bytes;
}

int act_advance(struct store *s, struct slot *slot, int result)
{
	int rc;

	if (result == -EAGAIN || result == -EINTR) {
		if (slot->retries++ == RETRIES)
			return result;
	} else if (result == -EOPNOTSUPP && slot->io.op == BLK_DISCARD &&
		   !slot->plain_discard) {
		slot->plain_discard = true;
	} else if (result < 0) {
		return result;
	} else {
		rc = act_advance_well(slot, result);
		if (rc != 0)
			return rc;
	}
	act_begin(s, slot);
	return 0;
}

const char *act_name(const struct slot *slot)
{
	static const char *const names[] = {
		[BLK_READ] = "read",	   [BLK_WRITE] = "write",
		[BLK_FLUSH] = "flush",	   [BLK_DISCARD] = "discard",
		[BLK_NOTHING] = "nothing",
	};

	return names[slot->io.op];
}
