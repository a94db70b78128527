/* SPDX-License-Identifier: MIT */
/*
 * Numbers for what a bridge and an untagged VLAN of it make together: between
 * two taps with the same number the bridge would hand on any frame that has
 * its destination's address. A bridge is its interface index: one that is made
 * anew under the same name has another, and not the ports of the first.
 */
#ifndef XN_NET_SEGMENTS_H
#define XN_NET_SEGMENTS_H

#include <stdint.h>

struct err;
struct segments;

struct segments *segments_new(struct err *e); /* NULL with *e set */
void segments_free(struct segments *s);	      /* NULL is fine */

/*
 * The same number for the same two, and no other gets it while s lives.
 * pvid 0: whatever VLAN the bridge puts untagged frames into. 0: no memory for
 * one more.
 */
uint32_t segments_number(struct segments *s, int bridge, uint16_t pvid);

#endif
