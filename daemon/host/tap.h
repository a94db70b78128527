/* SPDX-License-Identifier: MIT */
/* Taps: the host's end of a guest's network interface. */
#ifndef XN_HOST_TAP_H
#define XN_HOST_TAP_H

struct err;

/*
 * Makes a tap of that name with a vnet header (IFF_TAP, IFF_NO_PI,
 * IFF_VNET_HDR) and returns its descriptor, non-blocking and close-on-exec.
 * The interface lives as long as a descriptor of it is open. It is down and
 * in no bridge. -EBUSY when an interface of that name exists, -EINVAL when it
 * is no name for one, other -errno; *e set.
 */
int tap_open(const char *ifname, struct err *e);

#endif
