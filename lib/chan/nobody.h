/* SPDX-License-Identifier: MIT */
/*
 * A process of root's that has opened what it needs becomes a user without a
 * name, who may do nothing and sees nothing.
 */
#ifndef XN_CHAN_NOBODY_H
#define XN_CHAN_NOBODY_H

#include <stdint.h>

struct err;

/*
 * From here on this process, with all its threads, is user and group id (not
 * 0), in no other group and without capabilities, and dir, which ought to be
 * root's and empty, is its root and its working directory. Descriptors that it
 * has work on, so there must be none of a folder. Cannot be undone. 0, or
 * -errno with *e set: then it may be half done, and the process must end.
 */
int nobody_become(uint32_t id, const char *dir, struct err *e);

#endif
