/* SPDX-License-Identifier: MIT */
/* Workers that die, and those that come after them. */
#include <dirent.h>
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
#include "tests/unit/device_world.h"
#include "tests/unit/fake_store.h"

#define JOURNAL "journal/" UUID ".7.51712"

static struct world *serving(void)
{
	struct world *w = world_open("/proc/self/exe");

	attach(w);
	connect_front_end(w);
	run_until(w, PHASE_SERVING);
	assert_int_equal(w->device->ours, XenbusStateConnected);
	return w;
}

static void finish(struct world *w)
{
	device_end(w->device);
	run_until_gone(w);
	world_close(w);
	assert_int_equal(access(JOURNAL, F_OK), -1);
}

static void kill_worker(struct world *w)
{
	assert_int_equal(kill(process_pid(w->device->worker), SIGKILL), 0);
}

/* Kills it and runs until xnd has seen that. */
static void lose_worker(struct world *w)
{
	kill_worker(w);
	run_until(w, PHASE_NONE);
}

static void check_told(const struct told *last, unsigned int generation)
{
	struct stat st;

	assert_int_equal(last->generation, generation);
	assert_int_equal(last->port, 9);
	assert_int_equal(last->ring_ref, 8);
	assert_int_equal(stat(JOURNAL, &st), 0);
	assert_int_equal(last->journal, st.st_ino);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_true(st.st_size >= (off_t)MSG_BLK_JOURNAL_BYTES(1, 32));
}

/* The guest may write what it likes: the connection is what it was. */
static void test_killed_while_serving(void **state)
{
	struct world *w = serving();
	struct told first, second;

	(void)state;
	assert_int_equal(world_told(&first), 1);
	check_told(&first, 1);
	store_write(FRONT "/event-channel", "99");
	lose_worker(w);
	run_until(w, PHASE_SERVING);
	assert_int_equal(world_told(&second), 2);
	check_told(&second, 2);
	assert_int_equal(second.journal, first.journal);
	assert_true(second.pid != first.pid);
	assert_int_equal(w->device->ours, XenbusStateConnected);
	assert_true(store_has(BACK "/state", "4"));
	finish(w);
}

static void test_killed_before_it_serves(void **state)
{
	struct world *w = world_open("/proc/self/exe");
	struct told told;

	(void)state;
	attach(w);
	connect_front_end(w);
	run_until(w, PHASE_STARTED);
	lose_worker(w);
	assert_int_equal(w->device->ours, XenbusStateInitWait);
	run_until(w, PHASE_SERVING);
	assert_int_equal(w->device->ours, XenbusStateConnected);
	assert_true(world_told(&told) >= 1);
	check_told(&told, 2);
	finish(w);
}

static void test_killed_while_idle(void **state)
{
	struct world *w = world_open("/proc/self/exe");

	(void)state;
	attach(w);
	while (!w->attached)
		turn(w);
	lose_worker(w);
	assert_int_equal(w->device->ours, XenbusStateInitWait);
	connect_front_end(w);
	run_until(w, PHASE_SERVING);
	assert_int_equal(w->device->ours, XenbusStateConnected);
	finish(w);
}

/* The guest lets go; its next front end has not come yet. */
static struct world *closed(void)
{
	struct world *w = serving();

	store_write(FRONT "/state", "6");
	while (w->device->ours != XenbusStateClosed)
		turn(w);
	run_until(w, PHASE_NONE);
	return w;
}

static void check_served_anew(struct world *w)
{
	struct told told;

	while (w->device->ours != XenbusStateInitWait)
		turn(w);
	store_write(FRONT "/state", "3");
	run_until(w, PHASE_SERVING);
	assert_int_equal(w->device->ours, XenbusStateConnected);
	assert_int_equal(world_told(&told), 2);
	check_told(&told, 1);
}

/* The front end has seen InitWait, and would take Closing for the end. */
static void test_killed_while_it_starts_anew(void **state)
{
	struct world *w = closed();

	(void)state;
	store_write(FRONT "/state", "1");
	run_until(w, PHASE_STARTING);
	lose_worker(w);
	assert_int_equal(w->device->ours, XenbusStateInitWait);
	check_served_anew(w);
	finish(w);
}

/* The front end waits for InitWait meanwhile, and does nothing. */
static void test_not_started_anew_at_once(void **state)
{
	struct world *w = closed();

	(void)state;
	world_replace_worker("/no/such/program");
	store_write(FRONT "/state", "1");
	while (!w->device->failure.text[0])
		turn(w);
	assert_non_null(strstr(w->device->failure.text, "cannot start"));
	assert_int_equal(w->device->ours, XenbusStateClosed);
	world_replace_worker("/proc/self/exe");
	check_served_anew(w);
	assert_string_equal(w->device->failure.text, "");
	finish(w);
}

/*
 * The dead worker's I/O is still on its way to the image, which is why the
 * open file description, and its lock, are still there.
 */
