/* SPDX-License-Identifier: MIT */
/* What taps are made by rtnetlink, in words of libnl. */
#include "daemon/net/port.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/ip.h>
#include <net/if.h>
#include <netlink/netlink.h>
#include <netlink/route/link.h>
#include <netlink/route/link/inet.h>
#include <netlink/route/link/inet6.h>

#include "base/err.h"
#include "daemon/host/link.h"

/* Change is put, and may be NULL: no memory. */
static int apply(struct links *l, const char *ifname, struct rtnl_link *change,
		 struct err *e)
{
	struct rtnl_link *link = NULL;
	struct nl_msg *m = NULL;
	int rc = links_find(l, ifname, &link, e);

	if (rc == 0) {
		if (change)
			rtnl_link_build_change_request(link, change, 0, &m);
		rc = links_tell(l, m, e);
		if (rc < 0)
			err_wrap(e, "interface %s", ifname);
	}
	rtnl_link_put(link);
	rtnl_link_put(change);
	return rc;
}

/*
 * Asked for before the interface goes up, which is when the kernel would make
 * an address; a kernel without IPv6 refuses, and then there is none to
 * prevent.
 */
static void set_ipv6(struct links *l, const char *ifname, bool on)
{
	struct rtnl_link *change = rtnl_link_alloc();

	if (change && rtnl_link_inet6_set_addr_gen_mode(
			      change, on ? IN6_ADDR_GEN_MODE_EUI64
					 : IN6_ADDR_GEN_MODE_NONE) < 0) {
		rtnl_link_put(change);
		return;
	}
	apply(l, ifname, change, NULL);
}

int port_set(struct links *l, const char *ifname, const struct port *port,
	     struct err *e)
{
	static const unsigned char mac[] = {0xfe, 0xff, 0xff, 0xff, 0xff, 0xff};
	struct rtnl_link *change = rtnl_link_alloc();
	struct nl_addr *address =
		nl_addr_build(AF_LLC, (void *)mac, sizeof(mac));

	set_ipv6(l, ifname, port->talks_ipv6);
	if (!change || !address ||
	    (port->answers_arp &&
	     rtnl_link_inet_set_conf(change, IPV4_DEVCONF_PROXY_ARP, 1) < 0)) {
		nl_addr_put(address);
		rtnl_link_put(change);
		return err_set(e, ENOMEM, "interface %s: no memory", ifname);
	}
	rtnl_link_set_addr(change, address);
	nl_addr_put(address);
	if (port->mtu)
		rtnl_link_set_mtu(change, port->mtu);
	if (port->master)
		rtnl_link_set_master(change, port->master);
	if (port->up)
		rtnl_link_set_flags(change, IFF_UP);
	return apply(l, ifname, change, e);
}

int port_release(struct links *l, const char *ifname, struct err *e)
{
	struct rtnl_link *change = rtnl_link_alloc();

	if (change)
		rtnl_link_set_master(change, 0);
	return apply(l, ifname, change, e);
}

int port_up(struct links *l, const char *ifname, struct err *e)
{
	struct rtnl_link *change = rtnl_link_alloc();

	if (change)
		rtnl_link_set_flags(change, IFF_UP);
	return apply(l, ifname, change, e);
}

int port_down(struct links *l, const char *ifname, struct err *e)
{
	struct rtnl_link *change = rtnl_link_alloc();

	if (change)
		rtnl_link_unset_flags(change, IFF_UP);
	return apply(l, ifname, change, e);
}

uint32_t port_mtu_of(struct links *l, const char *ifname)
{
	struct rtnl_link *link;
	uint32_t mtu;

	if (links_find(l, ifname, &link, NULL) < 0)
		return 0;
	mtu = rtnl_link_get_mtu(link);
	rtnl_link_put(link);
	return mtu;
}
