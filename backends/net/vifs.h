/* SPDX-License-Identifier: MIT */
/*
 * Several vifs in one process, so that their guests can be given each other's
 * frames directly (fdb.h). Everything for each is opened at the start; xnd
 * sends a channel for each that there is to be, and on it a vif begins, serves
 * and ends as one that has a process to itself. Then its place is free for
 * another guest's.
 */
#ifndef XN_NET_VIFS_H
#define XN_NET_VIFS_H

#include <stdbool.h>

#include "chan/worker.h"
#include "fdb.h"

#define VIFS_MAX FDB_MEMBERS

struct err;
struct vifs;

/*
 * Opens every handle of n vifs (at most VIFS_MAX) of so many queues; to be
 * called before confinement. main, the process's own, is borrowed: it is
 * stopped once there is nobody left to serve and nobody who could say more.
 * NULL with *e set.
 */
struct vifs *vifs_new(struct worker *main, unsigned int n,
		      unsigned int n_queues, struct err *e);

/* NULL is fine. */
void vifs_free(struct vifs *v);

/*
 * A message of the main channel, or its end. What has begun goes on without
 * xnd: it may be on its way back.
 */
void vifs_obey(struct vifs *v, const union msg *m, int *fds);
void vifs_end(struct vifs *v);

#endif
