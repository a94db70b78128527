/* SPDX-License-Identifier: MIT */
/*
 * The promise "after it has said READY it opens nothing", kept by the kernel.
 */
#ifndef XN_CHAN_CONFINE_H
#define XN_CHAN_CONFINE_H

struct err;

/*
 * From here on this process, with all its threads, cannot open or change what
 * a path names, make or connect a socket, set up an io_uring, start a program
 * or a process, trace or signal another one: such calls fail with EPERM.
 * Gains no new privileges either. Descriptors that it has, and an io_uring
 * made before, work on. Cannot be undone. 0 or -errno.
 */
int confine_self(struct err *e);

#endif
