/* SPDX-License-Identifier: MIT */
/* The terminal on stdin: made raw, and given back on every way out. */
#ifndef XN_CLI_TTY_H
#define XN_CLI_TTY_H

#include <stdbool.h>

/*
 * Makes stdin raw: every key is a byte, none a signal. False when stdin is no
 * terminal or will not; nothing has changed then.
 */
bool tty_raw(void);

/* As it was before tty_raw. Also done by exit(3). Harmless otherwise. */
void tty_restore(void);

#endif
