/* SPDX-License-Identifier: MIT */
/*
 * How a journal's file is laid out: a header, then an area a queue, each a
 * head and its entries, all in units of 128 bytes. Numbers are little-endian
 * (this host is x86) and aligned, so that each is stored whole.
 */
#ifndef XN_BLK_JOURNAL_FILE_H
#define XN_BLK_JOURNAL_FILE_H

#include <stdint.h>

#include "chan/msg.h"

#define JOURNAL_MAGIC	      0x6c6e726a2d6b6c62ull /* "blk-jrnl" */
#define JOURNAL_VERSION	      1
#define JOURNAL_QUEUES_MAX    MSG_BLK_QUEUES_MAX
#define JOURNAL_REQUESTS_MAX  (MSG_BLK_RING_PAGES_MAX * MSG_BLK_PAGE_REQUESTS)
#define JOURNAL_REQUEST_BYTES 112

/* All but generation stay as they were first written, magic last. */
struct journal_header {
	uint64_t magic;
	uint32_t version;
	uint32_t queues;
	uint32_t requests;   /* entries a queue */
	uint32_t generation; /* of the last worker */
	uint8_t zeros[104];
};

/* The low bits of an entry's mark; the others are ANSWERED's number. */
#define JOURNAL_STATE_BITS 2

enum journal_state {
	JOURNAL_FREE = 0,
	JOURNAL_TAKEN = 1,
	JOURNAL_ANSWERED = 2, /* as response number mark >> 2, modulo 2^30 */
};

struct journal_entry {
	uint64_t number; /* of the request: its low half is its ring index */
	uint32_t mark;
	uint32_t seal; /* journal_seal() of what is not free */
	uint8_t request[JOURNAL_REQUEST_BYTES];
};

struct journal_area {
	uint64_t taken;	 /* the number of the next request to be taken */
	uint32_t in_use; /* 0: taken means nothing yet */
	uint32_t zero;
	uint8_t zeros[112];
	struct journal_entry entries[];
};

/*
 * Of number and request. It tells apart what journal_take has written from
 * what a stray store has made of it; it is no signature.
 */
uint32_t journal_seal(const struct journal_entry *entry);

#endif
