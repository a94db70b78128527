/* SPDX-License-Identifier: MIT */
/*
 * Test points, in TAP. The name of one is a promise of Xen or of dom0's
 * kernel, of the form "subject: what it does"; a program that prints the same
 * names on two machines has compared them.
 */
#ifndef XN_SIM_PROMISE_H
#define XN_SIM_PROMISE_H

#include <stdbool.h>

void promise(bool held, const char *name);

void promise_is(long long got, long long wanted, const char *name);

/* failed: the call said so; and errno is looked at here. */
void promise_errno(bool failed, int wanted, const char *name);

/* Without what has just failed nothing can be tried: says errno, and exits. */
_Noreturn void promise_give_up(const char *what);

/* Ends the output. The exit status: 0 if all held. */
int promise_end(void);

#endif
