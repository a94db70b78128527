/* SPDX-License-Identifier: MIT */
/* Where in its program a simulated call was made. */
#ifndef XN_SIM_SITE_H
#define XN_SIM_SITE_H

#include <stdint.h>

#include "tests/sim/protocol.h"

/*
 * The calling thread's return addresses that lie in the main program,
 * relative to its load address, innermost first, zeros after them. Returns
 * their hash, never 0. The first use in a process loads the unwinder.
 */
uint64_t site_here(uint64_t frames[SIM_SITE_FRAMES]);

#endif
