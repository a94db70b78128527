/* SPDX-License-Identifier: MIT */
/* What a disk's front end has written of its rings, read and bounded. */
#ifndef XN_DEVICE_VBD_FRONT_H
#define XN_DEVICE_VBD_FRONT_H

#include <stdbool.h>
#include <stdint.h>

#include "chan/msg.h"

struct err;
struct xs_values;

/* What is offered; nothing more is taken. */
#define VBD_RING_ORDER_MAX 4
#define VBD_INDIRECT_MAX   256 /* xn-blk's BLK_SEGMENTS_MAX */

/* The keys to be read first, ended by NULL. */
extern const char *const vbd_front_keys[];

/*
 * From those: asks in more for the keys of every ring that a front end with
 * several of them, or with larger ones, has; false when it has neither, or
 * what it says of itself cannot be true. front: its directory.
 */
bool vbd_front_more(const struct xs_values *v, const char *front,
		    unsigned int queues, struct xs_values *more);

/*
 * Fills flags, n_queues, ring_pages and queues of start. queues: how many it
 * has been offered. 0, or -EPROTO with *e naming the key that is wrong.
 */
int vbd_front_read(const struct xs_values *v, unsigned int queues,
		   struct msg_blk_start *start, struct err *e);

#endif
