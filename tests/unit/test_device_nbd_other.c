/* SPDX-License-Identifier: MIT */
/* Disks whose bytes another's NBD server has. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <cmocka.h>

#include "daemon/host/image.h"
#include "daemon/host/nbd_export.h"
#include "daemon/worker/process.h"
#include "tests/unit/device_world.h"
#include "tests/unit/scratch.h"

static void finish(struct world *w)
{
	device_end(w->device);
	run_until_gone(w);
	world_close(w);
}

static char target[200];

static int make_server(void)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX, .sun_path = "server"};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	unlink("server");
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(fd, 5), 0);
	snprintf(target, sizeof(target), "nbd+unix:///e?socket=%s/server",
		 scratch_dir());
	return fd;
}

static int accept_worker(struct world *w, int listener)
{
	int fd;

	while ((fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC)) < 0)
		turn(w);
	assert_int_equal(write(fd, "NBDMAGIC", 8), 8);
	return fd;
}

static void test_unreachable(void **state)
{
	struct world *w;

	(void)state;
	close(make_server());
	w = world_open_disk("/proc/self/exe", FORMAT_RAW, target);
	attach(w);
	while (!w->refused)
		turn(w);
	assert_non_null(strstr(w->why.text, target));
	assert_non_null(strstr(w->why.text, "Connection refused"));
	run_until_gone(w);
	world_close(w);
}

static void test_read_only_export(void **state)
{
	int listener = make_server();
	struct world *w = world_open_disk("/proc/self/exe", FORMAT_RAW, target);
	int fd;

	(void)state;
	world_mute(EXPORT_READ_ONLY, true);
	attach(w);
	run_until(w, PHASE_OPENING);
	fd = accept_worker(w, listener);
	while (!w->refused)
		turn(w);
	world_mute(EXPORT_READ_ONLY, false);
	assert_non_null(strstr(w->why.text, target));
	assert_non_null(strstr(w->why.text, "read-only"));
	close(fd);
	run_until_gone(w);
	world_close(w);
	close(listener);
}

/* It is one guest's, until that one's disk is gone. */
static void test_other_guest(void **state)
{
	const struct device_owner other = {
		8, "db", "22222222-2222-3333-4444-555555555555", 1};
	struct disk_config disk = {
		.vdev = "xvda", .devid = 51712, .target = target};
	int listener = make_server();
	struct world *w = world_open_disk("/proc/self/exe", FORMAT_RAW, target);
	const struct image_use use = {.uuid = other.uuid, .devid = 51712};
	struct nbd_export *export;
	struct err e;

	(void)state;
	assert_null(device_new_vbd(&w->env, &w->list, &other, &disk, &e));
	assert_int_equal(e.code, EBUSY);
	assert_string_equal(e.key, "target");
	assert_non_null(strstr(e.text, "disk xvda: nbd+unix:///e?socket="));
	assert_non_null(strstr(e.text, "in use by web, which writes"));
	attach(w);
	close(listener);
	while (!w->refused)
		turn(w);
	run_until_gone(w);
	world_close(w);
	export = nbd_export_open(target, &use, &e);
	assert_non_null(export);
	nbd_export_close(export);
}

static struct world *served_by(int listener, int *fd)
{
	struct world *w = world_open_disk("/proc/self/exe", FORMAT_RAW, target);

	attach(w);
	run_until(w, PHASE_OPENING);
	*fd = accept_worker(w, listener);
	connect_front_end(w);
	run_until(w, PHASE_SERVING);
	await_opened(w);
	return w;
}

/* Gone for longer than the first tries, then back. */
static void test_lost_and_back(void **state)
{
	int listener = make_server();
	int fd;
	struct world *w = served_by(listener, &fd);

	(void)state;
	close(listener);
	close(fd);
	run_for(w, 800);
	assert_int_equal(w->device->phase, PHASE_SERVING);
	assert_int_equal(w->device->ours, XenbusStateConnected);
	listener = make_server();
	fd = accept_worker(w, listener);
	await_opened(w);
	assert_int_equal(w->device->phase, PHASE_SERVING);
	close(fd);
	finish(w);
	close(listener);
}

/*
 * The server still works on what the dead worker has asked, and says so by not
 * closing: its successor gets a connection only afterwards.
 */
static void test_server_is_drained(void **state)
{
	int listener = make_server();
	int fd;
	struct world *w = served_by(listener, &fd);
	struct told told;
	char c;

	(void)state;
	assert_int_equal(kill(process_pid(w->device->worker), SIGKILL), 0);
	run_until(w, PHASE_NONE);
	run_until(w, PHASE_OPENING);
	run_for(w, 400);
	assert_int_equal(accept(listener, NULL, NULL), -1);
	assert_int_equal(read(fd, &c, 1), 0);
	assert_int_equal(write(fd, "answer", 6), 6);
	run_for(w, 100);
	assert_int_equal(accept(listener, NULL, NULL), -1);
	close(fd);
	fd = accept_worker(w, listener);
	run_until(w, PHASE_SERVING);
	assert_int_equal(world_told(&told), 2);
	close(fd);
	finish(w);
	close(listener);
}

static int run(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_unreachable),
		cmocka_unit_test(test_read_only_export),
		cmocka_unit_test(test_other_guest),
		cmocka_unit_test(test_lost_and_back),
		cmocka_unit_test(test_server_is_drained),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(int argc, char **argv)
{
	return world_main(argc, argv, run);
}
