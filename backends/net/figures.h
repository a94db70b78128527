/* SPDX-License-Identifier: MIT */
/*
 * Counting what a vif does, where xnd can read it (chan/net_figures.h). Each
 * queue's figures are written by its own thread alone.
 */
#ifndef XN_NET_FIGURES_H
#define XN_NET_FIGURES_H

#include <stdint.h>

#include "chan/net_figures.h"

struct err;

struct figures {
	struct net_figures *queue; /* owned: the mapping; NULL when closed */
	unsigned int queues;
};

/*
 * Maps the memory behind fd, which the caller keeps and may close. 0, or
 * -errno with *e set: EINVAL when it is too small for so many queues.
 */
int figures_open(struct figures *f, int fd, unsigned int queues, struct err *e);

/* Fine when closed, and when all zero. */
void figures_close(struct figures *f);

/* Adds n to one of them. */
static inline void figures_add(uint64_t *figure, uint64_t n)
{
	/* Nobody else writes it, so that no lock on the bus is needed. */
	__atomic_store_n(figure, *figure + n, __ATOMIC_RELAXED);
}

#endif
