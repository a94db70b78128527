/* SPDX-License-Identifier: MIT */
/* Whom the kernel says that a worker is, which is nobody. */
#ifndef XN_SIM_RUNS_NOBODY_H
#define XN_SIM_RUNS_NOBODY_H

#include <stdint.h>

struct err;

/* worker_uids of xnd.conf(5), and xn-console's and the first shared one's. */
#define NOBODY_FIRST   2000000000u
#define NOBODY_CONSOLE (NOBODY_FIRST + 0x7ff0)
#define NOBODY_SHARED  (NOBODY_FIRST + 0x7ff1)

/*
 * Of every process of that program, with each of its threads: that it is user
 * and group *user and in no other group, has no capability and cannot get one,
 * is under a seccomp filter, and has no folder but the empty one. 0, or -errno
 * with *e saying what is not so: of different users, too, or if there is none.
 */
int nobody_look(const char *program, uint32_t *user, struct err *e);

#endif
