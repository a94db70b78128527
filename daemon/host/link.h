/* SPDX-License-Identifier: MIT */
/*
 * Interfaces and bridges of the host, over rtnetlink. Each call is a round
 * trip to the kernel. A struct links belongs to the network namespace that it
 * was opened in.
 */
#ifndef XN_HOST_LINK_H
#define XN_HOST_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct links;
struct nl_msg;
struct rtnl_link;

/* NULL with *e set. */
struct links *links_open(struct err *e);
void links_close(struct links *l); /* NULL is fine */

bool links_exists(struct links *l, const char *ifname);

/* 0 when bridge is a Linux bridge; else -ENODEV or -EINVAL with *e set. */
int links_check_bridge(struct links *l, const char *bridge, struct err *e);

/*
 * Of the kinds that the interface named like a bridge of Open vSwitch may be:
 * its own, or a tap's when the datapath is a program. Only Open vSwitch knows.
 */
bool links_may_be_openvswitch(struct links *l, const char *ifname);
bool links_is_tap(struct links *l, const char *ifname);

/* ---- for those who speak rtnetlink themselves ---- */

/* The caller puts *link. 0, or -errno with *e set: -ENODEV for none. */
int links_find(struct links *l, const char *ifname, struct rtnl_link **link,
	       struct err *e);

#define LINKS_MESSAGE_BYTES 36864 /* every VLAN by itself fits */

/* A request that begins with head. NULL when memory is out. */
struct nl_msg *links_message(int type, int flags, const void *head,
			     size_t size);

/*
 * Has the kernel do what m asks. m is taken; NULL stands for one that there
 * was no memory for. 0 or -errno, with *e in the kernel's words if it has any.
 */
int links_tell(struct links *l, struct nl_msg *m, struct err *e);
/* The same of a question (NLM_F_DUMP for a list): each hears every answer. */
int links_ask(struct links *l, struct nl_msg *m,
	      int (*each)(struct nl_msg *answer, void *arg), void *arg,
	      struct err *e);

#endif
