/* SPDX-License-Identifier: MIT */
/* Counting what a disk's queue does, where xnd can read it. */
#ifndef XN_BLK_FIGURES_H
#define XN_BLK_FIGURES_H

#include <stdbool.h>
#include <stdint.h>

#include "chan/blk_figures.h"
#include "chan/figures.h"

struct slot;

/*
 * A successor takes over: what has been taken is what has been answered, and
 * the backlog that is still to be. A worker that was killed may have answered
 * its last few requests without counting them.
 */
void figures_resume(struct blk_figures *f, unsigned int backlog);

/* The request in slot has been answered, so long after it was taken. */
void figures_answered(struct blk_figures *f, const struct slot *slot,
		      uint64_t ns);

/* n answers have been shown to the guest, which wants to hear of it or not. */
void figures_shown(struct blk_figures *f, uint64_t n, bool notify);

#endif
