/* SPDX-License-Identifier: MIT */
/* Disks that a hotplug script makes; and runs of such scripts. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/err.h"
#include "daemon/worker/script.h"
#include "tests/unit/device_world.h"
#include "tests/unit/fake_store.h"
#include "tests/unit/hotplug_script.h"
#include "tests/unit/scratch.h"

static struct hotplug_script script = {
	.name = "block-test",
	.begin = "add",
	.undo = "remove",
	.told = " vbd backend/xnblk/7/51712 backend ",
};

static struct world *scripted(void)
{
	hotplug_write(&script);
	return world_open_script("/proc/self/exe", script.path);
}

/* Attaching has come so far that the script runs. */
static struct world *adding(void)
{
	struct world *w = scripted();

	hotplug_attach(&script, w);
	assert_true(store_has(BACK "/script", script.path));
	assert_true(store_has(BACK "/type", "phy"));
	return w;
}

static void name_disk(void)
{
	char path[SCRATCH_PATH_BYTES];

	scratch_path(path, "disk");
	store_write(BACK "/physical-device-path", path);
	store_write(BACK "/hotplug-status", "connected");
}

static void test_life(void **state)
{
	struct world *w = adding();

	(void)state;
	/* The guest is in a hurry; there is nothing to be served yet. */
	store_write(FRONT "/ring-ref", "8");
	store_write(FRONT "/event-channel", "9");
	store_write(FRONT "/state", "3");
	run_for(w, 100);
	assert_int_equal(w->device->phase, PHASE_READY);
	name_disk();
	hotplug_end_begin(&script, "0");
	run_until(w, PHASE_SERVING);
	assert_true(w->attached && !w->refused);
	while (!store_has(BACK "/sectors", "2048"))
		run_for(w, 5);
	detach(w);
	store_write(FRONT "/state", "6");
	run_until(w, PHASE_NONE);
	run_for(w, 100);
	/* The nodes stay for the script to read. */
	hotplug_assert_ran(&script, "+-");
	assert_true(store_has(BACK "/script", script.path));
	assert_null(w->device->u.vbd.image);
	assert_false(w->detached);
	hotplug_end_undo(&script, "0");
	run_until_gone(w);
	assert_true(w->detached);
	assert_int_equal(store_count(), 0);
	world_close(w);
}

static void check_refused(const char *key, const char *value,
			  const char *status, const char *why)
{
	struct world *w = adding();

	if (key)
		store_write(key, value);
	hotplug_check_refused(&script, w, status, why);
}

static void test_failures(void **state)
{
	(void)state;
	check_refused(NULL, NULL, "3",
		      "disk xvda: block-test add: ended with status 3");
	check_refused(BACK "/hotplug-error", "no such LUN", "1",
		      "disk xvda: its script: no such LUN");
	check_refused(BACK "/hotplug-status", "busy", "0",
		      "disk xvda: its script says in hotplug-status: busy");
	check_refused(NULL, NULL, "0",
		      "disk xvda: its script names no block device: neither "
		      "physical-device-path nor physical-device is written");
	check_refused(BACK "/physical-device", "7:zz", "0",
		      "disk xvda: its script's physical-device is no block "
		      "device: 7:zz");
	check_refused(BACK "/physical-device", "fff:ffff", "0",
		      "disk xvda: its script's physical-device is no block "
		      "device: fff:ffff");
	check_refused(BACK "/physical-device-path", "/nowhere", "0",
		      "disk xvda: /nowhere: no such file");
}

static void test_end_while_adding(void **state)
{
	(void)state;
	hotplug_check_end_while(&script, adding());
}

static void test_end_before(void **state)
{
	(void)state;
	hotplug_check_end_before(&script, scripted());
}

static void test_force(void **state)
{
	struct world *w = adding();

	(void)state;
	name_disk();
	hotplug_end_begin(&script, "0");
	connect_front_end(w);
	run_until(w, PHASE_SERVING);
	hotplug_end_undo(&script, "1");
	detach_forced(w);
	run_until_gone(w);
	assert_true(w->detached);
	hotplug_assert_ran(&script, "+-");
	assert_int_equal(store_count(), 0);
	world_close(w);
}

struct names {
	char text[80];
	bool any, over;
};

static void on_names(const struct xs_values *v, void *arg)
{
	struct names *n = arg;

	n->any = values_get(v, "names") != NULL;
	snprintf(n->text, sizeof(n->text), "%s",
		 n->any ? values_get(v, "names") : "");
	n->over = true;
}

