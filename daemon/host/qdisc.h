/* SPDX-License-Identifier: MIT */
/* What an interface does with frames that it cannot pass on at once. */
#ifndef XN_HOST_QDISC_H
#define XN_HOST_QDISC_H

struct err;

/*
 * Has an interface, which is down, pass on frames without a queueing
 * discipline when it comes up. A tap never asks for patience, it drops, so
 * that one would only cost: and the kernel makes one for each of the 256
 * queues that a tap of several may have, 7 MiB of pfifo_fast, 17 of fq_codel.
 * 0 or -errno with *e set.
 */
int qdisc_remove(const char *ifname, struct err *e);

#endif
