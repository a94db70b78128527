/* SPDX-License-Identifier: MIT */
/*
 * Counting what a disk does, where xnd can read it (chan/blk_figures.h). Each
 * queue's figures are written by its own thread alone, with plain stores of
 * whole words: a few nanoseconds a request, and no lock.
 */
#ifndef XN_BLK_FIGURES_H
#define XN_BLK_FIGURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "chan/blk_figures.h"

struct err;
struct slot;

struct figures {
	struct blk_figures *queue; /* owned: the mapping; NULL when closed */
	unsigned int queues;
};

/*
 * Maps the memory behind fd, which the caller keeps and may close. 0, or
 * -errno with *e set: EINVAL when it is too small for so many queues.
 */
int figures_open(struct figures *f, int fd, unsigned int queues, struct err *e);

/* Fine when closed, and when all zero. */
void figures_close(struct figures *f);

/* Nanoseconds, of the clock of all that is measured or capped here. */
uint64_t figures_now_ns(void);

/*
 * A successor takes over: what has been taken is what has been answered, and
 * the backlog that is still to be. A worker that was killed may have answered
 * its last few requests without counting them.
 */
void figures_resume(struct blk_figures *f, unsigned int backlog);

/* Adds n to one of them. */
static inline void figures_add(uint64_t *figure, uint64_t n)
{
	/* Nobody else writes it, so that no lock on the bus is needed. */
	__atomic_store_n(figure, *figure + n, __ATOMIC_RELAXED);
}

/* The request in slot has been answered, so long after it was taken. */
void figures_answered(struct blk_figures *f, const struct slot *slot,
		      uint64_t ns);

/* n answers have been shown to the guest, which wants to hear of it or not. */
void figures_shown(struct blk_figures *f, uint64_t n, bool notify);

#endif
