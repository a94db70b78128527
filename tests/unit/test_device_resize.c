/* SPDX-License-Identifier: MIT */
/* A disk in use gets another size; and what may come in between. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "daemon/worker/process.h"
#include "tests/unit/fake_store.h"
#include "tests/unit/renewed.h"
#include "tests/unit/scratch.h"

#define MIB (1u << 20)

static struct world *serving(void)
{
	struct world *w = world_open("/proc/self/exe");

	world_mute(SLOW_TO_STOP, false);
	connect_world(w);
	return w;
}

static off_t disk_bytes(void)
{
	struct stat st;

	assert_int_equal(stat("disk", &st), 0);
	return st.st_size;
}

static pid_t worker_of(const struct world *w)
{
	return process_pid(w->device->worker);
}

/* The state does not change; it is written once more, after the size. */
static void test_grow(void **state)
{
	struct world *w = serving();
	struct told first, second;
	struct answer a;

	(void)state;
	check_terms(1, 2048, 0);
	world_told(&first);
	assert_true(store_has(BACK "/sectors", "2048"));
	assert_int_equal(store_writes(BACK "/state"), 2);
	assert_int_equal(ask_size(w, &a, 2 * MIB, false), 0);
	assert_int_equal(disk_bytes(), 2 * MIB);
	wait_well(w, &a);
	assert_int_equal(w->device->phase, PHASE_SERVING);
	check_terms(2, 4096, 0);
	world_told(&second);
	assert_int_equal(second.journal, first.journal);
	assert_true(second.pid != first.pid);
	assert_true(store_has(BACK "/sectors", "4096"));
	assert_true(store_has(BACK "/state", "4"));
	assert_int_equal(store_writes(BACK "/state"), 3);
	assert_int_equal(w->device->ours, XenbusStateConnected);
	/* A death later on changes nothing of it. */
	assert_int_equal(kill(worker_of(w), SIGKILL), 0);
	run_until(w, PHASE_NONE);
	run_until(w, PHASE_SERVING);
	check_terms(3, 4096, 0);
	finish(w);
}

/* It may still write behind the new end until it has stopped. */
static void test_shrink(void **state)
{
	struct world *w = serving();
	struct answer a;

	(void)state;
	assert_int_equal(ask_size(w, &a, MIB / 2, false), -EINVAL);
	assert_non_null(strstr(a.e.text, "xvda: is 1048576 bytes large, and "
					 "is not made smaller"));
	assert_int_equal(w->device->phase, PHASE_SERVING);
	world_mute(SLOW_TO_STOP, true);
	assert_int_equal(ask_size(w, &a, MIB / 2, true), 0);
	run_for(w, 100);
	assert_int_equal(w->device->phase, PHASE_STOPPING);
	assert_int_equal(disk_bytes(), MIB);
	world_mute(SLOW_TO_STOP, false);
	wait_well(w, &a);
	assert_int_equal(disk_bytes(), MIB / 2);
	check_terms(2, 1024, 0);
	assert_true(store_has(BACK "/sectors", "1024"));
	finish(w);
}

/* And a dead one's I/O may. */
static void test_shrink_under_io(void **state)
{
	struct world *w = world_open("/proc/self/exe");
	struct answer a;

	(void)state;
	world_keep_images(true);
	connect_world(w);
	world_keep_images(false);
	assert_int_equal(ask_size(w, &a, MIB / 2, true), 0);
	run_until(w, PHASE_READY);
	run_for(w, 100);
	assert_int_equal(disk_bytes(), MIB);
	assert_int_equal(w->device->phase, PHASE_READY);
	world_release_images();
	wait_well(w, &a);
	assert_int_equal(disk_bytes(), MIB / 2);
	check_terms(2, 1024, 0);
	finish(w);
}

