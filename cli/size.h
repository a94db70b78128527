/* SPDX-License-Identifier: MIT */
/* Sizes as people write and read them. */
#ifndef XN_CLI_SIZE_H
#define XN_CLI_SIZE_H

#include <stdint.h>

struct err;

/*
 * Digits and a unit: b (bytes), k, m, g or t (of 1024 each), or the same in
 * capitals, as xl writes them for memory. The unit cannot be left out: it is
 * MiB to xl and bytes to truncate(1), and a disk is easily cut. 0, or -errno
 * with *e set.
 */
int size_parse(const char *text, uint64_t *bytes, struct err *e);

/* For people: "1.2 GiB". Returns out. */
const char *size_print(int64_t bytes, char out[24]);

#endif
