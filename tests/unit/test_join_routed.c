/* SPDX-License-Identifier: MIT */
/* Taps that the host has routes to. */
#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "daemon/host/tap.h"
#include "daemon/net/vlan.h"
#include "tests/unit/net_look.h"
#include "tests/unit/net_world.h"

static int tap;

static int open_tap(void **state)
{
	struct err e;

	(void)state;
	tap = tap_open("vif8.0", &e);
	return tap < 0 ? -1 : 0;
}

static int close_tap(void **state)
{
	(void)state;
	close(tap);
	return 0;
}

static const char *const prefixes[] = {"10.5.0.2", "10.6.0.0/24",
				       "2001:db8:5::/64", NULL};

static void test_routed(void **state)
{
	struct place place = net_world_place("vif8.0", "", prefixes);
	struct join *j;
	struct err e;

	(void)state;
	strcpy(place.gatewaydev, "xenbr1");
	j = net_world_join(&place, &e);
	assert_non_null(j);
	assert_string_equal(join_way(j), "routed");
	assert_int_equal(join_mtu(j), 1500);
	assert_int_equal(join_segment(j), 0);
	assert_true(look_is_up("vif8.0"));
	assert_string_equal(look_route_to(AF_INET, "10.5.0.2/32"), "vif8.0");
	assert_string_equal(look_route_to(AF_INET, "10.6.0.0/24"), "vif8.0");
	assert_string_equal(look_route_to(AF_INET6, "2001:db8:5::/64"),
			    "vif8.0");
	/* A link-local address to be a gateway with; no trust in return. */
	assert_int_equal(look_ipv6_scope("vif8.0"), 0x20);
	assert_int_equal(look_setting("ipv4/conf/vif8.0/proxy_arp"), '1');
	assert_int_equal(look_setting("ipv6/conf/vif8.0/accept_ra"), '0');
	assert_int_equal(look_setting("ipv4/conf/vif8.0/accept_redirects"),
			 '0');
	net_world_part(j);
}

static void test_routed_moved(void **state)
{
	struct place routed = net_world_place("vif8.0", "", prefixes);
	struct place bridged = net_world_place("vif8.0", "xenbr0", NULL);
	struct join *j;
	struct err e;

	(void)state;
	strcpy(routed.gatewaydev, "xenbr1");
	j = net_world_join(&routed, &e);
	assert_int_equal(net_world_move(j, &bridged, &e), 0);
	assert_string_equal(look_master_of("vif8.0"), "xenbr0");
	assert_string_equal(look_route_to(AF_INET, "10.5.0.2/32"), "");
	assert_string_equal(look_route_to(AF_INET6, "2001:db8:5::/64"), "");
	assert_int_equal(look_setting("ipv4/conf/vif8.0/proxy_arp"), '0');
	assert_int_equal(net_world_move(j, &routed, &e), 0);
	assert_string_equal(look_master_of("vif8.0"), "");
	assert_string_equal(look_route_to(AF_INET, "10.5.0.2/32"), "vif8.0");
	net_world_part(j);
}

/* A route that is another's stays that one's, and nothing is left here. */
static void test_route_taken(void **state)
{
	static const char *const taken[] = {"10.5.0.2", "10.1.0.0/24", NULL};
	struct place place = net_world_place("vif8.0", "", taken);
	struct err e;

	(void)state;
	assert_null(net_world_join(&place, &e));
	assert_int_equal(e.code, EEXIST);
	assert_string_equal(e.text,
			    "interface vif8.0: there is a route to 10.1.0.0/24 "
			    "already, to interface xenbr1");
	assert_string_equal(look_route_to(AF_INET, "10.5.0.2/32"), "");
	assert_string_equal(look_route_to(AF_INET, "10.1.0.0/24"), "xenbr1");
}

static void test_gateway_refused(void **state)
{
	struct place place = net_world_place("vif8.0", "", prefixes);
	struct err e;

	(void)state;
	strcpy(place.gatewaydev, "nodev0");
	assert_null(net_world_join(&place, &e));
	assert_string_equal(e.text, "gatewaydev: no interface named nodev0");
	strcpy(place.gatewaydev, "xenbr0");
	assert_null(net_world_join(&place, &e));
	assert_string_equal(e.text, "gatewaydev: interface xenbr0: has no "
				    "IPv4 address");
	place.gatewaydev[0] = '\0';
	assert_int_equal(vlan_parse("10", &place.vlans, &e), 0);
	assert_null(net_world_join(&place, &e));
	assert_string_equal(e.text, "vlan: a routed interface is in no VLAN");
}

static int enter(void **state)
{
	if (net_world_enter(state) < 0)
		return -1;
	net_world_add_bridge("xenbr1");
	net_world_add_address("xenbr1", "10.1.0.1/24");
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_tap, close_tap)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_routed),
		TEST(test_routed_moved),
		TEST(test_route_taken),
		TEST(test_gateway_refused),
	};

	if (!net_world_can_be()) {
		puts("1..0 # SKIP needs root and /dev/net/tun");
		return 0;
	}
	return cmocka_run_group_tests(tests, enter, net_world_leave);
}
