/* SPDX-License-Identifier: MIT */
/*
 * Strict numbers: the whole text, decimal digits only (no sign, no blank, no
 * 0x), with a bound. For what files, clients and guests write.
 */
#ifndef XN_BASE_NUM_H
#define XN_BASE_NUM_H

#include <stdint.h>

/* 0, or -EINVAL (not a number) or -ERANGE (over max). *v is set on 0 only. */
int num_parse_u64(const char *text, uint64_t max, uint64_t *v);
int num_parse_u32(const char *text, uint32_t max, uint32_t *v);

#endif
