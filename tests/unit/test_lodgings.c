/* SPDX-License-Identifier: MIT */
/* Processes that several vifs share: when they end, and who with them. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "daemon/worker/lodgings.h"
#include "daemon/worker/process.h"
#include "tests/unit/direct_vifs.h"

/*
 * The channel's end alone is none of the process's: until that is dead and
 * reaped, its event channels are bound, and a successor could not bind them.
 */
static void test_ends_without_a_word(void **state)
{
	struct world *w = direct_first();
	struct device *d = direct_another(w);
	pid_t pid = direct_pid(d);

	(void)state;
	world_mute(ENDS_WITHOUT_A_WORD, true);
	device_replace_worker(d);
	while (d->phase == PHASE_STOPPING) {
		assert_int_equal(direct_pid(d), pid);
		turn(w);
	}
	assert_true(direct_is_gone(pid));
	direct_until(w, d, PHASE_SERVING);
	direct_until(w, w->device, PHASE_SERVING);
	assert_int_equal(direct_pid(d), direct_pid(w->device));
	direct_end(w, d);
	finish(w);
}

/* One that waits in vain for an answer has all of it killed. */
static void test_late(void **state)
{
	const struct vif_config vif = direct_config(1);
	struct world *w = direct_first();
	pid_t pid = direct_pid(w->device);
	struct device *d;
	struct err e;

	(void)state;
	w->env.worker_timeout_s = 1;
	world_mute(MUTE_AT_ALL, true);
	d = device_new_vif(&w->env, &w->list, &direct_owner, &vif, &e);
	assert_non_null(d);
	while (!d->failure.text[0])
		turn(w);
	world_mute(MUTE_AT_ALL, false);
	assert_string_equal(d->failure.text,
			    "xn-net has not answered in 1 seconds");
	/* It had been given nothing, and need not wait for this. */
	while (!direct_is_gone(pid))
		turn(w);
	direct_until(w, w->device, PHASE_SERVING);
	direct_end(w, d);
	finish(w);
}

static void note_ready(const struct err *e, void *arg)
{
	if (e)
		fail_msg("%s", e->text);
	*(bool *)arg = true;
}

/* It dies as another moves in, which is not that one's fault: it tries again. */
static void test_dies_meanwhile(void **state)
{
	const struct vif_config vif = direct_config(1);
	struct world *w = direct_first();
	pid_t pid = direct_pid(w->device);
	bool ready = false;
	struct device *d;
	struct err e;

	(void)state;
	assert_int_equal(kill(pid, SIGSTOP), 0);
	d = device_new_vif(&w->env, &w->list, &direct_owner, &vif, &e);
	assert_non_null(d);
	assert_int_equal(direct_pid(d), pid);
	assert_int_equal(device_attach(d, note_ready, &ready, &e), 0);
	assert_int_equal(kill(pid, SIGKILL), 0);
	while (!ready)
		turn(w);
	direct_until(w, w->device, PHASE_SERVING);
	assert_int_equal(direct_pid(d), direct_pid(w->device));
	assert_int_not_equal(direct_pid(d), pid);
	direct_end(w, d);
	finish(w);
}

/* One that does not stop is killed, and the others are served again. */
static void test_stops_slowly(void **state)
{
	struct world *w = direct_first();
	struct device *d = direct_another(w);
	pid_t pid = direct_pid(d);

	(void)state;
	world_mute(SLOW_TO_STOP, true);
	d->phase = PHASE_STOPPING;
	process_stop(d->worker, 50);
	direct_until(w, d, PHASE_NONE);
	world_mute(SLOW_TO_STOP, false);
	assert_true(direct_is_gone(pid));
	direct_until(w, w->device, PHASE_SERVING);
	direct_end(w, d);
	finish(w);
}

static void ignore_message(const union msg *m, int *fds, unsigned int n,
			   void *arg)
{
	(void)m;
	(void)fds;
	(void)n;
	(void)arg;
}

static void note_exit(const char *why, void *arg)
{
	*(char **)arg = strdup(why);
}

/* One that is not taken has nothing to lose, and the others lose nothing. */
static void test_declined(void **state)
{
	static const struct process_ops ops = {ignore_message, note_exit};
	struct world *w = direct_first();
	pid_t pid = direct_pid(w->device);
	char *why = NULL;
	struct process *p;
	struct err e;

	(void)state;
	world_mute(DECLINES_ONCE, true);
	p = lodgings_start(w->env.lodgings, "xenbr0", 7, &ops, &why, &e);
	assert_non_null(p);
	while (!why)
		turn(w);
	assert_string_equal(why, "xn-net has not taken it");
	free(why);
	process_free(p);
	run_for(w, 20);
	assert_int_equal(w->device->phase, PHASE_SERVING);
	assert_int_equal(direct_pid(w->device), pid);
	finish(w);
}

static void count_exit(const char *why, void *arg)
{
	assert_string_equal(why, "xn-net has stopped serving it");
	++*(unsigned int *)arg;
}

/* The next one than fits is in another, and so is one of another bridge. */
static void test_places(void **state)
{
	static const struct process_ops ops = {ignore_message, count_exit};
	const unsigned int all = LODGINGS_PLACES + 2;
	struct process *p[LODGINGS_PLACES + 2];
	struct world *w = direct_first();
	unsigned int i, exits = 0;
	struct err e;

	(void)state;
	for (i = 0; i < all; i++) {
		p[i] = lodgings_start(w->env.lodgings,
				      i == all - 1 ? "other" : "xenbr0", 7,
				      &ops, &exits, &e);
		assert_non_null(p[i]);
	}
	for (i = 0; i < LODGINGS_PLACES - 1; i++)
		assert_int_equal(process_pid(p[i]), direct_pid(w->device));
	assert_true(process_pid(p[i]) != direct_pid(w->device));
	assert_true(process_pid(p[all - 1]) != process_pid(p[all - 2]) &&
		    process_pid(p[all - 1]) != direct_pid(w->device));
	/* Whose place becomes free again makes room for the next. */
	process_stop(p[0], 1000);
	while (exits < 1)
		turn(w);
	assert_int_equal(process_pid(p[0]), 0);
	process_free(p[0]);
	p[0] = lodgings_start(w->env.lodgings, "xenbr0", 7, &ops, &exits, &e);
	assert_non_null(p[0]);
	assert_true(process_pid(p[0]) == direct_pid(w->device) ||
		    process_pid(p[0]) == process_pid(p[all - 2]));
	for (i = 0; i < all; i++)
		process_stop(p[i], 1000);
	while (exits < 1 + all)
		turn(w);
	for (i = 0; i < all; i++)
		process_free(p[i]);
	finish(w);
}

static int run(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ends_without_a_word),
		cmocka_unit_test(test_late),
		cmocka_unit_test(test_dies_meanwhile),
		cmocka_unit_test(test_stops_slowly),
		cmocka_unit_test(test_declined),
		cmocka_unit_test(test_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(int argc, char **argv)
{
	return vif_world_main(argc, argv, run);
}
