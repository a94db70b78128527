/* SPDX-License-Identifier: MIT */
/*
 * Taps in no bridge: the host has a route to each of the guest's prefixes
 * through the tap, answers the guest's ARP for everything else (proxy_arp),
 * and is itself there by the address of gatewaydev, and by IPv6 as
 * fe80::fcff:ffff:feff:ffff, what the tap's MAC makes of it on every host.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
#include <netlink/route/link.h>

#include "base/log.h"
#include "base/scope.h"
#include "base/text.h"
#include "daemon/host/link.h"
#include "daemon/net/port.h"
#include "daemon/net/route.h"
#include "daemon/net/way.h"

#define CONF "/proc/sys/net/"

static bool has_family(const struct place *p, int family)
{
	unsigned int i;

	for (i = 0; i < p->n_prefixes; i++)
		if (p->prefixes[i].family == family)
			return true;
	return false;
}

static int routed_check(struct join *j, const struct place *to, struct err *e)
{
	struct in_addr address;

	if (to->vlans.pvid)
		return err_set(e, EINVAL,
			       "vlan: a routed interface is in no VLAN");
	if (to->gatewaydev[0] &&
	    route_address_of(j->nets->links, to->gatewaydev, &address, e) < 0)
		return err_wrap(e, "gatewaydev");
	return 0;
}

/* ---- what the kernel believes of the guest ---- */

static int write_setting(const char *family, const char *ifname,
			 const char *setting, char value, struct err *e)
{
	scoped_str path =
		text_format(CONF "%s/conf/%s/%s", family, ifname, setting);
	scoped_fd fd = path ? open(path, O_WRONLY | O_CLOEXEC) : -1;

	if (!path)
		return err_set(e, ENOMEM, "no memory for a setting");
	if (fd >= 0 && write(fd, &value, 1) == 1)
		return 0;
	return errno == ENOENT ? 0 : err_errno(e, errno, "%s", path);
}

/*
 * The tap is an interface of the host's like any other here: a guest must not
 * give it routes by router advertisements or redirects. A kernel without IPv6
 * has no such settings.
 */
static int distrust(const char *ifname, struct err *e)
{
	if (write_setting("ipv6", ifname, "accept_ra", '0', e) < 0 ||
	    write_setting("ipv6", ifname, "accept_redirects", '0', e) < 0 ||
	    write_setting("ipv4", ifname, "accept_redirects", '0', e) < 0)
		return -e->code;
	return 0;
}

static bool forwards(const char *path)
{
	scoped_fd fd = open(path, O_RDONLY | O_CLOEXEC);
	char is = '1';

	return fd < 0 || read(fd, &is, 1) != 1 || is != '0';
}

/* The host's affair, and often forgotten. */
static void warn_of_forwarding(const struct place *to)
{
	if (has_family(to, AF_INET) && !forwards(CONF "ipv4/ip_forward"))
		log_warn("%s: is routed, but the host forwards no IPv4: "
			 "net.ipv4.ip_forward is 0",
			 to->ifname);
	if (has_family(to, AF_INET6) &&
	    !forwards(CONF "ipv6/conf/all/forwarding"))
		log_warn("%s: is routed, but the host forwards no IPv6: "
			 "net.ipv6.conf.all.forwarding is 0",
			 to->ifname);
}

/* ---- the way ---- */

static int index_of(struct links *l, const char *ifname, struct err *e)
{
	struct rtnl_link *link;
	int index;

	if (links_find(l, ifname, &link, e) < 0)
		return -e->code;
	index = rtnl_link_get_ifindex(link);
	rtnl_link_put(link);
	return index;
}

/* What there is and what was there: also of an enter that broke off. */
static int routed_leave(struct join *j, const struct place *from, struct err *e)
{
	struct links *l = j->nets->links;
	struct in_addr address;
	int index = index_of(l, from->ifname, e);
	unsigned int i;

	if (index < 0)
		return index;
	for (i = 0; i < from->n_prefixes; i++)
		route_remove(l, index, &from->prefixes[i], NULL);
	if (route_address_of(l, from->ifname, &address, NULL) == 0)
		route_take_back(l, index, address, NULL);
	return write_setting("ipv4", from->ifname, "proxy_arp", '0', e);
}

static int add_routes(struct links *l, const struct place *to, struct err *e)
{
	int index = index_of(l, to->ifname, e);
	struct in_addr address;
	unsigned int i;

	if (index < 0)
		return index;
	if (to->gatewaydev[0]) {
		if (route_address_of(l, to->gatewaydev, &address, e) < 0)
			return err_wrap(e, "gatewaydev");
		if (route_lend(l, index, address, e) < 0)
			return err_wrap(e, "interface %s: address of %s",
					to->ifname, to->gatewaydev);
	}
	for (i = 0; i < to->n_prefixes; i++)
		if (route_add(l, index, &to->prefixes[i],
			      to->gatewaydev[0] ? &address : NULL, e) < 0)
			return err_wrap(e, "interface %s", to->ifname);
	return 0;
}

static int routed_enter(struct join *j, const struct place *to, struct err *e)
{
	struct links *l = j->nets->links;
	const struct port port = {
		.mtu = to->mtu ? to->mtu : port_mtu_of(l, to->gatewaydev),
		.up = true,
		.talks_ipv6 = has_family(to, AF_INET6),
		.answers_arp = true,
	};
	struct err ignored;

	if (distrust(to->ifname, e) < 0 ||
	    port_set(l, to->ifname, &port, e) < 0)
		return -e->code;
	if (add_routes(l, to, e) < 0) {
		routed_leave(j, to, &ignored);
		return -e->code;
	}
	j->mtu = port_mtu_of(l, to->ifname);
	warn_of_forwarding(to);
	return 0;
}

const struct way way_routed = {
	.name = "routed",
	.check = routed_check,
	.enter = routed_enter,
	.leave = routed_leave,
};
