/* SPDX-License-Identifier: MIT */
/* What libnl and the kernel's files say. */
#include "tests/unit/net_look.h"

#include <fcntl.h>
#include <net/if.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <netlink/netlink.h>
#include <netlink/route/link.h>
#include <netlink/route/route.h>

#include "tests/unit/net_world.h"

const char *look_master_of(const char *ifname)
{
	static char name[IF_NAMESIZE];
	struct rtnl_link *link = net_world_look(ifname);

	name[0] = '\0';
	if (rtnl_link_get_master(link))
		if_indextoname((unsigned int)rtnl_link_get_master(link), name);
	rtnl_link_put(link);
	return name;
}

bool look_is_up(const char *ifname)
{
	struct rtnl_link *link = net_world_look(ifname);
	bool is = rtnl_link_get_flags(link) & IFF_UP;

	rtnl_link_put(link);
	return is;
}

unsigned int look_mtu_of(const char *ifname)
{
	struct rtnl_link *link = net_world_look(ifname);
	unsigned int mtu = rtnl_link_get_mtu(link);

	rtnl_link_put(link);
	return mtu;
}

/* By /proc/net/if_inet6 of this thread. */
unsigned int look_ipv6_scope(const char *ifname)
{
	FILE *file = fopen("/proc/thread-self/net/if_inet6", "re");
	char name[32];
	unsigned int scope, found = 0;

	if (!file)
		return 0;
	while (fscanf(file, "%*32s %*x %*x %x %*x %31s", &scope, name) == 2)
		if (strcmp(name, ifname) == 0)
			found = scope;
	fclose(file);
	return found;
}

char look_setting(const char *path)
{
	char whole[128];
	char c = '?';
	int fd;

	snprintf(whole, sizeof(whole), "/proc/sys/net/%s", path);
	fd = open(whole, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(read(fd, &c, 1), 1);
	close(fd);
	return c;
}

const char *look_route_to(int family, const char *text)
{
	static char name[IF_NAMESIZE];
	struct nl_object *each;
	struct nl_cache *all;
	struct nl_addr *to;

	name[0] = '\0';
	assert_int_equal(nl_addr_parse(text, family, &to), 0);
	assert_int_equal(
		rtnl_route_alloc_cache(net_world.netlink, family, 0, &all), 0);
	for (each = nl_cache_get_first(all); each;
	     each = nl_cache_get_next(each)) {
		struct rtnl_route *route = (struct rtnl_route *)each;
		struct rtnl_nexthop *hop = rtnl_route_nexthop_n(route, 0);

		if (rtnl_route_get_table(route) == RT_TABLE_MAIN && hop &&
		    nl_addr_cmp(rtnl_route_get_dst(route), to) == 0)
			if_indextoname(
				(unsigned int)rtnl_route_nh_get_ifindex(hop),
				name);
	}
	nl_cache_free(all);
	nl_addr_put(to);
	return name;
}
