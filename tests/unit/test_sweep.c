/* SPDX-License-Identifier: MIT */
/*
 * Rules and ports of taps that are no more: found and removed, as often as
 * that is asked for, and when Open vSwitch is there only later.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <event2/event.h>

#include "daemon/host/tap.h"
#include "tests/unit/fake_ovs.h"
#include "tests/unit/net_world.h"

static int quiet; /* so many events are waited for when nothing is under way */

static int events(void)
{
	return event_base_get_num_events(net_world.base,
					 EVENT_BASE_COUNT_ADDED |
						 EVENT_BASE_COUNT_ACTIVE);
}

static int reset(void **state)
{
	(void)state;
	memset(&fake_ovs, 0, sizeof(fake_ovs));
	quiet = events();
	return 0;
}

/* What a sweep has begun comes to its end before the next test. */
static int settle(void **state)
{
	(void)state;
	while (events() > quiet)
		event_base_loop(net_world.base, EVLOOP_ONCE);
	return 0;
}

/* Nobody is told of a sweep's end. Fails the test after a minute. */
static void await(bool (*is_so)(const char *what), const char *what)
{
	unsigned int tries = 1200;

	while (!is_so(what) && tries--) {
		struct timeval pause = {0, 50000};

		event_base_loopexit(net_world.base, &pause);
		event_base_dispatch(net_world.base);
	}
	assert_true(is_so(what));
}

static bool is_listed(const char *table)
{
	char *list = net_world_nft("list tables netdev");
	bool is = strstr(list, table);

	free(list);
	return is;
}

static bool is_unlisted(const char *table)
{
	return !is_listed(table);
}

static bool has_missed(const char *calls)
{
	return fake_ovs.missed == (unsigned int)atoi(calls);
}

static bool has_ports(const char *ports)
{
	return strcmp(fake_ovs.ports, ports) == 0;
}

/* Of what is marked, only what belongs to no interface goes. */
static void test_rules(void **state)
{
	(void)state;
	free(net_world_nft("add table netdev xn-vif5.0; "
			   "add table netdev xn-lo; add table netdev other"));
	nets_sweep(net_world.nets);
	await(is_unlisted, "xn-vif5.0");
	free(net_world_nft("add table netdev xn-vif6.0"));
	nets_sweep(net_world.nets);
	await(is_unlisted, "xn-vif6.0");
	assert_true(is_listed("xn-lo"));
	assert_true(is_listed("other"));
	free(net_world_nft("delete table netdev xn-lo; "
			   "delete table netdev other"));
}

static void test_ports(void **state)
{
	(void)state;
	strcpy(fake_ovs.ports, "vif5.0@ovsbr0/0 lo@ovsbr0/0 vif6.0@ovsbr0/0 ");
	nets_sweep(net_world.nets);
	await(has_ports, "lo@ovsbr0/0 ");
	strcpy(fake_ovs.ports, "vif5.0@ovsbr0/0 lo@ovsbr0/0 ");
	nets_sweep(net_world.nets);
	await(has_ports, "lo@ovsbr0/0 ");
}

static bool has_been_asked(const char *times)
{
	return fake_ovs.lists == (unsigned int)atoi(times);
}

/* What becomes stale while one sweep is under way is for one that follows. */
static void test_under_way(void **state)
{
	(void)state;
	/* Nothing is left of those before. */
	nets_close(net_world.nets);
	net_world.nets = nets_open(net_world.base, net_world.links, "", NULL);
	assert_non_null(net_world.nets);
	nets_sweep(net_world.nets);
	nets_sweep(net_world.nets);
	nets_sweep(net_world.nets);
	assert_int_equal(fake_ovs.lists, 1);
	await(has_been_asked, "2");
	nets_sweep(net_world.nets);
	await(has_been_asked, "3");
}

/* Open vSwitch is started after xnd: whoever finds it there has it swept. */
static void test_late_ovs(void **state)
{
	struct place place = net_world_place("vif8.0", "ovsbr0", NULL);
	struct join *j;
	struct err e;
	int tap = tap_open("vif8.0", &e);

	(void)state;
	assert_true(tap >= 0);
	strcpy(fake_ovs.ports, "vif5.0@ovsbr0/0 ");
	fake_ovs.bridge = "ovsbr0";
	fake_ovs.is_down = true;
	nets_sweep(net_world.nets);
	await(has_missed, "1");
	assert_null(net_world_join(&place, &e));
	fake_ovs.is_down = false;
	j = net_world_join(&place, &e);
	assert_non_null(j);
	await(has_ports, "vif8.0@ovsbr0/0 ");
	assert_int_equal(fake_ovs.lists, 1);
	net_world_part(j);
	close(tap);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, reset, settle)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_rules),
		TEST(test_ports),
		TEST(test_under_way),
		TEST(test_late_ovs),
	};

	if (!net_world_can_be()) {
		puts("1..0 # SKIP needs root and /dev/net/tun");
		return 0;
	}
	return cmocka_run_group_tests(tests, net_world_enter, net_world_leave);
}
