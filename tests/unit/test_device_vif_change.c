/* SPDX-License-Identifier: MIT */
/* Vifs on other terms and in other places, while they are used. */
#include <errno.h>
#include <net/if.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <netlink/netlink.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>

#include "chan/net_figures.h"
#include "json/json.h"
#include "tests/unit/fake_store.h"
#include "tests/unit/vif_world.h"

static void expect_terms(struct world *w, unsigned int n,
			 const struct net_terms *expected)
{
	struct net_terms last = {0};

	while (world_net_terms(&last) < n)
		run_for(w, 1);
	assert_int_equal(world_net_terms(&last), n);
	assert_int_equal(last.flags, expected->flags);
	assert_int_equal(last.headroom, expected->headroom);
	assert_int_equal(last.interval, expected->interval);
	assert_int_equal(last.bytes, expected->bytes);
	assert_int_equal(last.after_a_start, expected->after_a_start);
}

static void test_rate(void **state)
{
	const struct vif_rate first = {5000, 50000}, second = {7000, 1000};
	struct world *w = serving(&first);
	struct err e;

	(void)state;
	expect_terms(w, 1, &(struct net_terms){0, 0, 50000, 5000, false});
	assert_int_equal(device_set_rate(w->device, &second, &e), 0);
	expect_terms(w, 2, &(struct net_terms){0, 0, 1000, 7000, true});
	lose_worker(w);
	run_until(w, PHASE_SERVING);
	expect_terms(w, 3, &(struct net_terms){0, 0, 1000, 7000, true});
	assert_int_equal(device_set_rate(w->device, &no_rate, &e), 0);
	expect_terms(w, 4, &(struct net_terms){0, 0, 0, 0, true});
	finish(w);
}

/* As Linux's front end does: it says that it will, and then what. */
static void test_headroom(void **state)
{
	struct world *w = serving(&no_rate);
	struct net_terms none;

	(void)state;
	assert_int_equal(world_net_terms(&none), 0);
	store_write(VIF_FRONT "/state", "7");
	await(w, VIF_BACK "/state", "8");
	store_write(VIF_FRONT "/xdp-headroom", "256");
	expect_terms(w, 1, &(struct net_terms){0, 256, 0, 0, true});
	store_write(VIF_FRONT "/state", "4");
	await(w, VIF_BACK "/state", "4");
	lose_worker(w);
	run_until(w, PHASE_SERVING);
	expect_terms(w, 2, &(struct net_terms){0, 256, 0, 0, true});
	store_write(VIF_FRONT "/xdp-headroom", "0");
	store_write(VIF_FRONT "/state", "7");
	await(w, VIF_BACK "/state", "8");
	expect_terms(w, 3, &(struct net_terms){0, 0, 0, 0, true});
	store_write(VIF_FRONT "/state", "6");
	run_until_state(w, XenbusStateClosed);
	finish(w);
}

static void test_multicast(void **state)
{
	struct world *w = attached(&no_rate);

	(void)state;
	store_write(VIF_FRONT "/request-multicast-control", "1");
	connect_it();
	run_until(w, PHASE_SERVING);
	expect_terms(w, 1,
		     &(struct net_terms){MSG_NET_MULTICAST, 0, 0, 0, false});
	store_write(VIF_FRONT "/request-multicast-control", "no");
	expect_terms(w, 2, &(struct net_terms){0, 0, 0, 0, true});
	finish(w);
}

static struct rtnl_link *tap(void)
{
	struct rtnl_link *link;

	assert_int_equal(rtnl_link_get_kernel(netlink, 0, "vif7.0", &link), 0);
	return link;
}

static void check_carrier(bool up)
{
	struct rtnl_link *link = tap();

	assert_int_equal(rtnl_link_get_carrier(link), up);
	rtnl_link_put(link);
}

static void check_bridge(const char *name)
{
	struct rtnl_link *link = tap();

	assert_int_equal(rtnl_link_get_master(link), if_nametoindex(name));
	rtnl_link_put(link);
}

static void test_carrier(void **state)
{
	struct world *w = serving(&no_rate);
	struct err e;

	(void)state;
	assert_true(store_has(VIF_BACK "/carrier", "1"));
	check_carrier(true);
	assert_int_equal(device_set_carrier(w->device, false, &e), 0);
	await(w, VIF_BACK "/carrier", "0");
	check_carrier(false);
	assert_true(device_vif(w->device)->carrier_down);
	expect_terms(w, 1,
		     &(struct net_terms){MSG_NET_UNPLUGGED, 0, 0, 0, true});
	lose_worker(w);
	run_until(w, PHASE_SERVING);
	expect_terms(w, 2,
		     &(struct net_terms){MSG_NET_UNPLUGGED, 0, 0, 0, true});
	assert_int_equal(device_set_carrier(w->device, true, &e), 0);
	expect_terms(w, 3, &(struct net_terms){0, 0, 0, 0, true});
	await(w, VIF_BACK "/carrier", "1");
	check_carrier(true);
	finish(w);
}

struct moved {
	bool is;
	struct err e;
};

static void on_moved(const struct err *e, void *arg)
{
	struct moved *m = arg;

	m->is = true;
	m->e.text[0] = '\0';
	if (e)
		m->e = *e;
}

