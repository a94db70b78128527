/* SPDX-License-Identifier: MIT */
/* Media come into a CD-ROM drive and leave it while a guest uses it. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "daemon/host/image.h"
#include "daemon/worker/process.h"
#include "tests/unit/fake_store.h"
#include "tests/unit/renewed.h"
#include "tests/unit/scratch.h"

#define EMPTY (MSG_BLK_READ_ONLY | MSG_BLK_NO_MEDIUM)

/* name: of its medium, or NULL. */
static struct world *drive(const char *name)
{
	struct disk_config disk = {
		.vdev = "xvda",
		.devid = 51712,
		.read_only = true,
		.cdrom = true,
	};
	char path[SCRATCH_PATH_BYTES];

	scratch_file("one.iso", 4096, 0600);
	scratch_file("two.iso", 8192, 0600);
	world_mute(SLOW_TO_STOP, false);
	if (name)
		scratch_path(path, name);
	disk.target = name ? path : NULL;
	return world_open_with("/proc/self/exe", &disk);
}

static struct world *serving(const char *name)
{
	struct world *w = drive(name);

	connect_world(w);
	return w;
}

/* Somebody else could write to it now. */
static bool is_free(const char *name)
{
	char path[SCRATCH_PATH_BYTES];
	struct image *im;
	struct err e;

	scratch_path(path, name);
	im = image_open(path, false, &e);
	if (!im)
		print_message("%s\n", e.text);
	image_close(im);
	return im != NULL;
}

static bool params_are(const char *name)
{
	char path[SCRATCH_PATH_BYTES] = "";

	if (name)
		scratch_path(path, name);
	return store_has(BACK "/params", path);
}

static void test_in_and_out(void **state)
{
	struct world *w = serving(NULL);
	struct answer a;

	(void)state;
	check_terms(1, 0, EMPTY);
	assert_true(params_are(NULL));
	assert_true(store_has(BACK "/sectors", "0"));
	assert_true(store_has(BACK "/sector-size", "512"));
	assert_true(store_has(BACK "/info", "7"));

	assert_int_equal(ask_medium(w, &a, "one.iso"), 0);
	wait_well(w, &a);
	check_terms(2, 8, MSG_BLK_READ_ONLY);
	assert_true(params_are("one.iso"));
	assert_true(store_has(BACK "/sectors", "8"));
	assert_true(store_has(BACK "/state", "4"));
	assert_false(is_free("one.iso"));
	assert_non_null(strstr(device_disk(w->device)->target, "/one.iso"));

	assert_int_equal(ask_medium(w, &a, "two.iso"), 0);
	wait_well(w, &a);
	check_terms(3, 16, MSG_BLK_READ_ONLY);
	assert_true(is_free("one.iso"));
	assert_false(is_free("two.iso"));

	assert_int_equal(ask_medium(w, &a, NULL), 0);
	wait_well(w, &a);
	check_terms(4, 0, EMPTY);
	assert_true(params_are(NULL));
	assert_true(store_has(BACK "/sectors", "0"));
	assert_true(is_free("two.iso"));
	assert_null(device_disk(w->device)->target);
	assert_int_equal(store_writes(BACK "/state"), 5);
	finish(w);
}

/* As soon as nobody reads from it any more. */
static void test_free_at_once(void **state)
{
	struct world *w = serving("one.iso");
	struct answer a;

	(void)state;
	world_mute(SLOW_TO_STOP, true);
	assert_int_equal(ask_medium(w, &a, NULL), 0);
	run_for(w, 50);
	assert_false(is_free("one.iso"));
	world_mute(SLOW_TO_STOP, false);
	run_until(w, PHASE_STARTING);
	assert_true(is_free("one.iso"));
	wait_well(w, &a);
	finish(w);
}

/* The old medium is served on, by the same worker. */
static void test_not_to_be_had(void **state)
{
	struct world *w = serving("one.iso");
	pid_t worker = process_pid(w->device->worker);
	char path[SCRATCH_PATH_BYTES];
	struct image *other;
	struct answer a;
	struct err e;

	(void)state;
	assert_int_equal(ask_medium(w, &a, "no.iso"), -ENOENT);
	assert_non_null(strstr(a.e.text, "disk xvda: "));
	assert_string_equal(a.e.key, "target");
	scratch_path(path, "two.iso");
	other = image_open(path, false, &e);
	assert_non_null(other);
	assert_int_equal(ask_medium(w, &a, "two.iso"), -EBUSY);
	image_close(other);
	run_for(w, 50);
	assert_int_equal(a.n, 0);
	assert_int_equal(process_pid(w->device->worker), worker);
	assert_int_equal(w->device->phase, PHASE_SERVING);
	assert_true(params_are("one.iso"));
	finish(w);
}

/* The next worker cannot serve it: the old medium comes back. */
static void test_taken_back(void **state)
{
	struct world *w = serving("one.iso");
	struct answer a;

	(void)state;
	world_mute(REFUSES_ONCE, true);
	assert_int_equal(ask_medium(w, &a, "two.iso"), 0);
	wait_ill(w, &a, "xvda: not changed: does not like it");
	run_until(w, PHASE_SERVING);
	assert_int_equal(w->device->generation, 3);
	assert_true(is_free("two.iso"));
	assert_false(is_free("one.iso"));
	assert_string_equal(w->device->failure.text, "");
	assert_int_equal(w->device->ours, XenbusStateConnected);
	assert_true(params_are("one.iso"));
	assert_true(store_has(BACK "/sectors", "8"));
	assert_non_null(strstr(device_disk(w->device)->target, "/one.iso"));
	finish(w);
}

/* What has been given up is gone. */
static void test_not_taken_back(void **state)
{
	struct world *w = serving("one.iso");
	struct answer a;

	(void)state;
	world_mute(REFUSES_ONCE, true);
	assert_int_equal(ask_medium(w, &a, NULL), 0);
	wait_ill(w, &a, "xvda: does not like it");
	assert_int_equal(w->device->ours, XenbusStateClosing);
	finish(w);
}

static void test_not_connected(void **state)
{
	struct world *w = drive("one.iso");
	struct answer a;

	(void)state;
	attach(w);
	while (!w->attached)
		turn(w);
	assert_int_equal(ask_medium(w, &a, "two.iso"), 0);
	wait_well(w, &a);
	assert_true(is_free("one.iso"));
	assert_true(params_are("two.iso"));
	connect_front_end(w);
	run_until(w, PHASE_SERVING);
	check_terms(1, 16, MSG_BLK_READ_ONLY);
	finish(w);
}

static void test_other_disks(void **state)
{
	struct world *w = world_open("/proc/self/exe");
	struct answer a;

	(void)state;
	attach(w);
	while (!w->attached)
		turn(w);
	assert_int_equal(ask_medium(w, &a, NULL), -EINVAL);
	assert_string_equal(a.e.text, "xvda: is not a CD-ROM drive");
	finish(w);
	w = drive("one.iso");
	attach(w);
	while (!w->attached)
		turn(w);
	assert_int_equal(ask_size(w, &a, 1 << 20, false), -EINVAL);
	assert_non_null(strstr(a.e.text, "as large as its medium"));
	finish(w);
}

static int run(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_in_and_out),
		cmocka_unit_test(test_free_at_once),
		cmocka_unit_test(test_not_to_be_had),
		cmocka_unit_test(test_taken_back),
		cmocka_unit_test(test_not_taken_back),
		cmocka_unit_test(test_not_connected),
		cmocka_unit_test(test_other_disks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(int argc, char **argv)
{
	return world_main(argc, argv, run);
}
