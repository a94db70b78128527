/* SPDX-License-Identifier: MIT */
/* A disk that comes and goes while other things happen at the same time. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/err.h"
#include "daemon/worker/process.h"
#include "tests/unit/device_world.h"
#include "tests/unit/fake_store.h"
#include "tests/unit/scratch.h"

static void test_worker_that_fails(void **state)
{
	struct world *w = world_open("/bin/false");

	(void)state;
	attach(w);
	run_until_gone(w);
	assert_true(w->refused);
	assert_int_equal(store_count(), 0);
	world_close(w);
}

/* Its nodes are still being written. */
static void test_detach_while_attaching(void **state)
{
	struct world *w = world_open("/proc/self/exe");

	(void)state;
	run_until(w, PHASE_READY);
	attach(w);
	detach(w);
	run_until_gone(w);
	assert_true(w->attached);
	assert_true(w->detached);
	assert_int_equal(store_count(), 0);
	world_close(w);
}

/* A front end that has not begun would have it started again at once. */
static void test_worker_that_keeps_failing(void **state)
{
	struct world *w = world_open("/proc/self/exe");

	(void)state;
	attach(w);
	while (!w->attached)
		turn(w);
	world_replace_worker("/bin/false");
	kill(process_pid(w->device->worker), SIGKILL);
	run_until(w, PHASE_NONE);
	while (w->device->phase == PHASE_NONE)
		turn(w);
	device_end(w->device);
	run_until_gone(w);
	world_close(w);
}

static void test_detach_while_connecting(void **state)
{
	struct world *w = world_open("/proc/self/exe");

	(void)state;
	attach(w);
	connect_front_end(w);
	run_until(w, PHASE_STARTED);
	detach(w);
	run_until(w, PHASE_SERVING);
	assert_int_equal(w->device->ours, XenbusStateClosing);
	store_write(FRONT "/state", "6");
	run_until_gone(w);
	assert_true(w->detached);
	assert_int_equal(store_count(), 0);
	world_close(w);
}

/* What was asked of the kernel goes on when who asked is dead. */
static void test_end_waits_for_io(void **state)
{
	struct world *w = world_open("/proc/self/exe");

	(void)state;
	world_keep_images(true);
	attach(w);
	connect_front_end(w);
	run_until(w, PHASE_SERVING);
	world_keep_images(false);
	device_end(w->device);
	run_until(w, PHASE_NONE);
	run_for(w, 100);
	assert_false(w->gone);
	world_release_images();
	run_until_gone(w);
	world_close(w);
}

static struct world *connected(bool odd)
{
	struct world *w = world_open("/proc/self/exe");
	struct disk_config *c = &w->device->u.vbd.config;

	c->untrusted = c->direct_io_safe = c->no_discard = c->unchecked = odd;
	w->env.disk_barriers = odd;
	attach(w);
	connect_front_end(w);
	while (!store_has(BACK "/state", "4"))
		run_for(w, 5);
	return w;
}

static void disconnect(struct world *w)
{
	device_end(w->device);
	run_until_gone(w);
	world_close(w);
}

/* What others find of a disk's keys, and its worker is told. */
static void test_keys(void **state)
{
	struct world *w = connected(false);
	struct told told;

	(void)state;
	assert_true(store_has(BACK "/sector-size", "512"));
	assert_true(store_has(BACK "/physical-sector-size", "4096"));
	assert_true(store_has(BACK "/feature-discard", "1"));
	assert_true(store_has(BACK "/discard-granularity", "4096"));
	assert_true(store_has(BACK "/discard-alignment", "0"));
	assert_true(store_has(BACK "/discard-secure", "0"));
	assert_true(store_has(BACK "/feature-flush-cache", "1"));
	assert_true(store_has(BACK "/feature-barrier", "0"));
	assert_int_equal(world_told(&told), 1);
	assert_int_equal(told.flags, MSG_BLK_DISCARD);
	assert_true(store_has(FRONT "/trusted", "1"));
	assert_true(store_has(BACK "/discard-enable", "1"));
	assert_true(store_has(BACK "/mode", "w"));
	assert_false(store_has(BACK "/direct-io-safe", "1"));
	disconnect(w);
	w = connected(true);
	assert_true(store_has(FRONT "/trusted", "0"));
	assert_true(store_has(BACK "/discard-enable", "0"));
	assert_true(store_has(BACK "/mode", "w!"));
	assert_true(store_has(BACK "/direct-io-safe", "1"));
	assert_false(store_has(BACK "/feature-discard", "1"));
	assert_false(store_has(BACK "/discard-granularity", "4096"));
	assert_true(store_has(BACK "/feature-flush-cache", "1"));
	assert_true(store_has(BACK "/feature-barrier", "1"));
	assert_int_equal(world_told(&told), 1);
	assert_int_equal(told.flags, MSG_BLK_BARRIER);
	disconnect(w);
}

