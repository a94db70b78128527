/* SPDX-License-Identifier: MIT */
/*
 * A disk that comes and goes while other things happen at the same time: its
 * worker is this program again, under the name of xn-blk.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <event2/event.h>

#include "base/err.h"
#include "chan/worker.h"
#include "daemon/device/kind.h"
#include "daemon/worker/process.h"
#include "daemon/xs/xs.h"
#include "tests/unit/fake_store.h"
#include "tests/unit/scratch.h"

#define BACK  "/local/domain/0/backend/xnblk/7/51712"
#define FRONT "/local/domain/7/device/vbd/51712"

/* ---- the worker ---- */

static void on_late(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	worker_say(arg, MSG_BLK_SERVING, 0);
}

static void on_worker_message(const union msg *m, int *fds, unsigned int n,
			      void *arg)
{
	struct timeval late = {0, 200000};
	struct worker *w = arg;

	(void)fds;
	(void)n;
	if (m->head.type == MSG_STOP)
		_exit(0);
	event_base_once(w->base, -1, EV_TIMEOUT, on_late, w, &late);
}

static void on_worker_end(void *arg)
{
	(void)arg;
	_exit(0);
}

static int worker_main(void)
{
	static const struct chan_ops ops = {on_worker_message, on_worker_end};
	static struct worker w;

	worker_open(&w, "xn-blk", &ops, &w);
	return worker_run_trusted(&w);
}

/* ---- the tests ---- */

struct world {
	struct event_base *base;
	struct xs *xs;
	struct device_env env;
	struct device_list list;
	struct device *device;
	bool attached, refused, detached, gone, out_of_time;
};

static void on_attached(const struct err *e, void *arg)
{
	struct world *w = arg;
	struct err ignored;

	w->attached = true;
	if (!e)
		return;
	/* As op_device.c does. */
	w->refused = true;
	device_detach(w->device, NULL, NULL, &ignored);
}

static void on_detached(const struct err *e, void *arg)
{
	struct world *w = arg;

	assert_null(e);
	w->detached = true;
}

static void on_gone(void *arg)
{
	struct world *w = arg;

	w->gone = true;
}

static void on_time_out(evutil_socket_t fd, short what, void *arg)
{
	struct world *w = arg;

	(void)fd;
	(void)what;
	w->out_of_time = true;
}

static struct world *world_open(const char *worker)
{
	const struct device_owner owner = {7, "web",
					   "11111111-2222-3333-4444-"
					   "555555555555",
					   2};
	struct disk_config disk = {.vdev = "xvda", .devid = 51712};
	struct timeval limit = {20, 0};
	struct world *w = calloc(1, sizeof(*w));
	char path[SCRATCH_PATH_BYTES];
	struct err e;

	unlink("xn-blk");
	assert_int_equal(symlink(worker, "xn-blk"), 0);
	scratch_file("disk", 1 << 20, 0600);
	scratch_path(path, "disk");
	disk.target = path;
	store_clear();
	w->base = event_base_new();
	w->xs = xs_new(w->base, &e);
	assert_non_null(w->xs);
	w->env = (struct device_env){
		.base = w->base,
		.xs = w->xs,
		.timeout_s = 10,
		.disk_queues = 4,
	};
	LIST_INIT(&w->list);
	event_base_once(w->base, -1, EV_TIMEOUT, on_time_out, w, &limit);
	w->device = device_new_vbd(&w->env, &w->list, &owner, &disk, &e);
	assert_non_null(w->device);
	device_on_gone(w->device, on_gone, w);
	return w;
}

static void attach(struct world *w)
{
	struct err e;

	assert_int_equal(device_attach(w->device, on_attached, w, &e), 0);
}

static void world_close(struct world *w)
{
	xs_free(w->xs);
	event_base_free(w->base);
	free(w);
}

static void turn(struct world *w)
{
	assert_int_equal(event_base_loop(w->base, EVLOOP_ONCE), 0);
	assert_false(w->out_of_time);
}

static void run_until_gone(struct world *w)
{
	while (!w->gone)
		turn(w);
	assert_true(LIST_EMPTY(&w->list));
	/* What is still queued is written, and is nothing. */
	xs_free(w->xs);
	w->xs = NULL;
}

/* The guest gives its ring. */
static void connect_front_end(struct world *w)
{
	while (!w->attached)
		turn(w);
	store_write(FRONT "/ring-ref", "8");
	store_write(FRONT "/event-channel", "9");
	store_write(FRONT "/protocol", "x86_64-abi");
	store_write(FRONT "/state", "3");
}

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
	struct err e;

	(void)state;
	while (w->device->phase != PHASE_READY)
		turn(w);
	attach(w);
	assert_int_equal(device_detach(w->device, on_detached, w, &e), 0);
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
	unlink("xn-blk");
	assert_int_equal(symlink("/bin/false", "xn-blk"), 0);
	kill(process_pid(w->device->worker), SIGKILL);
	while (w->device->phase != PHASE_NONE)
		turn(w);
	while (w->device->phase == PHASE_NONE)
		turn(w);
	device_end(w->device);
	run_until_gone(w);
	world_close(w);
}

static void test_detach_while_connecting(void **state)
{
	struct world *w = world_open("/proc/self/exe");
	struct err e;

	(void)state;
	attach(w);
	connect_front_end(w);
	while (w->device->phase != PHASE_STARTED)
		turn(w);
	assert_int_equal(device_detach(w->device, on_detached, w, &e), 0);
	while (w->device->phase != PHASE_SERVING)
		turn(w);
	assert_int_equal(w->device->ours, XenbusStateClosing);
	store_write(FRONT "/state", "6");
	run_until_gone(w);
	assert_true(w->detached);
	assert_int_equal(store_count(), 0);
	world_close(w);
}

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

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_worker_that_fails),
		cmocka_unit_test(test_detach_while_attaching),
		cmocka_unit_test(test_worker_that_keeps_failing),
		cmocka_unit_test(test_detach_while_connecting),
		cmocka_unit_test(test_change_while_keys_are_read),
	};
	char dir[64];
	int failed;

	if (argc > 0 && strcmp(argv[0], "xn-blk") == 0)
		return worker_main();
	if (scratch_enter(NULL) < 0)
		return 1;
	snprintf(dir, sizeof(dir), "%s", scratch_dir());
	setenv("XN_LIBEXECDIR", dir, 1);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	scratch_remove(NULL);
	return failed;
}
