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
	assert_int_equal(device_set_carrier(w->device, true, &e), 0);
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
		cmocka_unit_test(test_figures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(int argc, char **argv)
{
	return vif_world_main(argc, argv, run);
}
