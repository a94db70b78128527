/* SPDX-License-Identifier: MIT */
/* Disks that a server has, whose size is looked at again while in use. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>
#include <cmocka.h>

#include "daemon/worker/process.h"
#include "tests/unit/fake_store.h"
#include "tests/unit/renewed.h"

static struct world *serving(void)
{
	struct world *w = world_open_disk("/proc/self/exe", FORMAT_QCOW2, NULL);

	connect_world(w);
	run_until(w, PHASE_SERVING);
	assert_true(store_has(BACK "/sectors", "4321"));
	return w;
}

static void check_grown(struct world *w, struct answer *a)
{
	struct told told;

	wait_well(w, a);
	assert_int_equal(world_told(&told), 2);
	assert_int_equal(told.generation, 2);
	assert_int_equal(told.sectors, 8642);
	assert_true(store_has(BACK "/sectors", "8642"));
	assert_int_equal(w->device->ours, XenbusStateConnected);
	assert_int_equal(w->device->phase, PHASE_SERVING);
}

static void test_grown(void **state)
{
	struct world *w = serving();
	struct answer a;

	(void)state;
	world_mute(EXPORT_GROWN, true);
	assert_int_equal(ask_size(w, &a, 0, false), 0);
	check_grown(w, &a);
	world_mute(EXPORT_GROWN, false);
	finish(w);
}

/* The next worker is up, and asks, before the last server has ended. */
static void test_server_ends_late(void **state)
{
	struct world *w = serving();
	struct answer a;

	(void)state;
	world_mute(EXPORT_GROWN, true);
	world_mute(SERVER_BUSY, true);
	assert_int_equal(ask_size(w, &a, 0, false), 0);
	run_until(w, PHASE_OPENING);
	run_for(w, 100);
	assert_int_equal(a.n, 0);
	world_mute(SERVER_BUSY, false);
	check_grown(w, &a);
	world_mute(EXPORT_GROWN, false);
	finish(w);
}

/* A successor of one that died says nothing new of what the guest knows. */
static void test_only_when_asked(void **state)
{
	struct world *w = serving();
	struct told told;

	(void)state;
	world_mute(EXPORT_GROWN, true);
	process_kill(w->device->worker);
	run_until(w, PHASE_NONE);
	run_until(w, PHASE_SERVING);
	assert_int_equal(world_told(&told), 2);
	assert_int_equal(told.sectors, 4321);
	assert_true(store_has(BACK "/sectors", "4321"));
	world_mute(EXPORT_GROWN, false);
	finish(w);
}

static int run(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_grown),
		cmocka_unit_test(test_server_ends_late),
		cmocka_unit_test(test_only_when_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(int argc, char **argv)
{
	return world_main(argc, argv, run);
}
