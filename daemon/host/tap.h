/* SPDX-License-Identifier: MIT */
/* Taps: the host's end of a guest's network interface. */
#ifndef XN_HOST_TAP_H
#define XN_HOST_TAP_H

#include <stdbool.h>

struct err;

/*
 * Makes a tap of that name with a vnet header (IFF_TAP, IFF_NO_PI,
 * IFF_VNET_HDR) and returns its descriptor, non-blocking and close-on-exec.
 * The interface lives as long as a descriptor of it is open. It is down and
 * in no bridge. -EBUSY when an interface of that name exists, -EINVAL when it
 * is no name for one, other -errno; *e set.
 */
int tap_open(const char *ifname, struct err *e);

/* The same of one that may have more queues than this first one. */
int tap_open_first(const char *ifname, struct err *e);

/*
 * One more queue of a tap of tap_open_first. The kernel spreads what comes
 * over all that are open, read or not: nobody may keep one open that is not
 * served. The descriptor, like tap_open's, or -errno with *e set.
 */
int tap_open_queue(int tap, struct err *e);

/* Whether its cable is in; at first it is. 0 or -errno with *e set. */
int tap_set_carrier(int tap, bool up, struct err *e);

#endif
