/* SPDX-License-Identifier: MIT */
/* Which process serves an image. */
#ifndef XN_BENCH_RING_SERVER_H
#define XN_BENCH_RING_SERVER_H

#include <sys/types.h>

struct err;

/* The xn-blk that has the file at path open, or -errno with *e set. */
pid_t server_find(const char *path, struct err *e);

#endif