static void test_io_outlives_its_worker(void **state)
{
	struct world *w = world_open("/proc/self/exe");
	struct told told;

	(void)state;
	world_keep_images(true);
	attach(w);
	connect_front_end(w);
	run_until(w, PHASE_SERVING);
	world_keep_images(false);
	lose_worker(w);
	run_until(w, PHASE_READY);
	run_for(w, 400);
	assert_int_equal(w->device->phase, PHASE_READY);
	assert_int_equal(world_told(&told), 1);
	assert_int_equal(w->device->ours, XenbusStateConnected);
	world_release_images();
	run_until(w, PHASE_SERVING);
	assert_int_equal(world_told(&told), 2);
	finish(w);
}

/* The successor waits for its turn when the guest lets go. */
static void test_guest_closes_meanwhile(void **state)
{
	struct world *w = world_open("/proc/self/exe");

	(void)state;
	world_keep_images(true);
	attach(w);
	connect_front_end(w);
	run_until(w, PHASE_SERVING);
	lose_worker(w);
	run_until(w, PHASE_READY);
	assert_int_equal(access(JOURNAL, F_OK), 0);
	store_write(FRONT "/state", "6");
	while (w->device->ours != XenbusStateClosed)
		turn(w);
	assert_int_equal(access(JOURNAL, F_OK), -1);
	world_release_images();
	run_for(w, 50);
	finish(w);
}

static void test_killed_time_and_again(void **state)
{
	struct world *w = serving();
	struct told told;
	int i;

	(void)state;
	for (i = 2; i <= CRASHES_MAX; i++) {
		lose_worker(w);
		assert_int_equal(w->device->ours, XenbusStateConnected);
		run_until(w, PHASE_SERVING);
		world_told(&told);
		check_told(&told, (unsigned int)i);
	}
	lose_worker(w);
	assert_int_equal(w->device->ours, XenbusStateClosing);
	assert_non_null(strstr(w->device->failure.text,
			       "its worker has died 5 times within 10 seconds "
			       "and is not started again; the last time, "
			       "xn-blk was killed by signal 9"));
	run_for(w, 100);
	assert_int_equal(w->device->phase, PHASE_NONE);
	/* The guest lets go, and comes again. */
	store_write(FRONT "/state", "6");
	while (w->device->ours != XenbusStateClosed)
		turn(w);
	store_write(FRONT "/state", "1");
	while (w->device->ours != XenbusStateInitWait)
		turn(w);
	store_write(FRONT "/state", "3");
	run_until(w, PHASE_SERVING);
	world_told(&told);
	check_told(&told, 1);
	finish(w);
}

/* Each round costs xnd a process: the guest must not set the pace. */
static void test_guest_that_opens_and_closes(void **state)
{
	struct world *w = serving();
	pid_t last = process_pid(w->device->worker);
	unsigned int workers = 0, rounds = 0;
	bool over = false;

	(void)state;
	while (!over) {
		store_write(FRONT "/state", rounds % 2 ? "1" : "6");
		run_for(w, 20);
		if (w->device->worker &&
		    process_pid(w->device->worker) != last) {
			last = process_pid(w->device->worker);
			workers++;
		}
		over = ++rounds == 150;
	}
	assert_in_range(workers, 1, 4);
	finish(w);
}

/* All of its arguments reach it, the last ones too. */
static void test_arguments(void **state)
{
	struct world *w = serving();
	char path[40], text[512], *at = text;
	FILE *in;

	(void)state;
	snprintf(path, sizeof(path), "/proc/%d/cmdline",
		 (int)process_pid(w->device->worker));
	in = fopen(path, "r");
	assert_non_null(in);
	text[fread(text, 1, sizeof(text) - 1, in)] = '\0';
	fclose(in);
	while (*at && strcmp(at, "image=file") != 0)
		at += strlen(at) + 1;
	assert_string_equal(at, "image=file");
	finish(w);
}

static void test_crashes(void **state)
{
	static const struct {
		uint64_t at_ms;
		int delay;
	} deaths[] = {
		{5000, 0},   {5001, 10},  {14999, 20}, {15000, 20},
		{15001, 20}, {15002, 40}, {15003, -1}, {15004, -1},
		{24998, -1}, {25003, 20}, {90000, 0},
	};
	struct crashes c = {0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(deaths) / sizeof(deaths[0]); i++) {
		int delay = crashes_note(&c, deaths[i].at_ms);

		if (delay != deaths[i].delay)
			fail_msg("at %lu: %d, not %d",
				 (unsigned long)deaths[i].at_ms, delay,
				 deaths[i].delay);
	}
}

static int run(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_killed_while_serving),
		cmocka_unit_test(test_killed_before_it_serves),
		cmocka_unit_test(test_killed_while_idle),
		cmocka_unit_test(test_killed_while_it_starts_anew),
		cmocka_unit_test(test_not_started_anew_at_once),
		cmocka_unit_test(test_io_outlives_its_worker),
		cmocka_unit_test(test_guest_closes_meanwhile),
		cmocka_unit_test(test_killed_time_and_again),
		cmocka_unit_test(test_guest_that_opens_and_closes),
		cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_crashes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(int argc, char **argv)
{
	return world_main(argc, argv, run);
}
