/* SPDX-License-Identifier: MIT */
/*
 * Memory for yajl, which does not look whether it got what it asked for: when
 * there is none, whatever runs is left at once. For this folder alone.
 */
#ifndef XN_JSON_MEMORY_H
#define XN_JSON_MEMORY_H

#include <setjmp.h>
#include <stdbool.h>
#include <sys/queue.h>
#include <yajl/yajl_common.h>

struct memory {
	LIST_HEAD(, block) blocks; /* owned; yajl's */
	jmp_buf out;
	yajl_alloc_funcs funcs; /* for yajl_alloc or yajl_gen_alloc */
};

/*
 * Calls run(arg), then frees all that m->funcs have given, so that run need
 * not free its yajl. False when memory was out: run was left by longjmp, in a
 * call of yajl. What run owns besides must be within reach of its arg.
 */
bool memory_run(struct memory *m, void (*run)(void *arg), void *arg);

#endif
