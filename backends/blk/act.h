/* SPDX-License-Identifier: MIT */
/*
 * A request's way through the image: as many operations as it takes, one
 * after the other, until all of it is done.
 */
#ifndef XN_BLK_ACT_H
#define XN_BLK_ACT_H

#include "slot.h"

struct store;

/* Prepares the first operation; its tag is the slot's number. */
void act_begin(struct store *s, struct slot *slot);

/*
 * An operation ended with result (bytes, or -errno). 1: the request is done;
 * 0: its next operation has been prepared; -errno: it has failed, -ENODATA
 * when the image ended before the request did.
 */
int act_advance(struct store *s, struct slot *slot, int result);

/* "read", "write" …, for log lines. */
const char *act_name(const struct slot *slot);

#endif
