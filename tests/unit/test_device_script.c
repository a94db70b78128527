/* SPDX-License-Identifier: MIT */
/*
 * Disks that a hotplug script makes. The script is a shell's: it notes how it
 * was run, waits until it is told to go on, and ends as it is told.
 */
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
#include "tests/unit/scratch.h"

static const char text[] =
	"#!/bin/sh\n"
	"echo $1 $XENBUS_TYPE $XENBUS_PATH $XENBUS_BASE_PATH $script >>ran\n"
	"echo says $1\n"
	"until [ -e $1 ]; do sleep 0.02; done\n"
	"exit $(cat $1)\n";

#define RUN(verb) verb " vbd backend/xnblk/7/51712 backend "

static char script[SCRATCH_PATH_BYTES];

static void write_file(const char *name, const char *content, mode_t mode)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	size_t size = strlen(content);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, content, size), (ssize_t)size);
	close(fd);
}

/* The runs so far, a line each, without the script's path. */
static void assert_ran(const char *expected)
{
	char all[1024] = "";
	FILE *f = fopen("ran", "re");
	size_t n = f ? fread(all, 1, sizeof(all) - 1, f) : 0;
	char *at;

	if (f)
		fclose(f);
	all[n] = '\0';
	while ((at = strstr(all, script)))
		memmove(at, at + strlen(script),
			strlen(at + strlen(script)) + 1);
	assert_string_equal(all, expected);
}

static struct world *scripted(void)
{
	static const char *const files[] = {"ran", "add", "remove"};
	size_t i;

	for (i = 0; i < 3; i++)
		unlink(files[i]);
	scratch_path(script, "block-test");
	write_file(script, text, 0755);
	return world_open_script("/proc/self/exe", script);
}

/* Attaching has come so far that the script runs. */
static struct world *adding(void)
{
	struct world *w = scripted();

	attach(w);
	while (access("ran", F_OK) < 0)
		turn(w);
	run_for(w, 50);
	assert_ran(RUN("add") "\n");
	assert_false(w->attached);
	assert_true(store_has(BACK "/script", script));
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

static void on_detached(const struct err *e, void *arg)
{
	struct world *w = arg;

	assert_null(e);
	w->detached = true;
}

static void test_life(void **state)
{
	struct world *w = adding();
	struct err e;

	(void)state;
	/* The guest is in a hurry; there is nothing to be served yet. */
	store_write(FRONT "/ring-ref", "8");
	store_write(FRONT "/event-channel", "9");
	store_write(FRONT "/state", "3");
	run_for(w, 100);
	assert_int_equal(w->device->phase, PHASE_READY);
	name_disk();
	write_file("add", "0", 0600);
	run_until(w, PHASE_SERVING);
	assert_true(w->attached && !w->refused);
	while (!store_has(BACK "/sectors", "2048"))
		run_for(w, 5);
	assert_int_equal(device_detach(w->device, on_detached, w, &e), 0);
	store_write(FRONT "/state", "6");
	run_until(w, PHASE_NONE);
	run_for(w, 100);
	/* The nodes stay for the script to read. */
	assert_ran(RUN("add") "\n" RUN("remove") "\n");
	assert_true(store_has(BACK "/script", script));
	assert_null(w->device->u.vbd.image);
	assert_false(w->detached);
	write_file("remove", "0", 0600);
	run_until_gone(w);
	assert_true(w->detached);
	assert_int_equal(store_count(), 0);
	world_close(w);
}

static void check_refused(struct world *w, const char *status, const char *why)
{
	write_file("remove", "0", 0600);
	write_file("add", status, 0600);
	run_until_gone(w);
	assert_true(w->refused);
	if (!strstr(w->why.text, why))
		fail_msg("%s", w->why.text);
	assert_ran(RUN("add") "\n" RUN("remove") "\n");
	assert_int_equal(store_count(), 0);
	world_close(w);
}

static void test_failures(void **state)
{
	struct world *w = adding();

	(void)state;
	check_refused(w, "3", "disk xvda: block-test add: ended with status 3");
	w = adding();
	store_write(BACK "/hotplug-error", "no such LUN");
	check_refused(w, "1", "disk xvda: its script: no such LUN");
	w = adding();
	store_write(BACK "/hotplug-status", "busy");
	check_refused(w, "0", "hotplug-status: busy");
	w = adding();
	check_refused(w, "0", "names no block device");
	w = adding();
	store_write(BACK "/physical-device", "7:zz");
	check_refused(w, "0", "is no block device: 7:zz");
	w = adding();
	store_write(BACK "/physical-device", "fff:ffff");
	check_refused(w, "0", "is no block device: fff:ffff");
	w = adding();
	store_write(BACK "/physical-device-path", "/nowhere");
	check_refused(w, "0", "disk xvda: /nowhere: no such file");
}

/* The domain ends in the middle of "add". */
static void test_end_while_adding(void **state)
{
	struct world *w = adding();

	(void)state;
	write_file("remove", "0", 0600);
	device_end(w->device);
	run_until_gone(w);
	assert_ran(RUN("add") "\n" RUN("remove") "\n");
	world_close(w);
}

/* What was never begun is not undone either. */
static void test_end_before(void **state)
{
	struct world *w = scripted();

	(void)state;
	device_end(w->device);
	run_until_gone(w);
	assert_ran("");
	world_close(w);
}

static void test_force(void **state)
{
	struct world *w = adding();
	struct err e;

	(void)state;
	name_disk();
	write_file("add", "0", 0600);
	connect_front_end(w);
	run_until(w, PHASE_SERVING);
	write_file("remove", "1", 0600);
	assert_int_equal(device_detach_forced(w->device, on_detached, w, &e),
			 0);
	run_until_gone(w);
	assert_true(w->detached);
	assert_ran(RUN("add") "\n" RUN("remove") "\n");
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
		.path = script,
		.verb = "add",
		.log_name = "d7/xvda",
		.type = "vbd",
		.node = "backend",
		.limit_s = 1,
	};
	struct script *s;

	memset(end, 0, sizeof(*end));
	scratch_path(script, "block-test");
	write_file(script, content, 0755);
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
	unsigned int tries = 1000;
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
	assert_int_equal(script_check(script, &e), 0);
	assert_int_equal(chmod(script, 0644), 0);
	assert_int_equal(script_check(script, &e), -EACCES);
	unlink(script);
	assert_int_equal(script_check(script, &e), -ENOENT);
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