static void test_move(void **state)
{
	struct world *w = serving(&no_rate);
	struct vif_config to = {.bridge = "xenbr1"};
	struct moved moved = {false, {.text = ""}};
	struct err e;

	(void)state;
	check_bridge("xenbr0");
	assert_int_equal(device_move_vif(w->device, &to, on_moved, &moved, &e),
			 0);
	assert_false(moved.is);
	assert_int_equal(device_move_vif(w->device, &to, on_moved, &moved, &e),
			 -EBUSY);
	assert_string_equal(e.text, "vif vif7.0: is being moved already");
	while (!moved.is)
		turn(w);
	assert_string_equal(moved.e.text, "");
	check_bridge("xenbr1");
	assert_string_equal(device_vif(w->device)->bridge, "xenbr1");
	await(w, VIF_BACK "/bridge", "xenbr1");

	strcpy(to.bridge, "lo");
	moved.is = false;
	if (device_move_vif(w->device, &to, on_moved, &moved, &e) == 0) {
		while (!moved.is)
			turn(w);
		e = moved.e;
	}
	assert_non_null(strstr(e.text, "lo"));
	check_bridge("xenbr1");
	assert_string_equal(device_vif(w->device)->bridge, "xenbr1");
	finish(w);
}

static void set_mtu(const char *bridge, unsigned int mtu)
{
	struct rtnl_link *link, *change = rtnl_link_alloc();

	assert_int_equal(rtnl_link_get_kernel(netlink, 0, bridge, &link), 0);
	rtnl_link_set_mtu(change, mtu);
	assert_int_equal(rtnl_link_change(netlink, link, change, 0), 0);
	rtnl_link_put(change);
	rtnl_link_put(link);
}

static void move(struct world *w, const char *bridge)
{
	struct moved moved = {false, {.text = ""}};
	struct vif_config to = {.bridge = ""};
	struct err e;

	strcpy(to.bridge, bridge);
	assert_int_equal(device_move_vif(w->device, &to, on_moved, &moved, &e),
			 0);
	while (!moved.is)
		turn(w);
	assert_string_equal(moved.e.text, "");
}

/* Also of the bridge whose mtu goes without saying, once another was said. */
static void test_move_mtu(void **state)
{
	struct world *w = serving(&no_rate);

	(void)state;
	set_mtu("xenbr1", 9000);
	move(w, "xenbr1");
	await(w, VIF_FRONT "/mtu", "9000");
	move(w, "xenbr0");
	await(w, VIF_FRONT "/mtu", "1500");
	finish(w);
}

static void add_address(const char *ifname, const char *text)
{
	struct rtnl_addr *address = rtnl_addr_alloc();
	struct nl_addr *local;

	assert_int_equal(nl_addr_parse(text, AF_INET, &local), 0);
	rtnl_addr_set_ifindex(address, (int)if_nametoindex(ifname));
	rtnl_addr_set_local(address, local);
	assert_int_equal(rtnl_addr_add(netlink, address, 0), 0);
	nl_addr_put(local);
	rtnl_addr_put(address);
}

static void test_move_routed(void **state)
{
	const struct vif_config vif = {.mac = {0, 0x16, 0x3e, 0, 0, 1},
				       .gatewaydev = "xenbr1"};
	struct world *w;

	(void)state;
	add_address("xenbr1", "10.0.0.1/24");
	w = world_open_vif("/proc/self/exe", &vif);
	if (!w->device)
		fail_msg("%s", w->why.text);
	attach(w);
	while (!w->attached)
		turn(w);
	await(w, VIF_BACK "/gatewaydev", "xenbr1");
	move(w, "xenbr0");
	await(w, VIF_BACK "/bridge", "xenbr0");
	while (store_has(VIF_BACK "/gatewaydev", "xenbr1"))
		run_for(w, 1);
	check_bridge("xenbr0");
	finish(w);
}

/* Whoever has it moved is answered, though its domain ends in between. */
static void test_move_ended(void **state)
{
	struct world *w = serving(&no_rate);
	struct vif_config to = {.bridge = "xenbr1"};
	struct moved moved = {false, {.text = ""}};
	struct err e;

	(void)state;
	lose_worker(w);
	assert_int_equal(device_move_vif(w->device, &to, on_moved, &moved, &e),
			 0);
	assert_false(moved.is);
	finish(w);
	assert_true(moved.is);
	assert_int_equal(moved.e.code, ENODEV);
	assert_string_equal(moved.e.text, "vif vif7.0: is being removed");
}

static void test_figures(void **state)
{
	struct world *w = serving(&no_rate);
	struct net_figures f = {.tx = {.packets = 3, .bytes = UINT64_MAX},
				.filtered = 2};
	struct json *v;

	(void)state;
	assert_int_equal(pwrite(w->device->u.vif.figures, &f, sizeof(f), 0),
			 sizeof(f));
	assert_int_equal(
		pwrite(w->device->u.vif.figures, &f, sizeof(f), sizeof(f)),
		sizeof(f));
	v = device_figures_json(w->device);
	assert_int_equal(json_int(json_get(json_get(v, "tx"), "packets"), -1),
			 6);
	assert_int_equal(json_int(json_get(json_get(v, "tx"), "bytes"), -1),
			 INT64_MAX);
	assert_int_equal(json_int(json_get(v, "filtered"), -1), 4);
	assert_int_equal(json_count(json_get(v, "queues")), 2);
	json_free(v);
	finish(w);
}

static int run(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rate),
		cmocka_unit_test(test_headroom),
		cmocka_unit_test(test_multicast),
		cmocka_unit_test(test_carrier),
		cmocka_unit_test(test_move),
		cmocka_unit_test(test_move_mtu),
		cmocka_unit_test(test_move_routed),
		cmocka_unit_test(test_move_ended),
		cmocka_unit_test(test_figures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(int argc, char **argv)
{
	return vif_world_main(argc, argv, run);
}
