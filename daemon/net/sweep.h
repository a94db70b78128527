/* SPDX-License-Identifier: MIT */
/* What an earlier xnd left for taps that are no more. For join.c alone. */
#ifndef XN_NET_SWEEP_H
#define XN_NET_SWEEP_H

struct err;
struct nets;
struct sweep;

/* For nets, which is borrowed; it has still to begin. NULL with *e set. */
struct sweep *sweep_new(struct nets *n, struct err *e);
/* Before the ovs and the queue of nets are closed. NULL is fine. */
void sweep_free(struct sweep *s);

/* Begins it; what it finds out goes to the log. As nets_sweep. */
void sweep_run(struct sweep *s);
/* Open vSwitch has answered: if that was what one lacked, it is made up for. */
void sweep_ovs_is_there(struct sweep *s);

#endif
