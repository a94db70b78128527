/* SPDX-License-Identifier: MIT */
/*
 * x86_32 aligns 64-bit numbers to 4 bytes: there id follows the first four
 * bytes at once, and all else moves with it.
 */
#include "tests/sim/guest/blk_abi.h"

#include <string.h>

struct layout {
	const char *name;
	size_t slot_bytes;
	size_t id;	     /* of a request, where it is */
	size_t answer_bytes; /* padding included */
};

static const struct layout layouts[] = {
	[BLK_X86_64] = {XEN_IO_PROTO_ABI_X86_64, 112, 8, 16},
	[BLK_X86_32] = {XEN_IO_PROTO_ABI_X86_32, 108, 4, 12},
	[BLK_UNSAID] = {NULL, 108, 4, 12},
};

/* From where id is. */
enum {
	SECTOR = 8,
	SEGMENTS = 16,
	DISCARD_SECTORS = 16,
	INDIRECT_HANDLE = 16,
	INDIRECT_PAGES = 20,
};

const char *blk_abi_name(enum blk_abi abi)
{
	return layouts[abi].name;
}

size_t blk_abi_slot_bytes(enum blk_abi abi)
{
	return layouts[abi].slot_bytes;
}

void blk_abi_put(enum blk_abi abi, void *slot, const struct blk_wire *w)
{
	uint8_t *at = slot;
	uint8_t *id = at + layouts[abi].id;

	memset(at, 0, layouts[abi].slot_bytes);
	at[0] = w->operation;
	at[1] = w->segments;
	memcpy(id, &w->id, sizeof(w->id));
	memcpy(id + SECTOR, &w->sector, sizeof(w->sector));
	switch (w->operation) {
	case BLKIF_OP_INDIRECT:
		memcpy(at + 2, &w->indirect.segments, 2);
		memcpy(id + INDIRECT_HANDLE, &w->handle, 2);
		memcpy(id + INDIRECT_PAGES, w->indirect.pages,
		       sizeof(w->indirect.pages));
		break;
	case BLKIF_OP_DISCARD:
		memcpy(at + 2, &w->handle, 2);
		memcpy(id + DISCARD_SECTORS, &w->sectors, sizeof(w->sectors));
		break;
	default:
		memcpy(at + 2, &w->handle, 2);
		memcpy(id + SEGMENTS, w->seg, sizeof(w->seg));
	}
}

void blk_abi_get(enum blk_abi abi, const void *slot, struct blk_answer *a)
{
	const uint8_t *at = slot;
	size_t i;

	memcpy(&a->id, at, sizeof(a->id));
	a->operation = at[8];
	memcpy(&a->status, at + 10, sizeof(a->status));
	a->padding = at[9];
	for (i = 12; i < layouts[abi].answer_bytes; i++)
		a->padding |= at[i];
}
