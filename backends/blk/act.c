/* SPDX-License-Identifier: MIT */
/* Flush, then read or write, and again for what was left out. */
#include "act.h"

#include <errno.h>

#include "ring.h"
#include "store.h"

#define RETRIES	      8		  /* of one request, after EAGAIN or EINTR */
#define DISCARD_PIECE (64u << 20) /* a multiple of any unit of a device's */

/*
 * More than this gains little, and costs: what is read is copied to the guest
 * while the next operation is still at the disk.
 */
#define JOIN_BYTES_MAX (256u << 10)

_Static_assert(BLK_RING_ENTRIES_MAX <= STORE_DEPTH, "an operation a slot");

/*
 * What comes next of a discard: one of a whole disk may take long, and a stop,
 * or what else is asked, gets its turn between two pieces. They end where no
 * unit of a device's does not.
 */
static uint64_t discard_piece(const struct slot *slot)
{
	const uint64_t left = slot->io.bytes - slot->moved;
	const uint64_t whole =
		DISCARD_PIECE - (slot->io.offset + slot->moved) % DISCARD_PIECE;

	return left < whole ? left : whole;
}

void act_begin(struct store *s, struct slot *slot)
{
	const struct blk_io *io = &slot->io;
	uint64_t offset = io->offset + slot->moved;
	uint8_t *at = slot->piece.at + slot->moved;
	uint32_t bytes =
		(uint32_t)(io->bytes + slot->joined_bytes - slot->moved);

	if (io->flush_first)
		s->ops->flush(s, slot->number);
	else if (io->op == BLK_DISCARD)
		s->ops->discard(s, slot->number, offset, discard_piece(slot));
	else if (io->op == BLK_WRITE)
		s->ops->write(s, slot->number, slot->piece.chunk, at, bytes,
			      offset, io->durable);
	else
		s->ops->read(s, slot->number, slot->piece.chunk, at, bytes,
			     offset);
}

static bool is_plain(const struct blk_io *io)
{
	return (io->op == BLK_READ || io->op == BLK_WRITE) &&
	       !io->flush_first && !io->durable;
}

bool act_join(struct slot *first, struct slot *slot)
{
	const struct blk_io *io = &first->io;
	uint64_t bytes = io->bytes + first->joined_bytes;

	if (bytes + slot->io.bytes > JOIN_BYTES_MAX)
		return false;
	if (slot->io.op != io->op || slot->io.offset != io->offset + bytes ||
	    slot->piece.chunk != first->piece.chunk ||
	    slot->piece.at != first->piece.at + bytes || !is_plain(io) ||
	    !is_plain(&slot->io))
		return false;
	STAILQ_INSERT_TAIL(&first->joined, slot, link);
	first->joined_bytes += slot->io.bytes;
	return true;
}

void act_part(struct store *s, struct slot *first)
{
	struct slot *slot;

	first->joined_bytes = 0;
	first->moved = 0;
	first->retries = 0;
	act_begin(s, first);
	while ((slot = STAILQ_FIRST(&first->joined))) {
		STAILQ_REMOVE_HEAD(&first->joined, link);
		act_begin(s, slot);
	}
}

/* As act_advance, but for what every operation has in common. */
static int act_advance_well(struct slot *slot, int result)
{
	if (slot->io.flush_first) {
		slot->io.flush_first = false;
		return slot->io.op == BLK_FLUSH;
	}
	if (slot->io.op == BLK_DISCARD) {
		slot->moved += discard_piece(slot);
		return slot->moved == slot->io.bytes;
	}
	if (result == 0)
		return -ENODATA;
	slot->moved += (uint64_t)result;
	return slot->moved == slot->io.bytes + slot->joined_bytes;
}

int act_advance(struct store *s, struct slot *slot, int result)
{
	int rc;

	if (result == -EAGAIN || result == -EINTR) {
		if (slot->retries++ == RETRIES)
			return result;
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
