/* SPDX-License-Identifier: MIT */
/* Disks whose bytes a qemu-nbd of ours has. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/num.h"
#include "base/scope.h"
#include "daemon/worker/process.h"
#include "tests/unit/device_world.h"
#include "tests/unit/fake_store.h"
#include "tests/unit/scratch.h"

static void finish(struct world *w)
{
	device_end(w->device);
	run_until_gone(w);
	world_close(w);
}

static void serve(struct world *w)
{
	attach(w);
	connect_front_end(w);
	run_until(w, PHASE_SERVING);
	assert_int_equal(w->device->ours, XenbusStateConnected);
	while (!store_has(BACK "/state", "4"))
		run_for(w, 5);
}

/* The qemu-nbd that is a child of ours, or 0. */
static pid_t find_server(void)
{
	char path[64], name[32] = "";
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	pid_t found = 0;
	uint32_t pid;
	int parent;
	FILE *in;

	while ((entry = readdir(proc))) {
		if (num_parse_u32(entry->d_name, INT32_MAX, &pid) < 0)
			continue;
		snprintf(path, sizeof(path), "/proc/%u/stat", pid);
		in = fopen(path, "r");
		if (!in)
			continue;
		if (fscanf(in, "%*d (%31[^)]) %*c %d", name, &parent) == 2 &&
		    parent == getpid() && strcmp(name, "qemu-nbd") == 0)
			found = (pid_t)pid;
		fclose(in);
	}
	closedir(proc);
	return found;
}

/* ---- a qemu-nbd of ours ---- */

static void test_image_is_served(void **state)
{
	struct world *w = world_open_disk("/proc/self/exe", FORMAT_QCOW2, NULL);

	(void)state;
	serve(w);
	assert_true(store_has(BACK "/sectors", "4321"));
	assert_true(store_has(BACK "/physical-sector-size", "1024"));
	assert_true(store_has(BACK "/feature-flush-cache", "1"));
	assert_true(store_has(BACK "/feature-discard", "1"));
	assert_true(store_has(BACK "/discard-granularity", "1024"));
	assert_true(store_has(BACK "/multi-queue-max-queues", "1"));
	assert_true(find_server() > 0);
	assert_true(access("nbd/starting", F_OK) < 0);
	finish(w);
	assert_int_equal(find_server(), 0);
}

static void test_image_is_refused(void **state)
{
	struct world *w;

	(void)state;
	world_mute(SERVER_REFUSES, true);
	w = world_open_disk("/proc/self/exe", FORMAT_VMDK, NULL);
	attach(w);
	while (!w->refused)
		turn(w);
	world_mute(SERVER_REFUSES, false);
	assert_non_null(strstr(w->why.text, "/disk: "));
	assert_non_null(strstr(w->why.text, "not in that format"));
	run_until_gone(w);
	world_close(w);
}

static void test_no_qemu_nbd(void **state)
{
	struct world *w = world_open_disk("/proc/self/exe", FORMAT_QCOW2, NULL);

	(void)state;
	unlink("qemu-nbd");
	attach(w);
	while (!w->refused)
		turn(w);
	assert_non_null(strstr(w->why.text, "qemu_nbd in xnd.conf"));
	run_until_gone(w);
	world_close(w);
}

static void test_server_dies(void **state)
{
	struct world *w = world_open_disk("/proc/self/exe", FORMAT_QCOW2, NULL);
	struct told told;
	pid_t first;

	(void)state;
	serve(w);
	await_opened(w);
	first = find_server();
	assert_int_equal(kill(first, SIGKILL), 0);
	await_opened(w);
	assert_true(find_server() > 0);
	assert_int_not_equal(find_server(), first);
	assert_int_equal(w->device->phase, PHASE_SERVING);
	assert_int_equal(w->device->ours, XenbusStateConnected);
	assert_int_equal(world_told(&told), 1);
	finish(w);
}

