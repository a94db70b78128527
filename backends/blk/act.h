/* SPDX-License-Identifier: MIT */
/*
 * A request's way through the image: as many operations as it takes, one
 * after the other, until all of it is done. Several may go it together.
 */
#ifndef XN_BLK_ACT_H
#define XN_BLK_ACT_H

#include "slot.h"

struct store;

/* Prepares the first operation; its tag is the slot's number. */
void act_begin(struct store *s, struct slot *slot);

/*
 * Has slot go with first, neither of which has begun, when they are plain
 * reads or writes that are neighbours in the image and in memory. False when
 * they are not.
 */
bool act_join(struct slot *first, struct slot *slot);

/*
 * Those that went together have failed: each begins anew, alone, for none is
 * to fail with another.
 */
void act_part(struct store *s, struct slot *first);

/*
 * An operation ended with result (bytes, or -errno). 1: the request is done;
 * 0: its next operation has been prepared; -errno: it has failed, -ENODATA
 * when the image ended before the request did.
 */
int act_advance(struct store *s, struct slot *slot, int result);

/* "read", "write" …, for log lines. */
const char *act_name(const struct slot *slot);

#endif