/* Somebody else has made it larger, and later smaller. */
static void test_look(void **state)
{
	struct world *w = serving();
	struct answer a;

	(void)state;
	assert_int_equal(truncate("disk", 3 * MIB), 0);
	assert_int_equal(ask_size(w, &a, 0, false), 0);
	wait_well(w, &a);
	check_terms(2, 3 * 2048, 0);
	assert_true(store_has(BACK "/sectors", "6144"));
	assert_int_equal(truncate("disk", MIB), 0);
	assert_int_equal(ask_size(w, &a, 0, false), 0);
	wait_well(w, &a);
	check_terms(3, 2048, 0);
	/* Too small to be served at all: it stays as it was. */
	assert_int_equal(truncate("disk", 100), 0);
	assert_int_equal(ask_size(w, &a, 0, false), 0);
	wait_ill(w, &a, "disk: smaller than a sector");
	assert_int_equal(truncate("disk", MIB), 0);
	run_until(w, PHASE_SERVING);
	check_terms(4, 2048, 0);
	assert_true(store_has(BACK "/sectors", "2048"));
	finish(w);
}

static void test_refused_at_once(void **state)
{
	static const struct {
		uint64_t bytes;
		const char *why;
	} sizes[] = {
		{1, "xvda: 1 bytes: must be a multiple of 512"},
		{511, "511 bytes: must be a multiple of 512"},
		{MIB + 1, "1048577 bytes: must be a multiple of 512"},
		{INT64_MAX / 512 * 512, "disk: cannot make it"},
	};
	struct world *w = serving();
	struct answer a;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		assert_true(ask_size(w, &a, sizes[i].bytes, true) < 0);
		if (!strstr(a.e.text, sizes[i].why))
			fail_msg("%s", a.e.text);
		assert_int_equal(w->device->phase, PHASE_SERVING);
	}
	assert_int_equal(a.n, 0);
	check_terms(1, 2048, 0);
	finish(w);
}

/* What it had taken is in the journal. */
static void test_killed_while_it_stops(void **state)
{
	struct world *w = serving();
	struct answer a;

	(void)state;
	world_mute(SLOW_TO_STOP, true);
	assert_int_equal(ask_size(w, &a, 2 * MIB, false), 0);
	run_for(w, 50);
	assert_int_equal(kill(worker_of(w), SIGKILL), 0);
	wait_well(w, &a);
	check_terms(2, 4096, 0);
	finish(w);
}

static void test_successor_dies(void **state)
{
	struct world *w = serving();
	struct answer a;

	(void)state;
	assert_int_equal(ask_size(w, &a, 2 * MIB, false), 0);
	run_until(w, PHASE_STARTED);
	assert_int_equal(kill(worker_of(w), SIGKILL), 0);
	wait_well(w, &a);
	assert_int_equal(w->device->generation, 3);
	assert_true(store_has(BACK "/sectors", "4096"));
	finish(w);
}

static void test_successors_never_answer(void **state)
{
	struct world *w = serving();
	struct answer a;

	(void)state;
	w->env.worker_timeout_s = 0;
	world_replace_worker("/no/such/program");
	assert_int_equal(ask_size(w, &a, 2 * MIB, false), 0);
	wait_ill(w, &a, "xvda: what a worker takes has been lacking");
	assert_int_equal(w->device->ours, XenbusStateClosing);
	finish(w);
}

/* A worker that has died is being replaced at the moment. */
static void test_between_workers(void **state)
{
	struct world *w = serving();
	struct answer a;

	(void)state;
	assert_int_equal(kill(worker_of(w), SIGKILL), 0);
	run_until(w, PHASE_NONE);
	assert_int_equal(ask_size(w, &a, 2 * MIB, false), 0);
	wait_well(w, &a);
	check_terms(2, 4096, 0);
	finish(w);
}

static void test_guest_closes_meanwhile(void **state)
{
	struct world *w = serving();
	struct answer a;

	(void)state;
	world_mute(SLOW_TO_STOP, true);
	assert_int_equal(ask_size(w, &a, 2 * MIB, false), 0);
	store_write(FRONT "/state", "6");
	run_for(w, 50);
	world_mute(SLOW_TO_STOP, false);
	wait_well(w, &a);
	while (w->device->ours != XenbusStateClosed)
		turn(w);
	assert_true(store_has(BACK "/sectors", "2048"));
	store_write(FRONT "/state", "1");
	while (w->device->ours != XenbusStateInitWait)
		turn(w);
	store_write(FRONT "/state", "3");
	wait_written(w, BACK "/sectors", "4096");
	assert_int_equal(w->device->generation, 1);
	finish(w);
}

