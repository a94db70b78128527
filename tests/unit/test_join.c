/* SPDX-License-Identifier: MIT */
/* Taps that come to their places, go on to others, and back. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <event2/event.h>
#include <netlink/netlink.h>
#include <netlink/route/link.h>

#include "daemon/host/tap.h"
#include "daemon/net/vlan.h"
#include "tests/unit/fake_ovs.h"
#include "tests/unit/net_look.h"
#include "tests/unit/net_world.h"

static int tap;

static int open_tap(void **state)
{
	struct err e;

	(void)state;
	memset(&fake_ovs, 0, sizeof(fake_ovs));
	tap = tap_open("vif8.0", &e);
	return tap < 0 ? -1 : 0;
}

static int close_tap(void **state)
{
	(void)state;
	close(tap);
	return 0;
}

/* ---- Linux bridges ---- */

static void test_bridge(void **state)
{
	struct place place = net_world_place("vif8.0", "xenbr0", NULL);
	struct rtnl_link *port;
	struct join *j;
	struct err e;
	char mac[32];

	(void)state;
	j = net_world_join(&place, &e);
	assert_non_null(j);
	assert_string_equal(join_way(j), "bridge");
	assert_int_equal(join_mtu(j), 1500);
	assert_string_equal(look_master_of("vif8.0"), "xenbr0");
	assert_true(look_is_up("vif8.0"));
	port = net_world_look("vif8.0");
	assert_string_equal(
		nl_addr2str(rtnl_link_get_addr(port), mac, sizeof(mac)),
		"fe:ff:ff:ff:ff:ff");
	rtnl_link_put(port);
	assert_int_equal(look_ipv6_scope("vif8.0"), 0);
	net_world_part(j);
}

/* The mtu asked for is set; without one, the bridge's at that time. */
static void test_bridge_mtu(void **state)
{
	struct place place = net_world_place("vif8.0", "xenbr0", NULL);
	struct join *j;
	struct err e;

	(void)state;
	net_world_set_mtu("xenbr0", 1400);
	j = net_world_join(&place, &e);
	assert_int_equal(join_mtu(j), 1400);
	assert_int_equal(look_mtu_of("vif8.0"), 1400);
	place.mtu = 9000;
	assert_int_equal(net_world_move(j, &place, &e), 0);
	assert_int_equal(join_mtu(j), 9000);
	assert_int_equal(look_mtu_of("vif8.0"), 9000);
	net_world_part(j);
	net_world_set_mtu("xenbr0", 1500);
	/* Over the tap's maximum: the kernel's own words are told. */
	place.mtu = 100000;
	assert_null(net_world_join(&place, &e));
	assert_string_equal(e.text, "bridge xenbr0: interface vif8.0: mtu "
				    "greater than device maximum");
}

static void test_no_bridge(void **state)
{
	struct place place = net_world_place("vif8.0", "nobr0", NULL);
	struct err e;

	(void)state;
	fake_ovs.is_down = true;
	assert_null(net_world_join(&place, &e));
	assert_int_equal(e.code, ECONNREFUSED);
	assert_string_equal(e.text, "bridge nobr0: neither a Linux bridge nor "
				    "one of Open vSwitch (ovsdb-server is not "
				    "running)");
	fake_ovs.is_down = false;
	assert_null(net_world_join(&place, &e));
	assert_int_equal(e.code, ENODEV);
	assert_string_equal(e.text, "bridge nobr0: neither a Linux bridge nor "
				    "one of Open vSwitch");
	/* An interface of another kind is none either. */
	place = net_world_place("vif8.0", "lo", NULL);
	assert_null(net_world_join(&place, &e));
	assert_string_equal(e.text, "bridge lo: neither a Linux bridge nor "
				    "one of Open vSwitch");
	assert_false(look_is_up("vif8.0"));
}

static void test_no_vlans(void **state)
{
	struct place place = net_world_place("vif8.0", "xenbr0", NULL);
	struct err e;

	(void)state;
	assert_int_equal(vlan_parse("10", &place.vlans, &e), 0);
	assert_null(net_world_join(&place, &e));
	assert_string_equal(e.text,
			    "bridge xenbr0: has no VLANs; to switch them on: "
			    "ip link set xenbr0 type bridge vlan_filtering 1");
	assert_string_equal(look_master_of("vif8.0"), "");
}

