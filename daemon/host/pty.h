/* SPDX-License-Identifier: MIT */
/* Pseudo-terminals: where other tools find a guest's console. */
#ifndef XN_HOST_PTY_H
#define XN_HOST_PTY_H

#define PTY_PATH_BYTES 64

struct err;

/*
 * Makes a pty in raw mode, whose slave only root may open, and puts the
 * slave's path into path. Returns the master, non-blocking and close-on-exec,
 * or -errno with *e set. The master reports a hang-up (EIO, POLLHUP) whenever
 * nobody has the slave open, from the start.
 */
int pty_open(char path[PTY_PATH_BYTES], struct err *e);

#endif
