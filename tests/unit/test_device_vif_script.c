/* SPDX-License-Identifier: MIT */
/*
 * Vifs that a hotplug script places, in a network namespace of the test's own.
 * The script notes how it was run, waits until it is told to go on, and ends as
 * it is told.
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
#include "tests/unit/device_world.h"
#include "tests/unit/fake_store.h"
#include "tests/unit/scratch.h"

static const char text[] =
	"#!/bin/sh\n"
	"echo $* $vif $netdev $XENBUS_TYPE $XENBUS_PATH $XENBUS_BASE_PATH "
	"$script >>ran\n"
	"echo says $1\n" /* which wakes whoever waits for that */
	"until [ -e $1 ]; do sleep 0.02; done\n"
	"exit $(cat $1)\n";

#define RUN(verb) verb " type_if=vif web0 eth7 vif backend/xnnet/7/0 backend "

static char script[SCRATCH_PATH_BYTES];

/* It appears with all of its content: who waits for it reads it at once. */
static void write_file(const char *name, const char *content, mode_t mode)
{
	int fd = open("new", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	size_t size = strlen(content);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, content, size), (ssize_t)size);
	close(fd);
	assert_int_equal(rename("new", name), 0);
}

/* verbs: of the runs so far, a letter each. */
static void assert_ran(const char *verbs)
{
	char all[1024] = "", expected[1024] = "";
	FILE *f = fopen("ran", "re");
	size_t n = f ? fread(all, 1, sizeof(all) - 1, f) : 0;

	if (f)
		fclose(f);
	all[n] = '\0';
	for (; *verbs; verbs++) {
		strcat(expected,
		       *verbs == '+' ? RUN("online") : RUN("offline"));
		strcat(expected, script);
		strcat(expected, "\n");
	}
	assert_string_equal(all, expected);
}

static struct world *scripted(void)
{
	static const char *const files[] = {"ran", "online", "offline"};
	struct vif_config vif = {
		.mac = {0, 0x16, 0x3e, 0, 0, 1},
		.bridge = "br0.10",
		.gatewaydev = "eth7",
		.vifname = "web0",
		.mtu = 1400,
		.n_prefixes = 2,
	};
	struct err e;
	size_t i;

	for (i = 0; i < 3; i++)
		unlink(files[i]);
	assert_int_equal(prefix_parse("192.0.2.7", &vif.prefixes[0], &e), 0);
	assert_int_equal(prefix_parse("2001:db8::/64", &vif.prefixes[1], &e),
			 0);
	scratch_path(script, "vif-test");
	strcpy(vif.script, script);
	return world_open_vif("/proc/self/exe", &vif);
}

/* Attaching has come so far that the script runs. */
static struct world *coming(void)
{
	struct world *w;

	write_file("vif-test", text, 0755);
	w = scripted();
	if (!w->device)
		fail_msg("%s", w->why.text);
	attach(w);
	while (access("ran", F_OK) < 0)
		turn(w);
	run_for(w, 50);
	assert_ran("+");
	assert_false(w->attached);
	return w;
}

static void on_detached(const struct err *e, void *arg)
{
	struct world *w = arg;

	assert_null(e);
	w->detached = true;
}

static void test_life(void **state)
{
	struct world *w = coming();
	struct err e;

	(void)state;
	/* What scripts read; and the interface has its name already. */
	assert_true(if_nametoindex("web0") > 0);
	assert_true(store_has(VIF_BACK "/script", script));
	assert_true(store_has(VIF_BACK "/bridge", "br0.10"));
	assert_true(store_has(VIF_BACK "/gatewaydev", "eth7"));
	assert_true(store_has(VIF_BACK "/ip", "192.0.2.7 2001:db8::/64"));
	assert_true(store_has(VIF_BACK "/mtu", "1400"));
	assert_true(store_has(VIF_BACK "/mac", "00:16:3e:00:00:01"));
	assert_true(store_has(VIF_BACK "/frontend-id", "7"));
	assert_int_equal(store_writes(VIF_BACK "/vifname"), 0);
	store_write(VIF_BACK "/hotplug-status", "connected");
	write_file("online", "0", 0600);
	while (!w->attached)
		turn(w);
	assert_false(w->refused);
	assert_int_equal(device_detach(w->device, on_detached, w, &e), 0);
	store_write(VIF_FRONT "/state", "6");
	run_until(w, PHASE_NONE);
	run_for(w, 100);
	/* The nodes stay for the script to read, and the interface, too. */
	assert_ran("+-");
	assert_true(store_has(VIF_BACK "/script", script));
	assert_true(if_nametoindex("web0") > 0);
	assert_false(w->detached);
	write_file("offline", "0", 0600);
	run_until_gone(w);
	assert_true(w->detached);
	assert_int_equal(store_count(), 0);
	assert_int_equal(if_nametoindex("web0"), 0);
	world_close(w);
}

static void check_refused(struct world *w, const char *status, const char *why)
{
	write_file("offline", "1", 0600); /* which changes nothing */
	write_file("online", status, 0600);
	run_until_gone(w);
	assert_true(w->refused);
	if (strcmp(w->why.text, why) != 0)
		fail_msg("%s", w->why.text);
	assert_ran("+-");
	assert_int_equal(store_count(), 0);
	world_close(w);
}

static void test_failures(void **state)
{
	struct world *w = coming();

	(void)state;
	check_refused(w, "3", "vif 0: vif-test online: ended with status 3");
	w = coming();
	store_write(VIF_BACK "/hotplug-error", "no bridge\n\x01");
	store_write(VIF_BACK "/hotplug-status", "error");
	check_refused(w, "1", "vif 0: its script: no bridge\\x0a\\x01");
	w = coming();
	store_write(VIF_BACK "/hotplug-status", "busy");
	check_refused(w, "0", "vif 0: its script says in hotplug-status: busy");
}

/* The domain ends in the middle of "online". */
static void test_end_while_coming(void **state)
{
	struct world *w = coming();

	(void)state;
	write_file("offline", "0", 0600);
	device_end(w->device);
	run_until_gone(w);
	assert_ran("+-");
	world_close(w);
}

/* What was never begun is not undone either. */
static void test_end_before(void **state)
{
	struct world *w = scripted();

	(void)state;
	device_end(w->device);
	run_until_gone(w);
	assert_ran("");
	world_close(w);
}

static void test_no_script(void **state)
{
	struct world *w;

	(void)state;
	unlink("vif-test");
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