static void test_moved(void **state)
{
	struct place old = net_world_place("vif8.0", "xenbr0", NULL);
	struct place new = net_world_place("vif8.0", "xenbr1", NULL);
	struct join *j;
	struct err e;

	(void)state;
	j = net_world_join(&old, &e);
	assert_int_equal(net_world_move(j, &new, &e), 0);
	assert_string_equal(look_master_of("vif8.0"), "xenbr1");
	assert_true(look_is_up("vif8.0"));
	/* What cannot be leaves it where it is. */
	old.mtu = 100000;
	assert_true(net_world_move(j, &old, &e) < 0);
	assert_string_equal(look_master_of("vif8.0"), "xenbr1");
	assert_true(look_is_up("vif8.0"));
	assert_int_equal(join_mtu(j), 1500);
	strcpy(new.bridge, "nobr0");
	assert_true(net_world_move(j, &new, &e) < 0);
	assert_string_equal(look_master_of("vif8.0"), "xenbr1");
	net_world_part(j);
}

/* ---- Open vSwitch ---- */

static void test_ovs(void **state)
{
	struct place place = net_world_place("vif8.0", "ovsbr0", NULL);
	struct join *j;
	struct err e;

	(void)state;
	fake_ovs.bridge = "ovsbr0";
	fake_ovs.sinks = true;
	assert_int_equal(vlan_parse("10", &place.vlans, &e), 0);
	j = net_world_join(&place, &e);
	assert_non_null(j);
	assert_string_equal(join_way(j), "openvswitch");
	assert_int_equal(join_mtu(j), 1500);
	assert_string_equal(fake_ovs.ports, "vif8.0@ovsbr0/10 ");
	assert_true(look_is_up("vif8.0"));
	net_world_part(j);
	assert_string_equal(fake_ovs.ports, "");
}

/* From one way to the other, and back when it is no use. */
static void test_ovs_moved(void **state)
{
	struct place linux_place = net_world_place("vif8.0", "xenbr0", NULL);
	struct place ovs_place = net_world_place("vif8.0", "ovsbr0", NULL);
	struct join *j;
	struct err e;

	(void)state;
	fake_ovs.bridge = "ovsbr0";
	fake_ovs.refuses = "ovsbr0";
	j = net_world_join(&linux_place, &e);
	assert_int_equal(net_world_move(j, &ovs_place, &e), -EIO);
	assert_string_equal(e.text, "bridge ovsbr0 takes no port");
	assert_string_equal(join_way(j), "bridge");
	assert_string_equal(look_master_of("vif8.0"), "xenbr0");
	fake_ovs.refuses = NULL;
	assert_int_equal(net_world_move(j, &ovs_place, &e), 0);
	assert_string_equal(join_way(j), "openvswitch");
	assert_string_equal(look_master_of("vif8.0"), "");
	assert_string_equal(fake_ovs.ports, "vif8.0@ovsbr0/0 ");
	/* And away from it, in vain first. */
	linux_place.mtu = 100000;
	assert_int_equal(net_world_move(j, &linux_place, &e), -EINVAL);
	assert_string_equal(fake_ovs.ports, "vif8.0@ovsbr0/0 ");
	assert_string_equal(look_master_of("vif8.0"), "");
	linux_place.mtu = 0;
	assert_int_equal(net_world_move(j, &linux_place, &e), 0);
	assert_string_equal(fake_ovs.ports, "");
	net_world_part(j);
}

/* One of its own for each bridge of Linux, and none on the way. */
static void test_segment(void **state)
{
	struct place one = net_world_place("vif8.0", "xenbr0", NULL);
	struct place two = net_world_place("vif8.0", "xenbr1", NULL);
	struct place ovs_place = net_world_place("vif8.0", "ovsbr0", NULL);
	struct told told = {0};
	uint32_t first, second;
	struct join *j;
	struct err e;

	(void)state;
	fake_ovs.bridge = "ovsbr0";
	j = net_world_join(&one, &e);
	first = join_segment(j);
	assert_true(first > 0);
	assert_int_equal(net_world_move(j, &two, &e), 0);
	second = join_segment(j);
	assert_true(second > 0 && second != first);
	one.mtu = 100000;
	assert_true(net_world_move(j, &one, &e) < 0);
	assert_int_equal(join_segment(j), second);
	one.mtu = 0;
	assert_int_equal(net_world_move(j, &one, &e), 0);
	assert_int_equal(join_segment(j), first);
	assert_int_equal(join_move(j, &ovs_place, net_world_on_told, &told, &e),
			 0);
	assert_int_equal(join_segment(j), 0);
	net_world_await(&told.is);
	assert_string_equal(told.e.text, "");
	assert_int_equal(join_segment(j), 0);
	net_world_part(j);
}

