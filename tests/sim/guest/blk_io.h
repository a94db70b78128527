/* SPDX-License-Identifier: MIT */
/* Honest transfers of a block front end: pages granted, filled and read. */
#ifndef XN_SIM_GUEST_BLK_IO_H
#define XN_SIM_GUEST_BLK_IO_H

#include <stdbool.h>
#include <stdint.h>

struct blk;
struct blk_queue;
struct err;

/* A page of the guest's that dom0 has been let at. */
struct blk_page {
	struct blk_page *next;
	uint8_t *data;
	uint32_t ref;
};

/*
 * writable: the back end is to write into it. NULL when the guest's memory or
 * grants are used up.
 */
struct blk_page *blk_io_get(struct blk *b, bool writable);
/*
 * To be used again when the device's grants are persistent, else taken back:
 * if it is still mapped then, though its request is answered, that is a
 * breach.
 */
void blk_io_put(struct blk *b, struct blk_page *page);
/* Keeps one whose request was not answered until the device is closed. */
void blk_io_park(struct blk *b, struct blk_page *page);
/* Takes back those that were to be used again, and those parked. */
void blk_io_release(struct blk *b);

/*
 * Reads or writes count sectors from data, in as many requests as it takes
 * (indirect ones where the device has them), all queued before the first is
 * waited for. 0, or -errno with *e set: -EIO when one was refused.
 */
int blk_io_run(struct blk_queue *q, bool write, uint64_t sector, uint8_t *data,
	       uint32_t count, struct err *e);
/* What was answered is on the disk, where the back end offers to say so. */
int blk_io_flush(struct blk_queue *q, struct err *e);

/*
 * Writes a pattern of count sectors that seed tells from others, reads it
 * back and compares. Of a read-only disk it only reads.
 */
int blk_io_verify(struct blk_queue *q, uint64_t sector, uint32_t count,
		  uint32_t seed, struct err *e);

#endif
