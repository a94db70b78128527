/* SPDX-License-Identifier: MIT */
/*
 * The load that is put on an image in two ways: DEPTH requests of 4 KiB at
 * random places at a time, until the time is over and all are done.
 */
#ifndef XN_BENCH_RING_WORK_H
#define XN_BENCH_RING_WORK_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#define WORK_BYTES     4096u
#define WORK_DEPTH_MAX 32u

struct blk;
struct err;

struct work {
	bool write;
	unsigned int depth;
	uint64_t blocks; /* of WORK_BYTES, that the image has */
	uint64_t ms;
};

/* xorshift64: cheap, and the same on every run. *seed is not 0. */
static inline uint64_t work_block(const struct work *w, uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed % w->blocks;
}

static inline uint64_t work_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/*
 * How many were done, or -errno with *e set. By an io_uring of this
 * process's own on the file at path, as bare as can be but with what a back
 * end could not do without either: a registered file, and registered buffers.
 */
int64_t work_bare(const char *path, const struct work *w, struct err *e);

/* By a guest's request ring; b is connected, and nothing is outstanding. */
int64_t work_ring(struct blk *b, const struct work *w, struct err *e);

#endif
