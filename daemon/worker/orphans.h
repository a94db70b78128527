/* SPDX-License-Identifier: MIT */
/*
 * Workers of an earlier xnd. They serve on for as long as their guest lives,
 * as they should; but when it ends, nobody is left who would end them. So xnd
 * looks for them once, at its start, by their programs and the arguments that
 * say whose they are.
 */
#ifndef XN_WORKER_ORPHANS_H
#define XN_WORKER_ORPHANS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct err;
struct orphans;

/*
 * Looks through /proc for worker processes. NULL with *e set. To be called
 * before this xnd starts any of its own.
 */
struct orphans *orphans_find(struct err *e);
void orphans_free(struct orphans *o); /* NULL is fine; nobody is ended */

/* Calls cb for each worker that serves a guest (its uuid in words). */
typedef void orphan_cb(uint32_t domid, const char *uuid, void *arg);
void orphans_each(struct orphans *o, orphan_cb *cb, void *arg);

/* Whether one of them is of this guest's; o is a struct orphans. */
bool orphans_have(uint32_t domid, const char *uuid, void *o);

/* Ends all that serve this guest. */
void orphans_end_guest(struct orphans *o, uint32_t domid, const char *uuid);

/* Ends the earlier xn-console: no guest of an earlier xnd is left. */
void orphans_end_consoles(struct orphans *o);

/* The arguments that a worker of a guest's is started with, for others' eyes. */
#define ORPHAN_DOMAIN_ARG "domain="
#define ORPHAN_UUID_ARG	  "uuid="

#endif
