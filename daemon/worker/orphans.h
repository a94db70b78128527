/* SPDX-License-Identifier: MIT */
/*
 * Workers of an earlier xnd. They serve on for as long as their guest lives,
 * as they should; but when it ends, nobody is left who would end them. So xnd
 * looks for them once, at its start, by their programs and the arguments that
 * say whose they are. One that serves the vifs of several guests says whose by
 * the journals that it has mapped.
 */
#ifndef XN_WORKER_ORPHANS_H
#define XN_WORKER_ORPHANS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct err;
struct event_base;
struct orphans;

/*
 * Looks through /proc for worker processes. NULL with *e set. To be called
 * before this xnd starts any of its own.
 */
struct orphans *orphans_find(struct err *e);
void orphans_free(struct orphans *o); /* NULL is fine; nobody is ended */

/*
 * From now on ended is called from the loop each time that one of them has
 * ended, by us or otherwise; whatever it held, a tap, say, it then holds no
 * more. base is borrowed. 0 or -ENOMEM with *e set.
 */
int orphans_watch(struct orphans *o, struct event_base *base,
		  void (*ended)(void *arg), void *arg, struct err *e);

/* Calls cb for each guest (its uuid in words) that a worker serves. */
typedef void orphan_cb(uint32_t domid, const char *uuid, void *arg);
void orphans_each(struct orphans *o, orphan_cb *cb, void *arg);

/* Whether one of them is of this guest's; o is a struct orphans. */
bool orphans_have(uint32_t domid, const char *uuid, void *o);

/* Ends all that serve this guest and no other that has not been ended so. */
void orphans_end_guest(struct orphans *o, uint32_t domid, const char *uuid);

/*
 * Ends those that serve no guest in particular: the earlier xn-console, when
 * no guest of an earlier xnd is left.
 */
void orphans_end_consoles(struct orphans *o);

/* The arguments that a worker of a guest's is started with, for others' eyes. */
#define ORPHAN_DOMAIN_ARG "domain="
#define ORPHAN_UUID_ARG	  "uuid="
/* The first of one that serves several guests. */
#define ORPHAN_SHARED_ARG "vifs="

#endif
