/* SPDX-License-Identifier: MIT */
/* Vifs whose workers die, and those that come after them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/log.h"
#include "tests/unit/fake_store.h"
#include "tests/unit/vif_world.h"

/* The guest may write what it likes: the connection is what it was. */
static void test_goes_on(void **state)
{
	struct world *w = serving(&no_rate);
	struct net_told first, second;
	int tap = w->device->u.vif.taps[1];
	struct stat st;

	(void)state;
	assert_true(store_has(VIF_BACK "/multi-queue-max-queues", "2"));
	assert_int_equal(world_net_told(&first), 1);
	assert_int_equal(first.generation, 1);
	assert_int_equal(first.queues, 2);
	assert_int_equal(first.taps, 2);
	assert_int_equal(first.port, 13);
	assert_int_equal(stat(JOURNAL, &st), 0);
	assert_int_equal(first.journal, st.st_ino);
	assert_int_equal(st.st_size, MSG_NET_JOURNAL_BYTES);
	assert_true(tap >= 0);
	store_write(VIF_FRONT "/queue-1/event-channel-rx", "99");
	store_write(VIF_FRONT "/multi-queue-num-queues", "0");
	lose_worker(w);
	run_until(w, PHASE_SERVING);
	assert_int_equal(world_net_told(&second), 2);
	assert_int_equal(second.generation, 2);
	assert_int_equal(second.queues, 2);
	assert_int_equal(second.taps, 2);
	assert_int_equal(second.port, 13);
	assert_int_equal(second.journal, first.journal);
	assert_true(second.pid != first.pid);
	assert_int_equal(w->device->u.vif.taps[1], tap);
	assert_int_equal(w->device->ours, XenbusStateConnected);
	finish(w);
}

/* What nobody reads must not be there: the kernel would send to it. */
static void test_queues_end_with_connection(void **state)
{
	struct world *w = serving(&no_rate);

	(void)state;
	store_write(VIF_FRONT "/state", "6");
	run_until_state(w, XenbusStateClosed);
	assert_int_equal(w->device->u.vif.taps[1], -1);
	assert_true(w->device->u.vif.taps[0] >= 0);
	assert_int_equal(access(JOURNAL, F_OK), -1);
	finish(w);
}

static void test_dies_time_and_again(void **state)
{
	struct world *w = serving(&no_rate);
	unsigned int i;

	(void)state;
	for (i = 0; i < CRASHES_MAX; i++) {
		run_until(w, PHASE_SERVING);
		lose_worker(w);
	}
	run_until_state(w, XenbusStateClosing);
	assert_string_equal(
		w->device->failure.text,
		"its worker has died 5 times within 10 seconds and is not "
		"started again; the last time, xn-net was killed by signal 9");
	finish(w);
}

/* A worker that says why is not replaced: its guest has lied, say. */
static void test_refused(void **state)
{
	struct world *w = attached(&no_rate);
	struct net_told told;

	(void)state;
	world_mute(REFUSES_ONCE, true);
	connect_it();
	run_until_state(w, XenbusStateClosing);
	assert_string_equal(w->device->failure.text, "does not like it");
	lose_worker(w);
	run_for(w, 100);
	assert_int_equal(w->device->phase, PHASE_NONE);
	assert_int_equal(world_net_told(&told), 0);
	finish(w);
}

/* Lines about its states, however many, do not keep that one back. */
static void test_says_why(void **state)
{
	struct world *w = attached(&no_rate);
	const int saved = dup(STDERR_FILENO);
	const int log = memfd_create("log", MFD_CLOEXEC);
	char said[4096] = "";

	(void)state;
	while (log_allowed(&w->device->limit))
		continue;
	assert_true(saved >= 0 && dup2(log, STDERR_FILENO) >= 0);
	store_write(VIF_FRONT "/state", "4");
	run_until_state(w, XenbusStateClosing);
	dup2(saved, STDERR_FILENO);
	close(saved);
	assert_true(pread(log, said, sizeof(said) - 1, 0) > 0);
	close(log);
	assert_non_null(strstr(said, "d7/vif7.0: request-rx-copy: "));
	assert_null(strstr(said, "Closing"));
	finish(w);
}

static int run(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_goes_on),
		cmocka_unit_test(test_queues_end_with_connection),
		cmocka_unit_test(test_dies_time_and_again),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_says_why),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(int argc, char **argv)
{
	return vif_world_main(argc, argv, run);
}
