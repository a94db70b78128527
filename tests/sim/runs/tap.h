/* SPDX-License-Identifier: MIT */
/* How a test on the bed says what held: "ok NAME: what", a line each. */
#ifndef XN_SIM_RUNS_TAP_H
#define XN_SIM_RUNS_TAP_H

#include <stdbool.h>

/* ok, for which it is returned too. What it was is made by format. */
bool tap(bool ok, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* A line that is no verdict. */
void tap_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The program's exit status: 0 when there were verdicts and all held. */
int tap_status(void);

#endif