static void fetch_names(struct world *w, const char *path, struct names *n)
{
	struct xs_values *v = values_new();

	memset(n, 0, sizeof(*n));
	values_want_names(v, "names", "%s", path);
	assert_non_null(xs_fetch(w->xs, v, on_names, n));
	while (!n->over)
		turn(w);
}

/* How another xnd finds the disks of a guest that this one has left. */
static void test_names(void **state)
{
	struct world *w = scripted();
	struct names n;

	(void)state;
	store_write("/a/b/51712", "");
	store_write("/a/b/51728", "");
	store_write("/a/b/51728/script", "x");
	store_write("/a/bc", "");
	fetch_names(w, "/a/b", &n);
	assert_string_equal(n.text, "51712 51728");
	fetch_names(w, "/a/c", &n);
	assert_false(n.any);
	device_end(w->device);
	run_until_gone(w);
	world_close(w);
}

/* ---- the runs themselves ---- */

struct ending {
	struct event_base *base;
	bool over;
	struct err e;
};

static void on_ended(const struct err *e, void *arg)
{
	struct ending *end = arg;

	end->over = true;
	if (e)
		end->e = *e;
}

static void run_script(const char *content, struct ending *end, bool kill_it)
{
	const struct script_run run = {
		.path = script.path,
		.verb = "add",
		.log_name = "d7/xvda",
		.type = "vbd",
		.node = "backend",
		.limit_s = 1,
	};
	struct script *s;

	memset(end, 0, sizeof(*end));
	scratch_path(script.path, script.name);
	hotplug_write_file(script.name, content, 0755);
	end->base = event_base_new();
	s = script_start(end->base, &run, on_ended, end, &end->e);
	assert_non_null(s);
	if (kill_it)
		script_kill(s);
	while (!end->over)
		assert_int_equal(event_base_loop(end->base, EVLOOP_ONCE), 0);
	script_free(s);
	event_base_free(end->base);
}

/* Waits a moment for it. A zombie is dead: it may be nobody's to reap. */
static bool is_dead(int pid)
{
	unsigned int tries = 30000;
	char path[32], all[256];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	while (tries--) {
		memset(all, 0, sizeof(all));
		f = fopen(path, "re");
		if (!f)
			return true;
		if (!fread(all, 1, sizeof(all) - 1, f))
			all[0] = '\0';
		fclose(f);
		if (!all[0] || strstr(all, ") Z"))
			return true;
		usleep(1000);
	}
	return false;
}

static void test_late(void **state)
{
	struct ending end;
	FILE *f;
	int pid;

	(void)state;
	run_script("#!/bin/sh\nsleep 100 & echo $! >child; wait\n", &end,
		   false);
	assert_int_equal(end.e.code, ETIMEDOUT);
	assert_string_equal(end.e.text,
			    "block-test add: has not ended in 1 seconds, and "
			    "was killed");
	/* What it had started is killed as well. */
	f = fopen("child", "re");
	assert_int_equal(fscanf(f, "%d", &pid), 1);
	fclose(f);
	assert_true(is_dead(pid));
}

static void test_endings(void **state)
{
	struct ending end;
	struct err e;

	(void)state;
	run_script("#!/bin/sh\nhead -c 60000 /dev/zero | tr '\\0' x\n", &end,
		   false);
	assert_string_equal(end.e.text, "");
	/* It leaves something behind that keeps what it had open. */
	run_script("#!/bin/sh\nsleep 0.5 &\nexit 0\n", &end, false);
	assert_string_equal(end.e.text, "");
	run_script("#!/bin/sh\nkill -9 $$\n", &end, false);
	assert_string_equal(end.e.text,
			    "block-test add: was killed by signal 9");
	run_script("#!/bin/sh\nsleep 100\n", &end, true);
	assert_int_equal(end.e.code, ECANCELED);
	assert_int_equal(script_check(script.path, &e), 0);
	assert_int_equal(chmod(script.path, 0644), 0);
	assert_int_equal(script_check(script.path, &e), -EACCES);
	unlink(script.path);
	assert_int_equal(script_check(script.path, &e), -ENOENT);
}

static int run(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_life),
		cmocka_unit_test(test_failures),
		cmocka_unit_test(test_end_while_adding),
		cmocka_unit_test(test_end_before),
		cmocka_unit_test(test_force),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_late),
		cmocka_unit_test(test_endings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(int argc, char **argv)
{
	return world_main(argc, argv, run);
}