static void test_detached_meanwhile(void **state)
{
	struct world *w = serving();
	struct answer a, second;

	(void)state;
	world_mute(SLOW_TO_STOP, true);
	assert_int_equal(ask_size(w, &a, 2 * MIB, false), 0);
	assert_int_equal(ask_size(w, &second, 4 * MIB, false), -EBUSY);
	assert_non_null(strstr(second.e.text, "is being changed already"));
	assert_int_equal(disk_bytes(), 2 * MIB);
	detach(w);
	assert_int_equal(ask_size(w, &second, 4 * MIB, false), -EBUSY);
	assert_non_null(strstr(second.e.text, "is being removed"));
	run_for(w, 50);
	world_mute(SLOW_TO_STOP, false);
	/* The guest may go on until it lets go. */
	wait_well(w, &a);
	run_until(w, PHASE_SERVING);
	assert_int_equal(w->device->ours, XenbusStateClosing);
	store_write(FRONT "/state", "6");
	run_until_gone(w);
	assert_true(w->detached);
	assert_int_equal(a.n, 1);
	assert_int_equal(store_count(), 0);
	world_close(w);
}

static void test_destroyed_meanwhile(void **state)
{
	struct world *w = serving();
	struct answer a;

	(void)state;
	world_mute(SLOW_TO_STOP, true);
	assert_int_equal(ask_size(w, &a, MIB / 2, true), 0);
	run_for(w, 20);
	device_end(w->device);
	wait_ill(w, &a, "its domain has ended");
	world_mute(SLOW_TO_STOP, false);
	run_until_gone(w);
	world_close(w);
	assert_int_equal(disk_bytes(), MIB);
}

/* Its driver has not come up: it finds the new size when it does. */
static void test_not_connected(void **state)
{
	struct world *w = world_open("/proc/self/exe");
	struct answer a;

	(void)state;
	attach(w);
	assert_int_equal(ask_size(w, &a, 2 * MIB, false), -EBUSY);
	while (!w->attached)
		turn(w);
	assert_int_equal(ask_size(w, &a, MIB / 2, true), 0);
	wait_well(w, &a);
	assert_int_equal(store_writes(BACK "/state"), 1);
	connect_front_end(w);
	run_until(w, PHASE_SERVING);
	check_terms(1, 1024, 0);
	finish(w);
}

/* There is no image to be looked at before its script has made one. */
static void test_script_still_runs(void **state)
{
	char script[SCRATCH_PATH_BYTES];
	struct answer a;
	struct world *w;
	FILE *out;

	(void)state;
	scratch_path(script, "block-slow");
	out = fopen(script, "w");
	assert_non_null(out);
	fputs("#!/bin/sh\n[ $1 != add ] || exec sleep 60\n", out);
	fclose(out);
	assert_int_equal(chmod(script, 0755), 0);
	w = world_open_script("/proc/self/exe", script);
	attach(w);
	while (w->device->unwritten)
		turn(w);
	assert_int_equal(ask_size(w, &a, 0, false), -EBUSY);
	assert_int_equal(ask_size(w, &a, 2 * MIB, false), -EBUSY);
	assert_non_null(strstr(a.e.text, "still being attached"));
	finish(w);
}

static int run(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_grow),
		cmocka_unit_test(test_shrink),
		cmocka_unit_test(test_shrink_under_io),
		cmocka_unit_test(test_look),
		cmocka_unit_test(test_refused_at_once),
		cmocka_unit_test(test_killed_while_it_stops),
		cmocka_unit_test(test_successor_dies),
		cmocka_unit_test(test_successors_never_answer),
		cmocka_unit_test(test_between_workers),
		cmocka_unit_test(test_guest_closes_meanwhile),
		cmocka_unit_test(test_detached_meanwhile),
		cmocka_unit_test(test_destroyed_meanwhile),
		cmocka_unit_test(test_not_connected),
		cmocka_unit_test(test_script_still_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(int argc, char **argv)
{
	return world_main(argc, argv, run);
}
