/* SPDX-License-Identifier: MIT */
/* What MSG_BLK_START says, checked, in the terms of the queues. */
#ifndef XN_BLK_START_H
#define XN_BLK_START_H

#include "chan/msg.h"
#include "queue.h"

struct err;

/*
 * Says whether everything below can rely on it. n_queues: how many there are.
 * 0 or -errno with *e set. Pure, as all of these.
 */
int start_check(const struct msg_blk_start *start, unsigned int n_queues,
		struct err *e);

/* Of the disk; the unit of discards is the least, see image_check. */
void start_limits(const struct msg_blk_start *start, struct blk_limits *limits);

/* What queue number i has of its own; the rest of peer stays as it is. */
void start_peer(const struct msg_blk_start *start, unsigned int i,
		struct queue_peer *peer);

#endif
