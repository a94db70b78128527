/* SPDX-License-Identifier: MIT */
/* The host's end of a vif, whatever it is to be bound to. */
#ifndef XN_NET_PORT_H
#define XN_NET_PORT_H

#include <stdbool.h>
#include <stdint.h>

struct err;
struct links;

struct port {
	uint32_t mtu;	  /* 0: as it is */
	int master;	  /* the bridge's index; 0: as it is */
	bool up;	  /* else as it is */
	bool talks_ipv6;  /* gets a link-local address when it goes up */
	bool answers_arp; /* for all that the host has routes to */
};

/*
 * Makes an interface what port says, with the MAC that Xen gives to the host's
 * side (fe:ff:ff:ff:ff:ff: the highest, so that a bridge never takes it for its
 * own). One request: the kernel applies address, mtu and master before the
 * flags, so that the interface is never up outside its bridge. 0 or -errno
 * with *e set.
 */
int port_set(struct links *l, const char *ifname, const struct port *port,
	     struct err *e);

/* Takes it out of its bridge, if it is in one; or up; or down. */
int port_release(struct links *l, const char *ifname, struct err *e);
int port_up(struct links *l, const char *ifname, struct err *e);
int port_down(struct links *l, const char *ifname, struct err *e);

/* 0 when there is no such interface. */
uint32_t port_mtu_of(struct links *l, const char *ifname);

#endif
