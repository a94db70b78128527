/* SPDX-License-Identifier: MIT */
/* Routes and addresses of one interface of the host. */
#ifndef XN_NET_ROUTE_H
#define XN_NET_ROUTE_H

#include <netinet/in.h>

struct err;
struct links;
struct prefix;

/*
 * The first IPv4 address of an interface. 0 or -errno with *e set: -ENODEV
 * when there is no such interface, -EADDRNOTAVAIL when it has none.
 */
int route_address_of(struct links *l, const char *ifname, struct in_addr *found,
		     struct err *e);

/*
 * Lends an address to an interface, as its own and of it alone (/32); takes
 * it back. 0 or -errno with *e set.
 */
int route_lend(struct links *l, int ifindex, struct in_addr address,
	       struct err *e);
int route_take_back(struct links *l, int ifindex, struct in_addr address,
		    struct err *e);

/*
 * All of prefix is behind the interface. from: whom the host's own packets
 * to it of IPv4 are from; NULL for what the kernel chooses. -EEXIST when there
 * is a route to just that already, with *e naming its interface.
 */
int route_add(struct links *l, int ifindex, const struct prefix *prefix,
	      const struct in_addr *from, struct err *e);
int route_remove(struct links *l, int ifindex, const struct prefix *prefix,
		 struct err *e);

#endif
