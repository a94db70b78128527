/* SPDX-License-Identifier: MIT */
/*
 * What a disk has done so far, in memory that its workers write and xnd reads
 * whenever it is asked: a sealed memfd of one struct blk_figures a queue,
 * made zero by xnd for the life of the device and handed to each worker, who
 * adds to what it finds. One thread writes a queue's; each figure is a whole
 * word that only grows, so none is torn, though two of them may be of
 * different moments. A guest that has taken its worker over can make them
 * say anything: they are shown, and nothing is decided by them.
 */
#ifndef XN_CHAN_BLK_FIGURES_H
#define XN_CHAN_BLK_FIGURES_H

#include <stdint.h>

#define BLK_FIGURES_BUCKETS 32

enum blk_figures_op {
	BLK_FIGURES_READ,
	BLK_FIGURES_WRITE, /* barriers too */
	BLK_FIGURES_FLUSH,
	BLK_FIGURES_DISCARD,
	BLK_FIGURES_OPS,
};

struct blk_figures_of {
	uint64_t requests; /* answered well */
	uint64_t bytes;	   /* of those */
	uint64_t failed;   /* answered otherwise */
	/*
	 * From taken to answered, of all of them: bucket 0 below 1 us, bucket
	 * n from 2^(n-1) us to below 2^n us, the last one all that is longer.
	 */
	uint64_t latency[BLK_FIGURES_BUCKETS];
};

struct blk_figures {
	struct blk_figures_of op[BLK_FIGURES_OPS];
	uint64_t refused; /* requests that were no work for the image */
	uint64_t taken;	  /* from the ring; what is not answered is in flight */
	uint64_t answered;
	uint64_t merged;   /* requests that went to the image in one operation
			      with the one before them */
	uint64_t held;	   /* that had to wait for the disk's caps */
	uint64_t events;   /* from the guest */
	uint64_t notified; /* events to the guest */
	uint64_t spared;   /* answers shown that needed none of their own */
	uint64_t unused[12];
};

_Static_assert(sizeof(struct blk_figures) == 1280, "whole cache lines");

#endif
