/* SPDX-License-Identifier: MIT */
/* Front ends of a disk that do not wait for it: hasty ones, and blind ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/err.h"
#include "daemon/worker/process.h"
#include "tests/unit/device_world.h"
#include "tests/unit/fake_store.h"

/* The watch fires while the guest's keys are being read. */
static void test_change_while_keys_are_read(void **state)
{
	struct world *w = world_open("/proc/self/exe");

	(void)state;
	attach(w);
	store_when_read(FRONT "/event-channel", FRONT "/state", "5");
	connect_front_end(w);
	while (w->device->ours != XenbusStateClosing)
		turn(w);
	device_end(w->device);
	run_until_gone(w);
	world_close(w);
}

/* It closes what it has just begun, and begins again before we are ready. */
static void test_hasty_front_end(void **state)
{
	struct world *w = world_open("/proc/self/exe");

	(void)state;
	attach(w);
	connect_front_end(w);
	run_until(w, PHASE_STARTED);
	store_write(FRONT "/state", "6");
	run_until(w, PHASE_STOPPING);
	store_write(FRONT "/state", "3");
	run_until(w, PHASE_SERVING);
	assert_int_equal(w->device->ours, XenbusStateConnected);
	device_end(w->device);
	run_until_gone(w);
	world_close(w);
}

/* It has closed, and is Connected with another ring: it never looked at us. */
static void connect_blindly(const char *ring_ref)
{
	store_write(FRONT "/ring-ref", ring_ref);
	store_write(FRONT "/state", "4");
}

static void check_serves(struct world *w, unsigned int ring_ref)
{
	struct told told;

	run_until(w, PHASE_SERVING);
	assert_int_equal(w->device->ours, XenbusStateConnected);
	assert_true(world_told(&told));
	assert_int_equal(told.ring_ref, ring_ref);
	assert_int_equal(told.generation, 1);
}

/*
 * Once Closed was said, to a worker that had no ring yet, and by one that is
 * gone; and while its worker stops.
 */
static void test_blind_front_end(void **state)
{
	struct world *w = world_open("/proc/self/exe");

	(void)state;
	attach(w);
	run_until(w, PHASE_READY);
	while (!w->attached)
		turn(w);
	store_write(FRONT "/event-channel", "9");
	store_write(FRONT "/state", "6");
	while (w->device->ours != XenbusStateClosed)
		turn(w);
	assert_int_equal(w->device->phase, PHASE_READY);
	connect_blindly("8");
	check_serves(w, 8);
	store_write(FRONT "/state", "6");
	while (w->device->ours != XenbusStateClosed)
		turn(w);
	connect_blindly("18");
	check_serves(w, 18);
	store_write(FRONT "/state", "6");
	run_until(w, PHASE_STOPPING);
	connect_blindly("28");
	check_serves(w, 28);
	store_write(FRONT "/state", "6");
	detach(w);
	run_until_gone(w);
	assert_true(w->detached);
	assert_int_equal(store_count(), 0);
	world_close(w);
}

/* A worker that has no ring yet is as good after the guest has closed. */
static void test_closed_while_worker_starts(void **state)
{
	struct world *w = world_open("/proc/self/exe");
	pid_t pid;

	(void)state;
	attach(w);
	connect_front_end(w);
	run_until(w, PHASE_SERVING);
	store_write(FRONT "/state", "1");
	while (w->device->ours != XenbusStateInitWait)
		turn(w);
	assert_int_equal(w->device->phase, PHASE_STARTING);
	pid = process_pid(w->device->worker);
	store_write(FRONT "/state", "6");
	while (w->device->ours != XenbusStateClosed)
		turn(w);
	connect_front_end(w);
	store_write(FRONT "/state", "1");
	while (w->device->ours != XenbusStateInitWait)
		turn(w);
	store_write(FRONT "/state", "3");
	run_until(w, PHASE_SERVING);
	assert_int_equal(process_pid(w->device->worker), pid);
	device_end(w->device);
	run_until_gone(w);
	world_close(w);
}

static int run(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_change_while_keys_are_read),
		cmocka_unit_test(test_hasty_front_end),
		cmocka_unit_test(test_blind_front_end),
		cmocka_unit_test(test_closed_while_worker_starts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(int argc, char **argv)
{
	return world_main(argc, argv, run);
}
