/* SPDX-License-Identifier: MIT */
/*
 * What a script plays on: one guest and all devices that it was given. After
 * each step every device must work, whatever was done to one of them.
 */
#ifndef XN_SIM_GUEST_STAGE_H
#define XN_SIM_GUEST_STAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "tests/sim/guest/blk.h"
#include "tests/sim/guest/net.h"

#define STAGE_DEVICES 4

struct console;
struct event_base;
struct guest;

struct stage {
	struct guest *guest; /* owned, as is all below */
	unsigned int n_disks;
	struct blk *disks[STAGE_DEVICES];
	unsigned int n_nets;
	struct net *nets[STAGE_DEVICES];
	struct console *console;
	bool console_lost; /* by what the script did to it */
	bool over;	   /* the guest does not run any more */
	uint32_t seed;	   /* of the next pattern */
};

/* Boots and finds its devices. 0 or -errno with *e set. */
int stage_open(struct stage *s, struct event_base *base, uint32_t domid,
	       struct err *e);
/* Takes in devices that have come, and forgets those that are gone. */
int stage_look(struct stage *s, struct err *e);
/* Lets go of the guest: devices are closed unless it is over. */
void stage_close(struct stage *s);

/* Connects what is not connected, in the plainest way. */
int stage_connect(struct stage *s, struct err *e);
/*
 * Connected devices move data, nobody has broken what is owed, the console is
 * read. 0 or -errno with *e set.
 */
int stage_check(struct stage *s, struct err *e);
int stage_check_disk(struct stage *s, struct blk *b, struct err *e);
int stage_check_net(struct net *n, struct err *e);

/* The plainest way. */
extern const struct blk_want stage_plain_disk;
extern const struct net_want stage_plain_net;

#endif
