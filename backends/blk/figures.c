/* SPDX-License-Identifier: MIT */
/* Mapping a disk's figures and adding to them. */
#include "figures.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>

#include "base/err.h"
#include "slot.h"

int figures_open(struct figures *f, int fd, unsigned int queues, struct err *e)
{
	size_t bytes = queues * sizeof(struct blk_figures);
	struct stat st;
	void *map;

	if (fstat(fd, &st) < 0)
		return err_errno(e, errno, "cannot look at its figures");
	if (st.st_size < 0 || (uint64_t)st.st_size < bytes)
		return err_set(e, EINVAL,
			       "started with %lld bytes for figures, of which "
			       "%u queues need %zu",
			       (long long)st.st_size, queues, bytes);
	map = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		return err_errno(e, errno, "cannot map its figures");
	f->queue = map;
	f->queues = queues;
	return 0;
}

void figures_close(struct figures *f)
{
	if (f->queue)
		munmap(f->queue, f->queues * sizeof(struct blk_figures));
	f->queue = NULL;
}

uint64_t figures_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

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
