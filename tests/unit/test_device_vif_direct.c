/* SPDX-License-Identifier: MIT */
/* Vifs that are served by one process: how they share it, and lose it. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "tests/unit/direct_vifs.h"

static void test_share(void **state)
{
	struct world *w = direct_first();
	struct device *d = direct_another(w);
	struct segment_told a, b;
	pid_t pid = direct_pid(d);

	(void)state;
	assert_true(pid > 0);
	assert_int_equal(direct_pid(w->device), pid);
	direct_expect_segment(w, pid, 0, 1, &a);
	direct_expect_segment(w, pid, 1, 1, &b);
	assert_true(a.segment > 0);
	assert_int_equal(a.segment, b.segment);
	assert_int_equal(a.mtu, 1500);
	assert_int_equal(a.mac, 1);
	assert_int_equal(b.mac, 2);
	direct_end(w, d);
	run_for(w, 50);
	assert_int_equal(w->device->phase, PHASE_SERVING);
	assert_int_equal(direct_pid(w->device), pid);
	finish(w);
}

/* It goes by itself, with whoever was in it last. */
static void test_last_one(void **state)
{
	struct world *w = direct_first();
	struct device *d = direct_another(w);
	pid_t pid = direct_pid(d);

	(void)state;
	direct_end(w, w->device);
	assert_false(direct_is_gone(pid));
	w->device = d;
	direct_end(w, d);
	while (!direct_is_gone(pid))
		run_for(w, 1);
	world_close(w);
}

/* Its arguments are what an xnd that comes later knows it by. */
static void test_arguments(void **state)
{
	static const char wanted[] = "xn-net\0vifs=16\0queues=4\0bridge=xenbr0"
				     "\0user=20000";
	const size_t digits = 5; /* that are whoever is free */
	struct world *w = direct_first();
	char path[40], text[512] = "";
	FILE *in;

	(void)state;
	snprintf(path, sizeof(path), "/proc/%d/cmdline",
		 (int)direct_pid(w->device));
	in = fopen(path, "r");
	assert_non_null(in);
	assert_int_equal(fread(text, 1, sizeof(text), in),
			 sizeof(wanted) + digits);
	fclose(in);
	assert_memory_equal(text, wanted, sizeof(wanted) - 1);
	finish(w);
}

static void test_killed(void **state)
{
	struct world *w = direct_first();
	struct device *d = direct_another(w);
	pid_t pid = direct_pid(d);
	struct net_told told;

	(void)state;
	assert_int_equal(kill(pid, SIGKILL), 0);
	direct_until(w, w->device, PHASE_NONE);
	assert_true(direct_is_gone(pid));
	direct_until(w, d, PHASE_SERVING);
	direct_until(w, w->device, PHASE_SERVING);
	assert_true(direct_pid(d) > 0 && direct_pid(d) != pid);
	assert_int_equal(direct_pid(d), direct_pid(w->device));
	assert_int_equal(d->ours, XenbusStateConnected);
	assert_int_equal(w->device->ours, XenbusStateConnected);
	assert_int_equal(world_net_told(&told), 4);
	assert_int_equal(told.generation, 2);
	assert_int_equal(told.pid, direct_pid(d));
	direct_end(w, d);
	finish(w);
}

static void on_moved(const struct err *e, void *arg)
{
	if (e)
		fail_msg("%s", e->text);
	*(bool *)arg = true;
}

/* In no segment on the way, then in another's, in the process of those. */
static void test_moved(void **state)
{
	struct vif_config to = {.bridge = "xenbr1"};
	struct world *w = direct_first();
	struct device *d = direct_another(w);
	struct segment_told before, on_the_way, after;
	pid_t pid = direct_pid(d);
	bool moved = false;
	struct err e;

	(void)state;
	direct_expect_segment(w, pid, 1, 1, &before);
	assert_int_equal(device_move_vif(d, &to, on_moved, &moved, &e), 0);
	assert_false(moved);
	direct_expect_segment(w, pid, 1, 2, &on_the_way);
	assert_int_equal(on_the_way.segment, 0);
	while (!moved || d->phase != PHASE_SERVING)
		turn(w);
	assert_int_equal(d->ours, XenbusStateConnected);
	assert_true(direct_pid(d) != pid);
	assert_int_equal(direct_pid(w->device), pid);
	assert_int_equal(w->device->phase, PHASE_SERVING);
	direct_expect_segment(w, direct_pid(d), 0, 1, &after);
	assert_true(after.segment > 0 && after.segment != before.segment);
	assert_int_equal(after.mac, 2);
	direct_end(w, d);
	finish(w);
}

/* Where it cannot go it is in its old segment again. */
static void test_not_moved(void **state)
{
	struct vif_config to = {.bridge = "nowhere"};
	struct world *w = direct_first();
	struct segment_told before, after;
	pid_t pid = direct_pid(w->device);
	bool moved = false;
	struct err e;

	(void)state;
	direct_expect_segment(w, pid, 0, 1, &before);
	assert_true(device_move_vif(w->device, &to, on_moved, &moved, &e) < 0);
	direct_expect_segment(w, pid, 0, 3, &after);
	assert_int_equal(after.segment, before.segment);
	assert_int_equal(direct_pid(w->device), pid);
	finish(w);
}

/* Without the key each has a process, and is told of no segment. */
static void test_not_direct(void **state)
{
	struct world *w = serving(&no_rate);
	struct segment_told none;

	(void)state;
	assert_int_equal(world_segment(0, 0, &none), 0);
	finish(w);
}

static int run(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_share),
		cmocka_unit_test(test_last_one),
		cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_killed),
		cmocka_unit_test(test_moved),
		cmocka_unit_test(test_not_moved),
		cmocka_unit_test(test_not_direct),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(int argc, char **argv)
{
	return vif_world_main(argc, argv, run);
}
