/* SPDX-License-Identifier: MIT */
/*
 * The promise "after it has said READY it opens nothing", kept by the kernel.
 */
#ifndef XN_CHAN_CONFINE_H
#define XN_CHAN_CONFINE_H

struct err;

/*
 * From here on this process cannot open a path, make or connect a socket,
 * start a program, trace or signal another process: such calls fail with
 * EPERM. Gains no new privileges either. Cannot be undone. 0 or -errno.
 */
int confine_self(struct err *e);

#endif
