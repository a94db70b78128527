/* SPDX-License-Identifier: MIT */
/* Kernels and ramdisks, opened for the builder. */
#ifndef XN_HOST_KERNEL_H
#define XN_HOST_KERNEL_H

#include <stdint.h>

struct err;

/*
 * Opens the regular file at an absolute path for reading. what is "kernel" or
 * "ramdisk", for the error text and, with a kernel, for a look at its first
 * bytes: ELF, bzImage, or either gzipped, as libxenguest takes them. Empty
 * files and those over max_bytes are refused. Returns the descriptor,
 * close-on-exec, or -errno with *e set ("kernel: /path: …").
 */
int kernel_open(const char *path, const char *what, uint64_t max_bytes,
		struct err *e);

#endif
