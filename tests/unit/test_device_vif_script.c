/* SPDX-License-Identifier: MIT */
/*
 * Vifs that a hotplug script places, in a network namespace of the test's own.
 */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
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

#include "base/err.h"
#include "daemon/net/prefix.h"
#include "daemon/net/vlan.h"
#include "tests/unit/device_world.h"
#include "tests/unit/fake_store.h"
#include "tests/unit/hotplug_script.h"
#include "tests/unit/scratch.h"

static struct hotplug_script script = {
	.name = "vif-test",
	.begin = "online",
	.undo = "offline",
	.told = " type_if=vif web0 eth7 vif backend/xnnet/7/0 backend ",
};

static struct world *scripted(void)
{
	struct vif_config vif = {
		.mac = {0, 0x16, 0x3e, 0, 0, 1},
		.bridge = "br0.10",
		.gatewaydev = "eth7",
		.vifname = "web0",
		.mtu = 1400,
		.n_prefixes = 2,
	};
	struct err e;

	assert_int_equal(vlan_parse("10", &vif.vlans, &e), 0);
	assert_int_equal(prefix_parse("192.0.2.7", &vif.prefixes[0], &e), 0);
	assert_int_equal(prefix_parse("2001:db8::/64", &vif.prefixes[1], &e),
			 0);
	scratch_path(vif.script, script.name);
	return world_open_vif("/proc/self/exe", &vif);
}

/* Attaching has come so far that the script runs. */
static struct world *coming(void)
{
	struct world *w;

	hotplug_write(&script);
	w = scripted();
	hotplug_attach(&script, w);
	return w;
}

static void test_life(void **state)
{
	struct world *w = coming();

	(void)state;
	/* What scripts read; and the interface has its name already. */
	assert_true(if_nametoindex("web0") > 0);
	assert_true(store_has(VIF_BACK "/script", script.path));
	assert_true(store_has(VIF_BACK "/bridge", "br0.10"));
	assert_true(store_has(VIF_BACK "/gatewaydev", "eth7"));
	assert_true(store_has(VIF_BACK "/ip", "192.0.2.7 2001:db8::/64"));
	assert_true(store_has(VIF_BACK "/mtu", "1400"));
	assert_true(store_has(VIF_BACK "/vlan", "10p"));
	assert_true(store_has(VIF_BACK "/mac", "00:16:3e:00:00:01"));
	assert_true(store_has(VIF_BACK "/frontend-id", "7"));
	assert_int_equal(store_writes(VIF_BACK "/vifname"), 0);
	store_write(VIF_BACK "/hotplug-status", "connected");
	hotplug_end_begin(&script, "0");
	while (!w->attached)
		turn(w);
	assert_false(w->refused);
	detach(w);
	store_write(VIF_FRONT "/state", "6");
	run_until(w, PHASE_NONE);
	run_for(w, 100);
	/* The nodes stay for the script to read, and the interface, too. */
	hotplug_assert_ran(&script, "+-");
	assert_true(store_has(VIF_BACK "/script", script.path));
	assert_true(if_nametoindex("web0") > 0);
	assert_false(w->detached);
	hotplug_end_undo(&script, "0");
	run_until_gone(w);
	assert_true(w->detached);
	assert_int_equal(store_count(), 0);
	assert_int_equal(if_nametoindex("web0"), 0);
	world_close(w);
}

static void test_failures(void **state)
{
	struct world *w = coming();

	(void)state;
	hotplug_check_refused(&script, w, "3",
			      "vif 0: vif-test online: ended with status 3");
	w = coming();
	store_write(VIF_BACK "/hotplug-error", "no bridge\n\x01");
	store_write(VIF_BACK "/hotplug-status", "error");
	hotplug_check_refused(&script, w, "1",
			      "vif 0: its script: no bridge\\x0a\\x01");
	w = coming();
	store_write(VIF_BACK "/hotplug-status", "busy");
	hotplug_check_refused(&script, w, "0",
			      "vif 0: its script says in hotplug-status: busy");
}

static void test_end_while_coming(void **state)
{
	(void)state;
	hotplug_check_end_while(&script, coming());
}

static void test_end_before(void **state)
{
	(void)state;
	hotplug_write(&script);
	hotplug_check_end_before(&script, scripted());
}

static void test_no_script(void **state)
{
	struct world *w;

	(void)state;
	unlink(script.name);
	w = scripted();
	assert_null(w->device);
	assert_int_equal(w->why.code, ENOENT);
	assert_string_equal(w->why.key, "script");
	assert_non_null(strstr(w->why.text, "vif 0: script /"));
	assert_int_equal(if_nametoindex("web0"), 0);
	xs_free(w->xs);
	w->xs = NULL;
	world_close(w);
}

static int run(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_life),
		cmocka_unit_test(test_failures),
		cmocka_unit_test(test_end_while_coming),
		cmocka_unit_test(test_end_before),
		cmocka_unit_test(test_no_script),
	};

	if (access("/dev/net/tun", R_OK | W_OK) < 0 ||
	    unshare(CLONE_NEWNET) < 0) {
		puts("1..0 # SKIP needs root and /dev/net/tun");
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(int argc, char **argv)
{
	return world_main(argc, argv, run);
}
