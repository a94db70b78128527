/* SPDX-License-Identifier: MIT */
/*
 * Hotplug scripts of a guest that an earlier xnd made and that is gone: what
 * they have set up is taken away again, by what the nodes of its devices say.
 */
#ifndef XN_DOMAIN_LEFTOVER_SCRIPTS_H
#define XN_DOMAIN_LEFTOVER_SCRIPTS_H

#include <stdint.h>

struct leftover_scripts;
struct xnd;

/*
 * Runs every script of the domain's once more, one after the other: "remove"
 * for a disk, "offline" for a vif. done is called from the loop when all have
 * ended, however they did. NULL when memory is out: done is not called. x is
 * borrowed.
 */
struct leftover_scripts *leftover_scripts_undo(struct xnd *x, uint32_t domid,
					       void (*done)(void *arg),
					       void *arg);
/* In done, too. A script that still runs, runs on. NULL is fine. */
void leftover_scripts_free(struct leftover_scripts *s);

#endif
