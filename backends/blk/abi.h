/* SPDX-License-Identifier: MIT */
/*
 * The request and the response as they lie in the ring, in each of the two
 * layouts that an x86 guest may use: the fields are those of xen/io/blkif.h,
 * and a 64-bit field begins at a multiple of 8 bytes (x86_64) or 4 (x86_32).
 * The third ABI that the protocol knows, "native", is this host's own, which
 * is x86_64. Padding is spelt out: every byte of a response reaches the guest
 * (XSA-216).
 */
#ifndef XN_BLK_ABI_H
#define XN_BLK_ABI_H

#include <stddef.h>
#include <stdint.h>

#include "xen/abi.h"

enum blk_abi { BLK_ABI_X86_64, BLK_ABI_X86_32 };

#define BLK_ABIS	    2
#define BLK_DIRECT_SEGMENTS BLKIF_MAX_SEGMENTS_PER_REQUEST
#define BLK_INDIRECT_FRAMES BLKIF_MAX_INDIRECT_PAGES_PER_REQUEST

/* A segment has no 64-bit field: it is the same in both. */
struct blk_wire_segment {
	uint32_t ref;
	uint8_t first_sector; /* of the page, inclusive */
	uint8_t last_sector;  /* likewise */
	uint16_t unused;
};

struct blk_x86_64_rw {
	uint8_t operation;
	uint8_t n_segments;
	uint16_t handle;
	uint32_t unused;
	uint64_t id;
	uint64_t sector;
	struct blk_wire_segment segments[BLK_DIRECT_SEGMENTS];
};

struct blk_x86_64_indirect {
	uint8_t operation;
	uint8_t indirect_operation;
	uint16_t n_segments;
	uint32_t unused;
	uint64_t id;
	uint64_t sector;
	uint16_t handle;
	uint16_t unused2;
	uint32_t frames[BLK_INDIRECT_FRAMES];
};

struct blk_x86_64_discard {
	uint8_t operation;
	uint8_t flag;
	uint16_t handle;
	uint32_t unused;
	uint64_t id;
	uint64_t sector;
	uint64_t n_sectors;
};

struct blk_x86_64_response {
	uint64_t id;
	uint8_t operation;
	uint8_t zero;
	int16_t status;
	uint32_t zeros;
};

#define BLK_X86_32 __attribute__((packed, aligned(4)))

struct blk_x86_32_rw {
	uint8_t operation;
	uint8_t n_segments;
	uint16_t handle;
	uint64_t id;
	uint64_t sector;
	struct blk_wire_segment segments[BLK_DIRECT_SEGMENTS];
} BLK_X86_32;

struct blk_x86_32_indirect {
	uint8_t operation;
	uint8_t indirect_operation;
	uint16_t n_segments;
	uint64_t id;
	uint64_t sector;
	uint16_t handle;
	uint16_t unused;
	uint32_t frames[BLK_INDIRECT_FRAMES];
} BLK_X86_32;

struct blk_x86_32_discard {
	uint8_t operation;
	uint8_t flag;
	uint16_t handle;
	uint64_t id;
	uint64_t sector;
	uint64_t n_sectors;
} BLK_X86_32;

struct blk_x86_32_response {
	uint64_t id;
	uint8_t operation;
	uint8_t zero;
	int16_t status;
} BLK_X86_32;

/* One entry of a ring, copied out, not looked at yet. */
union blk_wire {
	uint8_t bytes[sizeof(struct blk_x86_64_rw)];
	uint8_t operation; /* the first byte of every request */
	struct blk_x86_64_rw rw64;
	struct blk_x86_64_indirect indirect64;
	struct blk_x86_64_discard discard64;
	struct blk_x86_32_rw rw32;
	struct blk_x86_32_indirect indirect32;
	struct blk_x86_32_discard discard32;
};

#define BLK_AT(kind, member, offset)                                    \
	_Static_assert(offsetof(struct blk_##kind, member) == (offset), \
		       #kind "." #member)
#define BLK_SIZE(kind, size) \
	_Static_assert(sizeof(struct blk_##kind) == (size), #kind)

BLK_SIZE(wire_segment, sizeof(struct blkif_request_segment));
BLK_AT(wire_segment, first_sector, 4);
BLK_AT(wire_segment, last_sector, 5);

/* This compiler's own layout of the public header is the x86_64 one. */
BLK_SIZE(x86_64_rw, sizeof(struct blkif_request));
BLK_AT(x86_64_rw, n_segments, offsetof(struct blkif_request, nr_segments));
BLK_AT(x86_64_rw, id, offsetof(struct blkif_request, id));
BLK_AT(x86_64_rw, sector, offsetof(struct blkif_request, sector_number));
BLK_AT(x86_64_rw, segments, offsetof(struct blkif_request, seg));
BLK_SIZE(x86_64_indirect, sizeof(struct blkif_request_indirect));
BLK_AT(x86_64_indirect, indirect_operation,
       offsetof(struct blkif_request_indirect, indirect_op));
BLK_AT(x86_64_indirect, n_segments,
       offsetof(struct blkif_request_indirect, nr_segments));
BLK_AT(x86_64_indirect, id, offsetof(struct blkif_request_indirect, id));
BLK_AT(x86_64_indirect, sector,
       offsetof(struct blkif_request_indirect, sector_number));
BLK_AT(x86_64_indirect, frames,
       offsetof(struct blkif_request_indirect, indirect_grefs));
BLK_SIZE(x86_64_discard, sizeof(struct blkif_request_discard));
BLK_AT(x86_64_discard, flag, offsetof(struct blkif_request_discard, flag));
BLK_AT(x86_64_discard, id, offsetof(struct blkif_request_discard, id));
BLK_AT(x86_64_discard, sector,
       offsetof(struct blkif_request_discard, sector_number));
BLK_AT(x86_64_discard, n_sectors,
       offsetof(struct blkif_request_discard, nr_sectors));
BLK_SIZE(x86_64_response, sizeof(struct blkif_response));
BLK_AT(x86_64_response, operation, offsetof(struct blkif_response, operation));
BLK_AT(x86_64_response, status, offsetof(struct blkif_response, status));

/* No compiler here lays out x86_32 by itself: by the rule, field by field. */
BLK_SIZE(x86_32_rw, 108);
BLK_AT(x86_32_rw, id, 4);
BLK_AT(x86_32_rw, sector, 12);
BLK_AT(x86_32_rw, segments, 20);
BLK_AT(x86_32_indirect, n_segments, 2);
BLK_AT(x86_32_indirect, id, 4);
BLK_AT(x86_32_indirect, sector, 12);
BLK_AT(x86_32_indirect, handle, 20);
BLK_AT(x86_32_indirect, frames, 24);
BLK_AT(x86_32_discard, flag, 1);
BLK_AT(x86_32_discard, id, 4);
BLK_AT(x86_32_discard, sector, 12);
BLK_AT(x86_32_discard, n_sectors, 20);
BLK_SIZE(x86_32_response, 12);
BLK_AT(x86_32_response, operation, 8);
BLK_AT(x86_32_response, status, 10);

#undef BLK_AT
#undef BLK_SIZE
#undef BLK_X86_32

#endif
