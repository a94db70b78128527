/* SPDX-License-Identifier: MIT */
/* What an earlier xnd left for taps that are no more. For join.c alone. */
#ifndef XN_NET_SWEEP_H
#define XN_NET_SWEEP_H

struct nets;
struct sweep;

/* Begins it; what it finds out goes to the log. NULL: it cannot. */
struct sweep *sweep_new(struct nets *n);
/* Before the ovs and the queue of nets are closed. NULL is fine. */
void sweep_free(struct sweep *s);

#endif
