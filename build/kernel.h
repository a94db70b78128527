/* SPDX-License-Identifier: MIT */
/*
 * What a kernel file looks like from outside, for the words in which one is
 * refused. Whether it can be built from is for libxenguest to say.
 */
#ifndef XN_BUILD_KERNEL_H
#define XN_BUILD_KERNEL_H

#include <stddef.h>

enum kernel_kind {
	KERNEL_UNKNOWN,
	KERNEL_ELF,	   /* 64-bit, with headers that lie within the file */
	KERNEL_ELF_BROKEN, /* 64-bit, with headers that do not */
	KERNEL_ELF_OTHER,  /* for another machine, 32-bit x86 included */
	KERNEL_BZIMAGE,
	KERNEL_GZIP,
};

/* Pure. bytes may be NULL when size is 0. */
enum kernel_kind kernel_kind(const void *bytes, size_t size);

#endif