/* Of those that always die no more are started than of workers. */
static void test_server_always_dies(void **state)
{
	struct world *w = world_open_disk("/proc/self/exe", FORMAT_QCOW2, NULL);

	(void)state;
	serve(w);
	await_opened(w);
	world_mute(SERVER_REFUSES, true);
	assert_int_equal(kill(find_server(), SIGKILL), 0);
	while (!w->device->failure.text[0])
		turn(w);
	world_mute(SERVER_REFUSES, false);
	assert_non_null(strstr(w->device->failure.text, "not in that format"));
	assert_int_equal(w->device->ours, XenbusStateClosing);
	finish(w);
}

static void replace_image(void)
{
	scratch_file("new", 1 << 20, 0600);
	assert_int_equal(rename("new", "disk"), 0);
}

static void check_given_up(struct world *w)
{
	while (!w->device->failure.text[0])
		turn(w);
	assert_non_null(strstr(w->device->failure.text, "/disk: "));
	assert_non_null(strstr(w->device->failure.text, "another file by now"));
	assert_int_equal(w->device->ours, XenbusStateClosing);
	assert_int_equal(find_server(), 0);
}

/* The guest's file is locked, and not what has been put in its place. */
static void test_image_is_replaced(void **state)
{
	struct world *w = world_open_disk("/proc/self/exe", FORMAT_QCOW2, NULL);

	(void)state;
	serve(w);
	await_opened(w);
	replace_image();
	unlink("started");
	assert_int_equal(kill(find_server(), SIGKILL), 0);
	check_given_up(w);
	assert_int_equal(access("started", F_OK), -1);
	assert_int_equal(access("opened", F_OK), -1);
	finish(w);
}

/* Nor between the look at the path and the server's. */
static void test_image_is_replaced_late(void **state)
{
	struct world *w = world_open_disk("/proc/self/exe", FORMAT_QCOW2, NULL);

	(void)state;
	serve(w);
	await_opened(w);
	unlink("started");
	world_mute(SERVER_MUTE, true);
	assert_int_equal(kill(find_server(), SIGKILL), 0);
	while (access("started", F_OK) < 0)
		run_for(w, 5);
	replace_image();
	world_mute(SERVER_MUTE, false);
	check_given_up(w);
	assert_int_equal(access("opened", F_OK), -1);
	finish(w);
}

/* A second name of the same file is as good. */
static void test_image_is_moved(void **state)
{
	struct world *w = world_open_disk("/proc/self/exe", FORMAT_QCOW2, NULL);

	(void)state;
	serve(w);
	await_opened(w);
	assert_int_equal(rename("disk", "old"), 0);
	assert_int_equal(symlink("old", "disk"), 0);
	assert_int_equal(kill(find_server(), SIGKILL), 0);
	await_opened(w);
	assert_int_equal(w->device->phase, PHASE_SERVING);
	finish(w);
	assert_int_equal(unlink("disk"), 0);
}

/*
 * The worker that has nothing to serve goes, too, so that a guest that comes
 * again once the image can be served finds that it is.
 */
static void test_given_up_and_back(void **state)
{
	struct world *w = world_open_disk("/proc/self/exe", FORMAT_QCOW2, NULL);

	(void)state;
	serve(w);
	await_opened(w);
	world_mute(SERVER_REFUSES, true);
	assert_int_equal(kill(process_pid(w->device->worker), SIGKILL), 0);
	while (!w->device->failure.text[0])
		turn(w);
	world_mute(SERVER_REFUSES, false);
	run_until(w, PHASE_NONE);
	/* It is still connected, as far as it knows: it must let go first. */
	run_for(w, 1300);
	assert_int_equal(w->device->phase, PHASE_NONE);
	assert_int_equal(w->device->ours, XenbusStateClosing);
	assert_true(w->device->failure.text[0]);
	store_write(FRONT "/state", "6");
	while (w->device->ours != XenbusStateClosed)
		turn(w);
	store_write(FRONT "/state", "1");
	while (w->device->ours != XenbusStateInitWait)
		turn(w);
	store_write(FRONT "/state", "3");
	run_until(w, PHASE_SERVING);
	finish(w);
}