/* One that finds nothing where it was is nobody's neighbour. */
static void test_astray(void **state)
{
	struct place here = net_world_place("vif8.0", "goner", NULL);
	struct place there = net_world_place("vif8.0", "xenbr1", NULL);
	struct join *j;
	struct err e;

	(void)state;
	net_world_add_bridge("goner");
	j = net_world_join(&here, &e);
	assert_true(join_segment(j) > 0);
	net_world_delete("goner");
	there.mtu = 100000;
	assert_true(net_world_move(j, &there, &e) < 0);
	assert_int_equal(join_segment(j), 0);
	there.mtu = 0;
	assert_int_equal(net_world_move(j, &there, &e), 0);
	assert_true(join_segment(j) > 0);
	net_world_part(j);
}

/* A bridge's namesake does not have its ports. */
static void test_namesake(void **state)
{
	struct place one = net_world_place("vif8.0", "goner", NULL);
	struct place two = net_world_place("vif8.1", "goner", NULL);
	struct join *stays, *comes;
	struct err e;
	int other;

	(void)state;
	other = tap_open("vif8.1", &e);
	assert_true(other >= 0);
	net_world_add_bridge("goner");
	stays = net_world_join(&one, &e);
	net_world_delete("goner");
	net_world_add_bridge("goner");
	comes = net_world_join(&two, &e);
	assert_true(join_segment(comes) > 0);
	assert_int_not_equal(join_segment(stays), join_segment(comes));
	assert_string_equal(look_master_of("vif8.0"), "");
	assert_string_equal(look_master_of("vif8.1"), "goner");
	net_world_part(stays);
	net_world_part(comes);
	net_world_delete("goner");
	close(other);
}

static void test_ovs_refused(void **state)
{
	struct place place = net_world_place("vif8.0", "ovsbr0", NULL);
	struct err e;

	(void)state;
	fake_ovs.bridge = "ovsbr0";
	fake_ovs.refuses = "ovsbr0";
	assert_null(net_world_join(&place, &e));
	assert_string_equal(e.text, "bridge ovsbr0 takes no port");
	assert_string_equal(fake_ovs.ports, "");
}

/* A bridge whose interface is a tap: frames pass it that no rule has seen. */
static void test_ovs_unruled(void **state)
{
	static const char *const addresses[] = {"192.0.2.7", NULL};
	struct place place = net_world_place("vif8.0", "ovsbr0", addresses);
	struct err e;
	int bridge = tap_open("ovsbr0", &e);

	(void)state;
	assert_true(bridge >= 0);
	fake_ovs.bridge = "ovsbr0";
	assert_null(net_world_join(&place, &e));
	assert_string_equal(e.text, "bridge ovsbr0: the datapath of Open "
				    "vSwitch is a program there, and a guest "
				    "cannot be held to its addresses");
	assert_string_equal(fake_ovs.ports, "");
	close(bridge);
}

/* Left while it is on its way: it is undone all the same. */
static void test_left_early(void **state)
{
	struct place place = net_world_place("vif8.0", "ovsbr0", NULL);
	struct told told = {0};
	struct told never = {0};
	struct join *j;
	struct err e;

	(void)state;
	fake_ovs.bridge = "ovsbr0";
	j = join_begin(net_world.nets, &place, net_world_on_told, &never, &e);
	assert_non_null(j);
	assert_int_equal(join_move(j, &place, net_world_on_told, &never, &e),
			 -EBUSY);
	join_leave(j, net_world_on_told, &told);
	net_world_await(&told.is);
	assert_string_equal(told.e.text, "");
	assert_false(never.is);
	assert_string_equal(fake_ovs.ports, "");
	join_free(j);
}

static int enter(void **state)
{
	if (net_world_enter(state) < 0)
		return -1;
	net_world_add_bridge("xenbr1");
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_tap, close_tap)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_bridge),	TEST(test_bridge_mtu),
		TEST(test_no_bridge),	TEST(test_no_vlans),
		TEST(test_moved),	TEST(test_ovs),
		TEST(test_ovs_moved),	TEST(test_ovs_refused),
		TEST(test_ovs_unruled), TEST(test_left_early),
		TEST(test_segment),	TEST(test_astray),
		TEST(test_namesake),
	};

	if (!net_world_can_be()) {
		puts("1..0 # SKIP needs root and /dev/net/tun");
		return 0;
	}
	return cmocka_run_group_tests(tests, enter, net_world_leave);
}
