/* SPDX-License-Identifier: MIT */
/* What a vif's front end has written of its rings, read and bounded. */
#ifndef XN_DEVICE_VIF_FRONT_H
#define XN_DEVICE_VIF_FRONT_H

#include <stdbool.h>
#include <stdint.h>

#include "chan/msg.h"

struct err;
struct xs_values;

/* The keys to be read first, ended by NULL. */
extern const char *const vif_front_keys[];

/*
 * From those: asks in more for the keys of every queue of a front end that has
 * several; false when it has one, or what it says of itself cannot be true.
 * front: its directory.
 */
bool vif_front_more(const struct xs_values *v, const char *front,
		    unsigned int queues, struct xs_values *more);

/*
 * Fills flags, the control ring's numbers, n_queues and queues of start, which
 * is zero. queues: how many it has been offered. 0, or -EPROTO with *e naming
 * the key that is wrong.
 */
int vif_front_read(const struct xs_values *v, unsigned int queues,
		   struct msg_net_start *start, struct err *e);

/* How many bytes of a page it wants left free: MSG_NET_HEADROOM_MAX at most. */
uint32_t vif_front_headroom(const struct xs_values *v);

/* Whether it wants only the multicast that it asks for. */
bool vif_front_multicast(const struct xs_values *v);

#endif
