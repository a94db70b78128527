/* SPDX-License-Identifier: MIT */
/* What a worker's successor takes is not there: for a while, or for good. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <cmocka.h>

#include "daemon/worker/process.h"
#include "tests/unit/device_world.h"
#include "tests/unit/renewed.h"

static struct world *serving(void)
{
	struct world *w = world_open("/proc/self/exe");

	connect_world(w);
	return w;
}

/* Kills it and runs until xnd has seen that. */
static void lose_worker(struct world *w)
{
	assert_int_equal(kill(process_pid(w->device->worker), SIGKILL), 0);
	run_until(w, PHASE_NONE);
}

/* The front end has noticed nothing. */
static void check_goes_on(struct world *w)
{
	struct told told;

	assert_int_equal(w->device->ours, XenbusStateConnected);
	run_until(w, PHASE_SERVING);
	assert_int_equal(w->device->ours, XenbusStateConnected);
	assert_int_equal(w->device->shortage.tries, 0);
	assert_int_equal(w->device->crashes.n, 1);
	assert_int_equal(world_told(&told), 2);
	assert_int_equal(told.generation, 2);
}

/* It cannot even be started, for longer than deaths are put up with. */
static void test_late_successor(void **state)
{
	struct world *w = serving();

	(void)state;
	w->env.worker_timeout_s = 60;
	world_replace_worker("/no/such/program");
	lose_worker(w);
	run_for(w, 300);
	assert_in_range(w->device->shortage.tries, 1, 3);
	world_replace_worker("/proc/self/exe");
	check_goes_on(w);
	finish(w);
}

static void test_no_successor(void **state)
{
	struct world *w = serving();

	(void)state;
	w->env.worker_timeout_s = 0;
	world_replace_worker("/no/such/program");
	lose_worker(w);
	while (w->device->ours == XenbusStateConnected)
		turn(w);
	assert_non_null(strstr(w->device->failure.text,
			       "what a worker takes has been lacking for 0 "
			       "seconds; the last time, cannot start"));
	finish(w);
}

/* No descriptor is left until it has been tried so often. */
static void lack_descriptors(struct world *w, unsigned int tries)
{
	struct rlimit all, few;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &all), 0);
	few = all;
	few.rlim_cur = 4;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	while (w->device->shortage.tries < tries &&
	       !w->device->failure.text[0] && !w->out_of_time)
		event_base_loop(w->base, EVLOOP_ONCE);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &all), 0);
	assert_string_equal(w->device->failure.text, "");
	assert_false(w->out_of_time);
}

/* It is up, but there is nothing to open its image with. */
static void test_successor_without_image(void **state)
{
	struct world *w = world_open("/proc/self/exe");

	(void)state;
	w->env.worker_timeout_s = 60;
	world_keep_images(true);
	connect_world(w);
	world_keep_images(false);
	lose_worker(w);
	run_until(w, PHASE_READY);
	world_release_images();
	lack_descriptors(w, 2);
	check_goes_on(w);
	finish(w);
}

/* Nor of the first of them, as for the kernel that comes after GRUB. */
static void test_first_without_image(void **state)
{
	struct world *w = world_open("/proc/self/exe");
	struct told told;

	(void)state;
	w->env.worker_timeout_s = 60;
	attach(w);
	connect_front_end(w);
	lack_descriptors(w, 2);
	assert_int_equal(w->device->ours, XenbusStateInitWait);
	run_until(w, PHASE_SERVING);
	assert_int_equal(w->device->ours, XenbusStateConnected);
	assert_int_equal(world_told(&told), 1);
	assert_int_equal(told.generation, 1);
	finish(w);
}

static void test_shortage(void **state)
{
	static const struct {
		uint64_t at_ms;
		int pause;
	} tries[] = {
		{5000, 100},   {5100, 200},  {5300, 400},
		{5700, 800},   {6500, 1000}, {7500, 1000},
		{34999, 1000}, {35000, -1},  {90000, -1},
	};
	struct shortage s = {0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(tries) / sizeof(tries[0]); i++)
		assert_int_equal(shortage_note(&s, tries[i].at_ms, 30000),
				 tries[i].pause);
	s.tries = 0;
	assert_int_equal(shortage_note(&s, 90000, 30000), 100);
	assert_true(shortage_is(ENOMEM));
	assert_true(shortage_is(EMFILE));
	assert_false(shortage_is(ENOENT));
}

static int run(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_late_successor),
		cmocka_unit_test(test_no_successor),
		cmocka_unit_test(test_successor_without_image),
		cmocka_unit_test(test_first_without_image),
		cmocka_unit_test(test_shortage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(int argc, char **argv)
{
	return world_main(argc, argv, run);
}
