/* SPDX-License-Identifier: MIT */
/*
 * The three layouts of a block request (xen/io/blkif.h), as bytes: a request
 * of any operation is written into a slot field by field, sound or not.
 */
#ifndef XN_SIM_GUEST_BLK_ABI_H
#define XN_SIM_GUEST_BLK_ABI_H

#include <stddef.h>
#include <stdint.h>

#include "xen/abi.h"

enum blk_abi {
	BLK_X86_64,
	BLK_X86_32,
	/* No protocol key: on x86 that is x86_32, as Linux's back end has it */
	BLK_UNSAID,
};

struct blk_wire {
	uint8_t operation;
	uint8_t segments; /* BLKIF_OP_INDIRECT: the operation meant */
	uint16_t handle;
	uint64_t id;
	uint64_t sector;
	union {
		struct blkif_request_segment
			seg[BLKIF_MAX_SEGMENTS_PER_REQUEST];
		uint64_t sectors; /* BLKIF_OP_DISCARD */
		struct {
			uint16_t segments;
			uint32_t pages[BLKIF_MAX_INDIRECT_PAGES_PER_REQUEST];
		} indirect;
	};
};

struct blk_answer {
	uint64_t id;
	uint8_t operation;
	int16_t status;
	uint32_t padding; /* all of its bytes that mean nothing, or'ed */
};

#define BLK_SLOT_BYTES_MAX 112

/* The value of the protocol key; NULL: no key. */
const char *blk_abi_name(enum blk_abi abi);
size_t blk_abi_slot_bytes(enum blk_abi abi);
void blk_abi_put(enum blk_abi abi, void *slot, const struct blk_wire *w);
void blk_abi_get(enum blk_abi abi, const void *slot, struct blk_answer *a);

#endif
