/* SPDX-License-Identifier: MIT */
/*
 * What a script plays on: one guest and all devices that it was given. After
 * each step every device must work, whatever was done to one of them.
 */
#ifndef XN_SIM_GUEST_SCENE_H
#define XN_SIM_GUEST_SCENE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "tests/sim/guest/blk.h"
#include "tests/sim/guest/net.h"

#define SCENE_DEVICES 4

struct console;
struct event_base;
struct guest;

struct scene {
	struct guest *guest; /* owned, as is all below */
	unsigned int n_disks;
	struct blk *disks[SCENE_DEVICES];
	unsigned int n_nets;
	struct net *nets[SCENE_DEVICES];
	struct console *console;
	bool console_lost; /* by what the script did to it */
	bool over;	   /* the guest does not run any more */
	uint32_t seed;	   /* of the next pattern */
	struct blk_want disk_want;
	/* The first of each kind is connected by the steps alone. */
	bool rests;
};

/* Boots and finds its devices. 0 or -errno with *e set. */
int scene_open(struct scene *s, struct event_base *base, uint32_t domid,
	       struct err *e);
/* Takes in devices that have come, and forgets those that are gone. */
int scene_look(struct scene *s, struct err *e);
/* Lets go of the guest: devices are closed unless it is over. */
void scene_close(struct scene *s);

/* Connects what is not connected, disks as disk_want says. */
int scene_connect(struct scene *s, struct err *e);
/*
 * Connected devices move data, nobody has broken what is owed, the console is
 * read. 0 or -errno with *e set.
 */
int scene_check(struct scene *s, struct err *e);
int scene_check_disk(struct scene *s, struct blk *b, struct err *e);
int scene_check_net(struct net *n, struct err *e);

/* The plainest way. */
extern const struct blk_want scene_plain_disk;
extern const struct net_want scene_plain_net;

#endif
