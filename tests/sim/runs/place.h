/* SPDX-License-Identifier: MIT */
/* Addresses in our programs, in words: one addr2line a program, asked often. */
#ifndef XN_SIM_RUNS_PLACE_H
#define XN_SIM_RUNS_PLACE_H

#include <stddef.h>
#include <stdint.h>

struct places;

/* program: "xnd", "xn-blk" and so on. */
struct places *places_open(const char *program);
void places_close(struct places *p);

/*
 * "inner file.c:12 < outer file.c:34", of return addresses relative to the
 * program, innermost first, ended by 0 or n.
 */
void place_name(struct places *p, const uint64_t *frames, size_t n, char *text,
		size_t room);

#endif
