/* SPDX-License-Identifier: MIT */
/* What has no way back is tried in a child. */
#ifndef XN_TESTS_CHILD_H
#define XN_TESTS_CHILD_H

#include <stdbool.h>

/* Runs check in one: what it returns must be true. */
void in_child(bool (*check)(void));

/* Skips the test if we are not root. */
void need_root(void);

#endif
