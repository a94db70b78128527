/* SPDX-License-Identifier: MIT */
/*
 * The ways in which a tap comes to its place, and the inside of a join, which
 * goes one of them. For join.c, sweep.c and the ways themselves.
 */
#ifndef XN_NET_WAY_H
#define XN_NET_WAY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "daemon/net/join.h"
#include "daemon/net/place.h"

struct event;
struct nft;
struct nft_queue;
struct ovs;
struct ovs_call;
struct segments;
struct sweep;

struct nets {
	struct event_base *base;   /* borrowed */
	struct links *links;	   /* borrowed */
	struct ovs *ovs;	   /* owned */
	struct nft_queue *nft;	   /* owned */
	struct segments *segments; /* owned */
	struct sweep *sweep;	   /* owned */
};

/*
 * Each is called with the place to take or to leave. 0, -errno with *e set,
 * or -EINPROGRESS: join_stepped follows, from the loop.
 */
struct way {
	const char *name;
	/* Whether it can be, as far as that is known at once. May be NULL. */
	int (*check)(struct join *j, const struct place *to, struct err *e);
	/*
	 * Takes the tap there and brings it up; from another place of the same
	 * way when this one replaces, else from none. On failure something may
	 * be left that leave, or another enter, takes away.
	 */
	int (*enter)(struct join *j, const struct place *to, struct err *e);
	/* Fine for what was not or half entered. */
	int (*leave)(struct join *j, const struct place *from, struct err *e);
	bool replaces; /* enter goes from one place to another by itself */
	bool stays;    /* what enter does outlives the tap */
};

extern const struct way way_bridge, way_ovs, way_routed;

/* Where a join is on its way to. */
enum journey {
	JOURNEY_NONE,
	JOURNEY_THERE, /* to its new place */
	JOURNEY_BACK,  /* to the old one, or nowhere */
	JOURNEY_AWAY,
};

struct join {
	struct nets *nets; /* borrowed */
	struct place place;
	const struct way *way; /* to place; NULL: in none */
	struct place to;
	const struct way *to_way; /* NULL: nowhere */
	enum journey journey;
	unsigned int step; /* of its row */
	bool left;	   /* place, if it was in one */
	bool tried;	   /* to be entered */
	bool astray;	   /* not in place: it could not be brought back */
	bool fenced;	   /* rules may stand */
	bool has_vlans;	   /* the port of a Linux bridge, by us */
	uint32_t mtu;
	int bridge;	       /* of Linux: the index of the one last entered */
	struct err why;	       /* what failed first; text "": nothing */
	struct ovs_call *call; /* under way; the ovs's */
	struct nft *nft;       /* owned: under way */
	struct event *told;    /* owned */
	join_cb *done;
	void *arg;
};

/* What was -EINPROGRESS has ended. e: NULL when it went well. */
void join_stepped(struct join *j, const struct err *e);

#endif
