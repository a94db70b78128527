/* SPDX-License-Identifier: MIT */
/* The memory in which a device's workers count: see chan/…_figures.h. */
#ifndef XN_HOST_FIGURES_H
#define XN_HOST_FIGURES_H

#include <stddef.h>

struct err;

/*
 * Makes it, zero, of so many bytes a queue: a memfd that nobody can make
 * shorter or longer. The descriptor is the caller's; -errno with *e set.
 */
int figures_make(unsigned int queues, size_t bytes, struct err *e);

/*
 * Copies those of one queue, of so many bytes, by a system call, which a
 * worker cannot disturb. 0 or -errno.
 */
int figures_read(int fd, unsigned int queue, void *f, size_t bytes);

#endif
