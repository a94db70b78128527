/* SPDX-License-Identifier: MIT */
/*
 * A unit test that runs out of memory where it wants to: for programs that are
 * linked with $(starve_link), what our objects allocate.
 */
#ifndef XN_UNIT_STARVE_H
#define XN_UNIT_STARVE_H

#include <stdbool.h>

/* The nth allocation from now on, from 1, fails; 0: none. */
void starve(unsigned int nth);

/* Ends that. True when it has come to it. */
bool starve_over(void);

#endif