/* A disk that is no CD-ROM's. */
static void test_read_only(void **state)
{
	struct disk_config disk = {
		.vdev = "xvda", .devid = 51712, .read_only = true};
	char path[SCRATCH_PATH_BYTES];
	struct told told;
	struct world *w;

	(void)state;
	scratch_file("disk", 1 << 20, 0600);
	scratch_path(path, "disk");
	disk.target = path;
	w = world_open_with("/proc/self/exe", &disk);
	attach(w);
	connect_front_end(w);
	while (!store_has(BACK "/state", "4"))
		run_for(w, 5);
	assert_true(store_has(BACK "/mode", "r"));
	assert_true(store_has(BACK "/info", "4")); /* VDISK_READONLY */
	assert_true(store_has(BACK "/removable", "0"));
	assert_false(store_has(BACK "/feature-discard", "1"));
	assert_int_equal(world_told(&told), 1);
	assert_int_equal(told.flags, MSG_BLK_READ_ONLY);
	disconnect(w);
}

static void on_canceled(const struct err *e, void *arg)
{
	bool *canceled = arg;

	assert_non_null(e);
	*canceled = e->code == ECANCELED;
}

static void on_left(const struct device *d, void *arg)
{
	unsigned int *count = arg;

	assert_int_equal(device_domid(d), 7);
	assert_int_equal(device_devid(d), 51712);
	++*count;
}

/* It is asked, and never lets go; then it is not asked any more. */
static void test_force(void **state)
{
	struct world *w = world_open("/proc/self/exe");
	unsigned int left = 0;
	bool canceled = false;
	struct err e;

	(void)state;
	w->env.left = on_left;
	w->env.left_arg = &left;
	attach(w);
	connect_front_end(w);
	run_until(w, PHASE_SERVING);
	assert_int_equal(device_detach(w->device, on_canceled, &canceled, &e),
			 0);
	run_for(w, 100);
	assert_int_equal(w->device->ours, XenbusStateClosing);
	assert_int_equal(w->device->phase, PHASE_SERVING);
	detach_forced(w);
	assert_true(canceled);
	assert_int_equal(device_detach_forced(w->device, NULL, NULL, &e),
			 -EALREADY);
	assert_int_equal(left, 0);
	run_until_gone(w);
	assert_true(w->detached);
	assert_int_equal(left, 1);
	assert_int_equal(store_count(), 0);
	world_close(w);
}

/* The time-out is over; and the last worker's I/O is still on its way. */
static void test_force_after_time_out(void **state)
{
	struct world *w = world_open("/proc/self/exe");
	struct err e;

	(void)state;
	w->env.timeout_s = 0;
	world_keep_images(true);
	attach(w);
	connect_front_end(w);
	run_until(w, PHASE_SERVING);
	world_keep_images(false);
	assert_int_equal(device_detach(w->device, NULL, NULL, &e), 0);
	run_for(w, 100);
	assert_int_equal(w->device->fate, FATE_DETACH);
	detach_forced(w);
	run_until(w, PHASE_NONE);
	run_for(w, 100);
	assert_false(w->detached);
	world_release_images();
	run_until_gone(w);
	assert_true(w->detached);
	assert_int_equal(store_count(), 0);
	world_close(w);
}

static void test_worker_that_is_mute(void **state)
{
	struct world *w;

	(void)state;
	world_mute(MUTE_AT_ALL, true);
	w = world_open("/proc/self/exe");
	attach(w);
	run_until_gone(w);
	world_mute(MUTE_AT_ALL, false);
	assert_true(w->refused);
	assert_string_equal(w->why.text,
			    "xn-blk has not answered in 1 seconds");
	assert_int_equal(store_count(), 0);
	world_close(w);
}

/* It was given the rings, and never says that it serves them: another does. */
static void test_worker_that_goes_mute(void **state)
{
	struct world *w = world_open("/proc/self/exe");

	(void)state;
	world_mute(MUTE_STARTED, true);
	attach(w);
	connect_front_end(w);
	run_until(w, PHASE_STARTED);
	run_until(w, PHASE_NONE);
	world_mute(MUTE_STARTED, false);
	run_until(w, PHASE_SERVING);
	device_end(w->device);
	run_until_gone(w);
	world_close(w);
}

static int run(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_worker_that_fails),
		cmocka_unit_test(test_detach_while_attaching),
		cmocka_unit_test(test_worker_that_keeps_failing),
		cmocka_unit_test(test_detach_while_connecting),
		cmocka_unit_test(test_end_waits_for_io),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_read_only),
		cmocka_unit_test(test_force),
		cmocka_unit_test(test_force_after_time_out),
		cmocka_unit_test(test_worker_that_is_mute),
		cmocka_unit_test(test_worker_that_goes_mute),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(int argc, char **argv)
{
	return world_main(argc, argv, run);
}
