/* SPDX-License-Identifier: MIT */
/* Noticing that domains have shut down or are gone. */
#ifndef XN_DOMAIN_DEATH_H
#define XN_DOMAIN_DEATH_H

struct err;
struct xnd;

/* Begins to watch; x->released holds the watch. 0 or -errno with *e set. */
int death_watch(struct xnd *x, struct err *e);

/* "poweroff", "reboot", … for a SHUTDOWN_* code of xen/sched.h. */
const char *death_reason_name(unsigned int reason);

#endif
