/* SPDX-License-Identifier: MIT */
/*
 * What there is, told by everybody who could hold a remainder: the
 * hypervisor's counters, every node of xenstore, processes, network
 * interfaces, files under /run/xn, and how many descriptors xnd has. Two of
 * these texts are equal when nothing has leaked between them.
 */
#ifndef XN_SIM_RUNS_REMAINS_H
#define XN_SIM_RUNS_REMAINS_H

struct err;
struct world;

/* A line an item; the caller frees it. NULL: no memory. */
char *remains_text(struct world *w);

/*
 * The same once nothing moves any more. Whoever takes a while to end, and does
 * nothing that shows meanwhile, is in it: see remains_await_end.
 */
char *remains_rest(struct world *w);

/*
 * Waits until no process of that program lives: none holds anything any more.
 * 0; or -EBUSY with *e set when one does after ms.
 */
int remains_await_end(struct world *w, const char *program, unsigned int ms,
		      struct err *e);

/*
 * Waits until there is what there was before. 0; or -EBUSY when it is not so
 * within ms, with *e naming the first lines that have come and gone.
 */
int remains_settle(struct world *w, const char *before, unsigned int ms,
		   struct err *e);

#endif
