/* SPDX-License-Identifier: MIT */
/*
 * Taps that come to bridges of a real Open vSwitch, go from one to another and
 * to one of Linux, and leave; and what is swept when they have gone unasked.
 */
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <event2/event.h>

#include "base/err.h"
#include "daemon/host/link.h"
#include "daemon/host/tap.h"
#include "daemon/net/join.h"
#include "daemon/net/vlan.h"
#include "tests/unit/ovs_servers.h"
#include "tests/unit/scratch.h"

static struct ovs_servers servers;
static struct event_base *base;
static struct links *links;
static struct nets *nets;

static unsigned int calls;
static struct err why; /* of the last; text "" for well */

static void on_told(const struct err *e, void *arg)
{
	(void)arg;
	calls++;
	memset(&why, 0, sizeof(why));
	if (e)
		why = *e;
}

static void await_told(void)
{
	unsigned int before = calls;

	while (calls == before)
		assert_int_equal(event_base_loop(base, EVLOOP_ONCE), 0);
}

static void assert_well(void)
{
	if (why.text[0])
		fail_msg("%s", why.text);
}

static struct place place_at(const char *bridge, const char *vlans)
{
	struct place p = {.ifname = "vif1.0", .mac = {0, 0x16, 0x3e, 0, 0, 1}};

	strcpy(p.bridge, bridge);
	if (*vlans)
		assert_int_equal(vlan_parse(vlans, &p.vlans, &why), 0);
	return p;
}

static struct join *join(const char *bridge, const char *vlans)
{
	const struct place p = place_at(bridge, vlans);
	struct join *j = join_begin(nets, &p, on_told, NULL, &why);

	if (!j)
		fail_msg("%s", why.text);
	await_told();
	return j;
}

static void move(struct join *j, const char *bridge, const char *vlans)
{
	const struct place p = place_at(bridge, vlans);

	if (join_move(j, &p, on_told, NULL, &why) == 0)
		await_told();
}

static void part(struct join *j)
{
	join_leave(j, on_told, NULL);
	await_told();
	join_free(j);
}

static void assert_said(const char *words, const char *expected)
{
	assert_string_equal(ovs_servers_say(&servers, words), expected);
}

static void test_life(void **state)
{
	int fd = tap_open("vif1.0", &why);
	struct join *j;

	(void)state;
	assert_true(fd >= 0);
	j = join("br0", "10");
	assert_well();
	assert_string_equal(join_way(j), "openvswitch");
	assert_int_equal(join_mtu(j), 1500);
	assert_said("port-to-br vif1.0", "br0");
	assert_said("get port vif1.0 tag", "10");
	move(j, "br1", "");
	assert_well();
	assert_said("port-to-br vif1.0", "br1");
	assert_said("get port vif1.0 tag", "[]");
	move(j, "lbr0", "");
	assert_well();
	assert_string_equal(join_way(j), "bridge");
	assert_said("list-ports br1", "");
	assert_int_equal(access("/sys/class/net/lbr0/brif/vif1.0", F_OK), 0);
	move(j, "br0", "7p/20");
	assert_well();
	assert_said("get port vif1.0 tag trunks", "7\n[7, 20]");
	assert_int_equal(access("/sys/class/net/lbr0/brif/vif1.0", F_OK), -1);
	part(j);
	assert_said("list-ports br0", "");
	close(fd);
}

static void test_stays(void **state)
{
	int fd = tap_open("vif1.0", &why);
	struct join *j = join("lbr0", "");

	(void)state;
	assert_well();
	move(j, "br0", "10p/20u");
	assert_int_equal(why.code, EINVAL);
	assert_int_equal(access("/sys/class/net/lbr0/brif/vif1.0", F_OK), 0);
	assert_said("list-ports br0", "");
	part(j);
	close(fd);
}

/* As another xnd does. */
static void start_again(void)
{
	nets_close(nets);
	nets = nets_open(base, links, servers.socket, &why);
	assert_non_null(nets);
	nets_sweep(nets);
}

static void test_sweep(void **state)
{
	int fd = tap_open("vif1.0", &why);
	struct join *j = join("br0", "");

	(void)state;
	assert_well();
	ovs_servers_say(&servers, "--no-wait add-port br0 tap9");
	join_free(j);
	/* It is still there: so is its port, though another takes its place. */
	start_again();
	j = join("br1", "");
	assert_well();
	join_free(j);
	assert_said("--no-wait list-ports br1", "vif1.0");
	close(fd);
	/* This one has swept before. */
	nets_sweep(nets);
	while (*ovs_servers_say(&servers, "--no-wait list-ports br1"))
		assert_true(event_base_loop(base, EVLOOP_NONBLOCK) >= 0);
	assert_said("--no-wait list-ports br0", "tap9");
	ovs_servers_say(&servers, "--no-wait del-port tap9");
}

static int enter(void **state)
{
	struct err e;

	/* Of sysfs, too: it shows the namespace it was mounted in. */
	if (unshare(CLONE_NEWNET | CLONE_NEWNS) < 0 ||
	    system("mount --make-rprivate / && mount -t sysfs sysfs /sys && "
		   "ip link add lbr0 type bridge") != 0 ||
	    scratch_enter(state) < 0)
		return -1;
	ovs_servers_start(&servers);
	ovs_servers_say(&servers,
			"add-br br0 -- set bridge br0 datapath_type=netdev -- "
			"add-br br1 -- set bridge br1 datapath_type=netdev");
	base = event_base_new();
	links = links_open(&e);
	nets = links ? nets_open(base, links, servers.socket, &e) : NULL;
	return nets ? 0 : -1;
}

static int leave(void **state)
{
	nets_close(nets);
	links_close(links);
	event_base_free(base);
	ovs_servers_stop(&servers.daemon);
	ovs_servers_stop(&servers.database);
	return scratch_remove(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_life),
		cmocka_unit_test(test_stays),
		cmocka_unit_test(test_sweep),
	};

	if (!ovs_servers_are_here()) {
		puts("1..0 # SKIP no Open vSwitch, or not root");
		return 0;
	}
	return cmocka_run_group_tests(tests, enter, leave);
}
