/* SPDX-License-Identifier: MIT */
/*
 * A tap's membership: in a Linux bridge (with VLANs), in a bridge of Open
 * vSwitch, or beside routes of its own, with its guest pinned to its MAC and
 * addresses. Nothing here blocks for longer than a round trip to the kernel:
 * Open vSwitch is asked from the loop.
 */
#ifndef XN_NET_JOIN_H
#define XN_NET_JOIN_H

#include <stdint.h>

struct err;
struct event_base;
struct join;
struct links;
struct nets;
struct place;

/* What joins stand on: one a daemon. links is borrowed. NULL with *e set. */
struct nets *nets_open(struct event_base *base, struct links *links,
		       const char *ovs_socket, struct err *e);
void nets_close(struct nets *n); /* NULL is fine */

/* e: NULL when it went well. Called once, from the loop. */
typedef void join_cb(const struct err *e, void *arg);

/*
 * Puts place's tap, which is there and down, to its place and brings it up.
 * place is copied. NULL with *e set when it is clear at once that this cannot
 * be (no such bridge, of either kind that answers at once; VLANs on a bridge
 * that does not filter them): nothing is changed. Otherwise done hears how it
 * went; on failure all is undone but what goes with the tap.
 */
struct join *join_begin(struct nets *n, const struct place *place,
			join_cb *done, void *arg, struct err *e);

/*
 * Another place for the same tap, which goes on being used: its ifname and mac
 * are those of before. 0: done hears; the old place is left only when the new
 * one is taken, and kept when that fails. -errno with *e set.
 */
int join_move(struct join *j, const struct place *place, join_cb *done,
	      void *arg, struct err *e);

/*
 * Undoes what does not go with the tap (Open vSwitch's port, nftables' rules),
 * then done hears of it, once, from the loop: always with NULL, since what
 * could not be undone is logged. A done of before is not called any more.
 */
void join_leave(struct join *j, join_cb *done, void *arg);

/* Frees it; what was not undone stays. No done is called. NULL is fine. */
void join_free(struct join *j);

/* "bridge", "openvswitch" or "routed": how the tap came to its place. */
const char *join_way(const struct join *j);
/* The mtu that the tap has got. 0 until done. */
uint32_t join_mtu(const struct join *j);

/*
 * The segment that the tap is in: others with the same number, and only they,
 * are in the same Linux bridge and there in the same one VLAN, with no tags.
 * 0: it cannot be said of any other that it is in the same; on the way, routed,
 * in a bridge of Open vSwitch, in several VLANs, and when memory is out.
 */
uint32_t join_segment(const struct join *j);

/*
 * Removes what an earlier xnd left for taps that are no more (rules, Open
 * vSwitch's ports): those that carry xn's mark and whose interface does not
 * exist. At any time: while it is at it, another sweep follows. When Open
 * vSwitch is not there, its ports are looked at as soon as a join finds it.
 */
void nets_sweep(struct nets *n);

#endif