/*
 * What a dead worker has asked is done before its successor is told to start,
 * for the server that it asked has ended.
 */
static void test_io_outlives_its_worker(void **state)
{
	struct world *w = world_open_disk("/proc/self/exe", FORMAT_QCOW2, NULL);
	struct told told;
	pid_t first;

	(void)state;
	serve(w);
	await_opened(w);
	first = find_server();
	world_mute(SERVER_BUSY, true);
	assert_int_equal(kill(process_pid(w->device->worker), SIGKILL), 0);
	run_until(w, PHASE_NONE);
	run_until(w, PHASE_OPENING);
	run_for(w, 400);
	assert_int_equal(find_server(), first);
	assert_int_equal(access("opened", F_OK), -1);
	assert_int_equal(world_told(&told), 1);
	world_mute(SERVER_BUSY, false);
	run_until(w, PHASE_SERVING);
	assert_int_not_equal(find_server(), first);
	assert_int_equal(world_told(&told), 2);
	assert_int_equal(told.generation, 2);
	assert_int_equal(w->device->ours, XenbusStateConnected);
	finish(w);
}

/* QEMU says so then; there may be no end of it to be waited for. */
static void test_other_has_image(void **state)
{
	struct world *w = world_open_disk("/proc/self/exe", FORMAT_QCOW2, NULL);
	struct flock write = {
		.l_type = F_RDLCK,
		.l_whence = SEEK_SET,
		.l_start = 101, /* QEMU's: somebody writes */
		.l_len = 1,
	};
	int fd = open("disk", O_RDWR | O_CLOEXEC);

	(void)state;
	assert_int_equal(fcntl(fd, F_OFD_SETLK, &write), 0);
	attach(w);
	run_until(w, PHASE_READY);
	close(fd);
	finish(w);
}

/* To cut the file of a qcow2 image would be the end of it. */
static void test_size_is_not_changed(void **state)
{
	const struct disk_size size = {.bytes = 2 << 20};
	struct world *w = world_open_disk("/proc/self/exe", FORMAT_QCOW2, NULL);
	struct stat st;
	struct err e;

	(void)state;
	serve(w);
	assert_int_equal(device_resize(w->device, &size, NULL, NULL, &e),
			 -ENOTSUP);
	assert_non_null(strstr(e.text, "grown by qemu-img while no guest"));
	assert_int_equal(stat("disk", &st), 0);
	assert_int_equal(st.st_size, 1 << 20);
	finish(w);
}

/* A size is asked of another server: it would not be started. */
static void test_size_of_replaced(void **state)
{
	const struct disk_size size = {.look = true};
	struct world *w = world_open_disk("/proc/self/exe", FORMAT_QCOW2, NULL);
	struct err e;

	(void)state;
	serve(w);
	replace_image();
	assert_int_equal(device_resize(w->device, &size, NULL, NULL, &e),
			 -ESTALE);
	assert_non_null(strstr(e.text, "/disk: another file by now"));
	assert_int_equal(unlink("disk"), 0);
	assert_int_equal(device_resize(w->device, &size, NULL, NULL, &e),
			 -ESTALE);
	assert_non_null(strstr(e.text, "/disk: not there any more"));
	assert_int_equal(w->device->phase, PHASE_SERVING);
	finish(w);
}

static int run(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_image_is_served),
		cmocka_unit_test(test_image_is_refused),
		cmocka_unit_test(test_no_qemu_nbd),
		cmocka_unit_test(test_server_dies),
		cmocka_unit_test(test_server_always_dies),
		cmocka_unit_test(test_image_is_replaced),
		cmocka_unit_test(test_image_is_replaced_late),
		cmocka_unit_test(test_image_is_moved),
		cmocka_unit_test(test_given_up_and_back),
		cmocka_unit_test(test_io_outlives_its_worker),
		cmocka_unit_test(test_other_has_image),
		cmocka_unit_test(test_size_is_not_changed),
		cmocka_unit_test(test_size_of_replaced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(int argc, char **argv)
{
	return world_main(argc, argv, run);
}
