/* SPDX-License-Identifier: MIT */
/*
 * A worker's end of the figures that xnd reads (chan/blk_figures.h and
 * chan/net_figures.h): a struct of them a queue, in memory that both map. Each
 * queue's are written by its own thread alone, with plain stores of whole
 * words: a few nanoseconds, and no lock.
 */
#ifndef XN_CHAN_FIGURES_H
#define XN_CHAN_FIGURES_H

#include <stddef.h>
#include <stdint.h>

struct err;

struct figures {
	void *queues; /* owned: the mapping, one after the other; or NULL */
	size_t bytes;
};

/*
 * Maps the memory behind fd, which the caller keeps and may close, for queues
 * with figures of so many bytes each. 0, or -errno with *e set: EINVAL when it
 * is too small for them.
 */
int figures_open(struct figures *f, int fd, unsigned int queues, size_t each,
		 struct err *e);

/* Fine when closed, and when all zero. */
void figures_close(struct figures *f);

/* Adds n to one of them. */
static inline void figures_add(uint64_t *figure, uint64_t n)
{
	/* Nobody else writes it, so that no lock on the bus is needed. */
	__atomic_store_n(figure, *figure + n, __ATOMIC_RELAXED);
}

#endif
