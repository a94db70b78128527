/* SPDX-License-Identifier: MIT */
/*
 * A network namespace of the test's own with a bridge xenbr0, in which taps
 * come to their places.
 */
#ifndef XN_TESTS_NET_WORLD_H
#define XN_TESTS_NET_WORLD_H

#include <stdbool.h>

#include "base/err.h"
#include "daemon/net/join.h"
#include "daemon/net/place.h"

struct event_base;
struct links;
struct nl_sock;
struct rtnl_link;

struct net_world {
	struct event_base *base;
	struct links *links;
	struct nets *nets;
	struct nl_sock *netlink;
};

extern struct net_world net_world;

/* What a join_cb is told. */
struct told {
	bool is;
	struct err e; /* text "" for well */
};

/* For cmocka_run_group_tests. */
int net_world_enter(void **state);
int net_world_leave(void **state);
/* Root, taps, and a namespace: whether there can be such a world. */
bool net_world_can_be(void);

/* An interface, which the caller puts. Fails the test when there is none. */
struct rtnl_link *net_world_look(const char *ifname);
void net_world_add_bridge(const char *name);
void net_world_delete(const char *ifname);
void net_world_set_mtu(const char *ifname, unsigned int mtu);
/* "10.1.0.1/24" */
void net_world_add_address(const char *ifname, const char *text);

/* A place of the guest 00:16:3e:00:00:01; prefixes end with NULL. */
struct place net_world_place(const char *ifname, const char *bridge,
			     const char *const *prefixes);

void net_world_on_told(const struct err *e, void *arg); /* a join_cb */
/* Runs the loop until it is so. Fails the test after five seconds. */
void net_world_await(const bool *flag);

/* join_begin, and how it ended. NULL when it was refused. */
struct join *net_world_join(const struct place *place, struct err *e);
/* Likewise: 0 or -errno. */
int net_world_move(struct join *j, const struct place *place, struct err *e);
/* join_leave to its end, and join_free. */
void net_world_part(struct join *j);

/* What nft(8) says to these commands; the caller frees it. */
char *net_world_nft(const char *commands);

#endif
