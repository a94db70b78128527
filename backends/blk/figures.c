/* SPDX-License-Identifier: MIT */
/* Adding to a disk's figures. */
#include "figures.h"

#include "slot.h"

void figures_resume(struct blk_figures *f, unsigned int backlog)
{
	__atomic_store_n(&f->taken, f->answered + backlog, __ATOMIC_RELAXED);
}

static unsigned int bucket_of(uint64_t ns)
{
	uint64_t us = ns / 1000;
	unsigned int n = us ? 64 - (unsigned int)__builtin_clzll(us) : 0;

	return n < BLK_FIGURES_BUCKETS ? n : BLK_FIGURES_BUCKETS - 1;
}

void figures_answered(struct blk_figures *f, const struct slot *slot,
		      uint64_t ns)
{
	static const enum blk_figures_op ops[] = {
		[BLK_READ] = BLK_FIGURES_READ,
		[BLK_WRITE] = BLK_FIGURES_WRITE,
		[BLK_FLUSH] = BLK_FIGURES_FLUSH,
		[BLK_DISCARD] = BLK_FIGURES_DISCARD,
		[BLK_NOTHING] = BLK_FIGURES_DISCARD,
	};
	struct blk_figures_of *of = &f->op[ops[slot->io.op]];

	figures_add(&f->answered, 1);
	if (slot->refused) {
		figures_add(&f->refused, 1);
		return;
	}
	figures_add(&of->latency[bucket_of(ns)], 1);
	if (slot->status == BLKIF_RSP_OKAY) {
		figures_add(&of->requests, 1);
		figures_add(&of->bytes, slot->io.bytes);
	} else {
		figures_add(&of->failed, 1);
	}
}

void figures_shown(struct blk_figures *f, uint64_t n, bool notify)
{
	if (notify)
		figures_add(&f->notified, 1);
	figures_add(&f->spared, n - notify);
}
