/* SPDX-License-Identifier: MIT */
/*
 * A disk's caps on their way to its workers, and its figures on their way
 * back, whatever a worker has written there.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/scope.h"
#include "chan/blk_figures.h"
#include "daemon/worker/process.h"
#include "json/json.h"
#include "tests/unit/device_world.h"

static void finish(struct world *w)
{
	device_end(w->device);
	run_until_gone(w);
	world_close(w);
}

static void set(struct world *w, uint64_t iops, uint64_t bytes_per_second)
{
	const struct disk_caps caps = {iops, bytes_per_second};
	struct err e;

	assert_int_equal(device_set_caps(w->device, &caps, &e), 0);
}

/* Waits until the workers were told n times; the last of it must be this. */
static void expect(struct world *w, unsigned int n, uint64_t iops,
		   uint64_t bytes_per_second)
{
	struct capped last;

	while (world_capped(&last) < n)
		run_for(w, 1);
	assert_int_equal(world_capped(&last), n);
	assert_int_equal(last.iops, iops);
	assert_int_equal(last.bytes_per_second, bytes_per_second);
}

static void test_told_before_it_starts(void **state)
{
	struct world *w = world_open("/proc/self/exe");
	struct capped first;

	(void)state;
	set(w, 7, 0);
	attach(w);
	while (!w->attached)
		turn(w);
	set(w, 100, 2000);
	assert_int_equal(world_capped(&first), 0);
	connect_front_end(w);
	run_until(w, PHASE_SERVING);
	expect(w, 1, 100, 2000);
	world_capped(&first);
	assert_false(first.after_a_start);
	finish(w);
}

static void test_changed_and_survives(void **state)
{
	struct world *w = world_open("/proc/self/exe");
	struct capped none;

	(void)state;
	attach(w);
	connect_front_end(w);
	run_until(w, PHASE_SERVING);
	assert_int_equal(world_capped(&none), 0);
	set(w, 0, INT64_MAX);
	expect(w, 1, 0, INT64_MAX);
	set(w, 5, 6);
	expect(w, 2, 5, 6);
	kill(process_pid(w->device->worker), SIGKILL);
	run_until(w, PHASE_NONE);
	set(w, 8, 9); /* there is nobody to tell */
	run_until(w, PHASE_SERVING);
	expect(w, 3, 8, 9);
	finish(w);
}

static void write_figures(const struct world *w, unsigned int queue,
			  const struct blk_figures *f)
{
	assert_int_equal(pwrite(w->device->u.vbd.figures, f, sizeof(*f),
				queue * sizeof(*f)),
			 sizeof(*f));
}

static struct json *figures(const struct world *w)
{
	struct json *v = device_figures_json(w->device);
	scoped_str text = json_print(v, false);
	struct json *again;
	struct err e;

	assert_non_null(text);
	again = json_parse(text, strlen(text), &e);
	assert_non_null(again);
	json_free(again);
	return v;
}

static void test_figures(void **state)
{
	struct world *w = world_open("/proc/self/exe");
	struct blk_figures f = {.taken = 10, .answered = 7, .spared = 4};
	const struct json *read, *queues, *latency;
	struct json *v;

	(void)state;
	f.op[BLK_FIGURES_READ] = (struct blk_figures_of){
		.requests = 6, .bytes = 24576, .failed = 1};
	f.op[BLK_FIGURES_READ].latency[3] = 7;
	write_figures(w, 0, &f);
	f.answered = 9;
	f.op[BLK_FIGURES_READ].latency[5] = 1;
	write_figures(w, 1, &f);
	v = figures(w);
	read = json_get(v, "read");
	queues = json_get(v, "queues");
	assert_int_equal(json_get_int(v, "in_flight", -1), 4);
	assert_int_equal(json_get_int(v, "spared", -1), 8);
	assert_int_equal(json_get_int(read, "requests", -1), 12);
	assert_int_equal(json_get_int(read, "bytes", -1), 49152);
	assert_int_equal(json_get_int(read, "failed", -1), 2);
	latency = json_get(read, "latency");
	assert_int_equal(json_count(latency), 6);
	assert_int_equal(json_int(json_at(latency, 3), -1), 14);
	assert_int_equal(json_count(queues), 2);
	assert_int_equal(json_get_int(json_at(queues, 0), "in_flight", -1), 3);
	assert_int_equal(json_get_int(json_at(queues, 1), "in_flight", -1), 1);
	json_free(v);
	finish(w);
}

/* A worker may have written anything. */
static void test_hostile_figures(void **state)
{
	struct world *w = world_open("/proc/self/exe");
	const struct json *write;
	struct blk_figures f;
	struct json *v;

	(void)state;
	memset(&f, 0xff, sizeof(f));
	write_figures(w, 0, &f);
	write_figures(w, 1, &f);
	v = figures(w);
	write = json_get(v, "write");
	assert_true(json_get_int(write, "bytes", -1) == INT64_MAX);
	assert_true(json_get_int(v, "notified", -1) == INT64_MAX);
	assert_int_equal(json_get_int(v, "in_flight", -1), 0);
	assert_int_equal(json_count(json_get(write, "latency")), 32);
	json_free(v);
	f.taken = 1; /* more answered than taken */
	write_figures(w, 0, &f);
	v = figures(w);
	assert_int_equal(json_get_int(json_at(json_get(v, "queues"), 0),
				      "in_flight", -1),
			 0);
	json_free(v);
	finish(w);
}

static int run(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_told_before_it_starts),
		cmocka_unit_test(test_changed_and_survives),
		cmocka_unit_test(test_figures),
		cmocka_unit_test(test_hostile_figures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(int argc, char **argv)
{
	return world_main(argc, argv, run);
}
