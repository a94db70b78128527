/* SPDX-License-Identifier: MIT */
/*
 * A guest that a test plays: created through xnd with a disk, a vif and a
 * console, which it uses as a stock kernel would. Each step says in *e what
 * did not work, and may be taken whatever became of the one before.
 */
#ifndef XN_SIM_RUNS_ACTOR_H
#define XN_SIM_RUNS_ACTOR_H

#include <stdbool.h>
#include <stdint.h>

struct blk;
struct call;
struct console;
struct err;
struct guest;
struct net;
struct world;

struct actor {
	struct world *w; /* borrowed */
	char name[32];
	unsigned int number; /* its own: MAC and disk follow from it */
	unsigned int direct; /* a bit for each vif that is */
	const char *ip;	     /* vifs made now are kept to it; or NULL */
	uint32_t seed;	     /* of the next pattern */
	uint32_t domid;	     /* 0: not created */
	int host;	     /* owned: the bridge's end of its network */
	struct guest *guest; /* owned, as are the next; NULL: not there */
	struct blk *disk;    /* xvda */
	struct net *vif;     /* 0 */
	struct console *console;
	struct blk *more_disk; /* xvdb, of actor_attach */
	struct net *more_vif;  /* 1 */
};

/* Its disks are files that it makes in the bed's folder. */
void actor_init(struct actor *a, struct world *w, unsigned int number);
/* Lets go of what it plays; the domain lives or dies by others. */
void actor_leave(struct actor *a);
void actor_free(struct actor *a);

/* domain.create. 0 or -errno with *e set. */
int actor_create(struct actor *a, struct err *e);
/* The same in two, for what others do meanwhile. */
struct call *actor_begin_create(struct actor *a);
int actor_end_create(struct actor *a, struct call *c, struct err *e);
/* Takes the running domain over and connects its devices. */
int actor_boot(struct actor *a, struct err *e);

/* Bytes written and read back, a frame each way, a line to the log. */
int actor_use(struct actor *a, struct err *e);
int actor_use_disk(struct actor *a, struct blk *disk, struct err *e);
int actor_use_vif(struct actor *a, struct net *vif, struct err *e);
int actor_use_console(struct actor *a, struct err *e);

/* Everything that is asked or told it without more: lists, pause, unpause. */
int actor_ask(struct actor *a, struct err *e);

/* A second disk and a second vif: attached, connected, used; taken away. */
int actor_attach_disk(struct actor *a, struct err *e);
int actor_attach_vif(struct actor *a, struct err *e);
int actor_detach_disk(struct actor *a, struct err *e);
int actor_detach_vif(struct actor *a, struct err *e);
/* Its second disk is taken by force: it does not let go. */
int actor_force_disk(struct actor *a, struct err *e);

/* domain.destroy; and the guest is let go of. */
int actor_destroy(struct actor *a, struct err *e);
struct call *actor_begin_destroy(struct actor *a);
int actor_end_destroy(struct actor *a, struct call *c, struct err *e);
/* What a guest's own poweroff leads to: heard of by domain.wait. */
int actor_power_off(struct actor *a, struct err *e);

#endif
