/* SPDX-License-Identifier: MIT */
/*
 * A vif of domain 7 in a bridge xenbr0, as device_world.h has it, whose front
 * end has two queues; in a network namespace of the test's own, with another
 * bridge xenbr1.
 */
#ifndef XN_TESTS_VIF_WORLD_H
#define XN_TESTS_VIF_WORLD_H

#include "tests/unit/device_world.h"

#define JOURNAL "journal/" UUID ".7.0"

extern struct nl_sock *netlink;
extern const struct vif_rate no_rate;

/* Attached, and no front end yet. */
struct world *attached(const struct vif_rate *rate);
void connect_it(void);
/* Both, and its worker serves. */
struct world *serving(const struct vif_rate *rate);
/* Ends the device; nothing is left. */
void finish(struct world *w);

/* Kills the worker and runs until xnd has seen that. */
void lose_worker(struct world *w);
void run_until_state(struct world *w, enum xenbus_state state);
/* Until that node reads so. */
void await(struct world *w, const char *path, const char *value);

/* For main: the tests in that namespace, or none where there can be none. */
int vif_world_main(int argc, char **argv, int (*run)(void));

#endif
