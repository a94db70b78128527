/* SPDX-License-Identifier: MIT */
/* What MSG_NET_START says, checked, in the terms of the queues. */
#ifndef XN_NET_START_H
#define XN_NET_START_H

#include "chan/msg.h"
#include "queue.h"

struct err;

/*
 * Says whether everything below can rely on it. n_queues: how many there are.
 * 0 or -errno with *e set. Pure, as all of these.
 */
int start_check(const struct msg_net_start *start, unsigned int n_queues,
		struct err *e);

/* What queue number i has of its own. */
void start_wires(const struct msg_net_start *start, unsigned int i,
		 struct queue_wires *wires);

#endif
