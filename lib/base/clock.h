/* SPDX-License-Identifier: MIT */
/* The time that intervals are measured by. */
#ifndef XN_BASE_CLOCK_H
#define XN_BASE_CLOCK_H

#include <stdint.h>

/* Nanoseconds of CLOCK_MONOTONIC. */
uint64_t clock_ns(void);

#endif
