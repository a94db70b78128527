/* SPDX-License-Identifier: MIT */
/* A host's networks, small. */
#include "tests/unit/net_world.h"

#include <net/if.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <event2/event.h>
#include <netlink/netlink.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <netlink/route/link/bridge.h>

#include "base/log.h"
#include "daemon/host/link.h"
#include "daemon/net/prefix.h"

struct net_world net_world;

bool net_world_can_be(void)
{
	return geteuid() == 0 && access("/dev/net/tun", R_OK | W_OK) == 0;
}

struct rtnl_link *net_world_look(const char *ifname)
{
	struct rtnl_link *link;

	assert_int_equal(
		rtnl_link_get_kernel(net_world.netlink, 0, ifname, &link), 0);
	return link;
}

void net_world_set_mtu(const char *ifname, unsigned int mtu)
{
	struct rtnl_link *was = net_world_look(ifname);
	struct rtnl_link *change = rtnl_link_alloc();

	rtnl_link_set_mtu(change, mtu);
	assert_int_equal(rtnl_link_change(net_world.netlink, was, change, 0),
			 0);
	rtnl_link_put(change);
	rtnl_link_put(was);
}

static void set_up(const char *ifname)
{
	struct rtnl_link *was = net_world_look(ifname);
	struct rtnl_link *change = rtnl_link_alloc();

	rtnl_link_set_flags(change, IFF_UP);
	assert_int_equal(rtnl_link_change(net_world.netlink, was, change, 0),
			 0);
	rtnl_link_put(change);
	rtnl_link_put(was);
}

void net_world_add_bridge(const char *name)
{
	assert_int_equal(rtnl_link_bridge_add(net_world.netlink, name), 0);
	set_up(name);
}

void net_world_delete(const char *ifname)
{
	struct rtnl_link *link = net_world_look(ifname);

	assert_int_equal(rtnl_link_delete(net_world.netlink, link), 0);
	rtnl_link_put(link);
}

void net_world_add_address(const char *ifname, const char *text)
{
	struct rtnl_addr *address = rtnl_addr_alloc();
	struct nl_addr *local;

	assert_int_equal(nl_addr_parse(text, AF_INET, &local), 0);
	rtnl_addr_set_ifindex(address, (int)if_nametoindex(ifname));
	rtnl_addr_set_local(address, local);
	assert_int_equal(rtnl_addr_add(net_world.netlink, address, 0), 0);
	nl_addr_put(local);
	rtnl_addr_put(address);
}

/* Bridges that hand frames to iptables cut off what is behind the packet. */
static void leave_frames_alone(void)
{
	static const char *const each[] = {"iptables", "ip6tables",
					   "arptables"};
	char path[80];
	FILE *file;
	size_t i;

	for (i = 0; i < sizeof(each) / sizeof(each[0]); i++) {
		snprintf(path, sizeof(path),
			 "/proc/sys/net/bridge/bridge-nf-call-%s", each[i]);
		file = fopen(path, "we");
		if (!file)
			continue;
		fputs("0", file);
		fclose(file);
	}
}

int net_world_enter(void **state)
{
	struct err e;

	(void)state;
	log_open("test", false);
	/* Where make check runs from, the programs are in these folders. */
	setenv("XN_LIBEXECDIR", "daemon", 1);
	if (unshare(CLONE_NEWNET) < 0)
		return -1;
	leave_frames_alone();
	net_world.netlink = nl_socket_alloc();
	if (nl_connect(net_world.netlink, NETLINK_ROUTE) < 0)
		return -1;
	net_world.base = event_base_new();
	net_world.links = links_open(&e);
	net_world.nets =
		nets_open(net_world.base, net_world.links, "nowhere.sock", &e);
	if (!net_world.nets)
		return -1;
	net_world_add_bridge("xenbr0");
	return 0;
}

int net_world_leave(void **state)
{
	(void)state;
	nets_close(net_world.nets);
	links_close(net_world.links);
	event_base_free(net_world.base);
	nl_socket_free(net_world.netlink);
	return 0;
}

struct place net_world_place(const char *ifname, const char *bridge,
			     const char *const *prefixes)
{
	struct place p = {.mac = {0x00, 0x16, 0x3e, 0x00, 0x00, 0x01}};
	struct err e;

	strcpy(p.ifname, ifname);
	strcpy(p.bridge, bridge);
	for (; prefixes && *prefixes; prefixes++)
		assert_int_equal(prefix_parse(*prefixes,
					      &p.prefixes[p.n_prefixes++], &e),
				 0);
	return p;
}

void net_world_on_told(const struct err *e, void *arg)
{
	struct told *told = arg;

	assert_false(told->is);
	told->is = true;
	told->e.text[0] = '\0';
	if (e)
		told->e = *e;
}

static void on_late(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	fail_msg("nothing has come in a minute");
}

void net_world_await(const bool *flag)
{
	struct event *late = evtimer_new(net_world.base, on_late, NULL);
	const struct timeval limit = {60, 0};

	evtimer_add(late, &limit);
	while (!*flag)
		event_base_loop(net_world.base, EVLOOP_ONCE);
	event_free(late);
}

struct join *net_world_join(const struct place *place, struct err *e)
{
	struct told told = {0};
	struct join *j =
		join_begin(net_world.nets, place, net_world_on_told, &told, e);

	if (!j)
		return NULL;
	assert_false(told.is);
	net_world_await(&told.is);
	if (!told.e.text[0])
		return j;
	*e = told.e;
	join_free(j);
	return NULL;
}

int net_world_move(struct join *j, const struct place *place, struct err *e)
{
	struct told told = {0};
	int rc = join_move(j, place, net_world_on_told, &told, e);

	if (rc < 0)
		return rc;
	net_world_await(&told.is);
	if (!told.e.text[0])
		return 0;
	*e = told.e;
	return -e->code;
}

void net_world_part(struct join *j)
{
	struct told told = {0};

	join_leave(j, net_world_on_told, &told);
	net_world_await(&told.is);
	assert_string_equal(told.e.text, "");
	join_free(j);
}

char *net_world_nft(const char *commands)
{
	char *command, *text = NULL;
	size_t size = 0;
	FILE *out;

	assert_true(asprintf(&command, "daemon/xn-nft '%s' 2>&1", commands) >
		    0);
	out = popen(command, "re");
	assert_non_null(out);
	if (getdelim(&text, &size, '\0', out) < 0)
		*(text = realloc(text, 1)) = '\0';
	pclose(out);
	free(command);
	return text;
}
