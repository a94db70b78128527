/* SPDX-License-Identifier: MIT */
/* The memory in which a disk's workers count: see chan/blk_figures.h. */
#ifndef XN_HOST_FIGURES_H
#define XN_HOST_FIGURES_H

struct blk_figures;
struct err;

/*
 * Makes it, zero, for so many queues: a memfd that nobody can make shorter or
 * longer. The descriptor is the caller's; -errno with *e set.
 */
int figures_make(unsigned int queues, struct err *e);

/*
 * Copies those of one queue, by a system call, which a worker cannot disturb.
 * 0 or -errno.
 */
int figures_read(int fd, unsigned int queue, struct blk_figures *f);

#endif
