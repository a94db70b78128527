/* SPDX-License-Identifier: MIT */
/* A worker killed anywhere loses nothing and does nothing twice. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/unit/blk_crash.h"
#include "tests/unit/stepper.h"

#define FOREVER 1000000u
/* Of the states between two instructions, how many a second crash is tried in. */
#define SAMPLE 97

static int file = -1;
static uint8_t *map;

static int begin(void **state)
{
	(void)state;
	file = crash_new(&map);
	return 0;
}

static int end(void **state)
{
	(void)state;
	munmap(map, CRASH_BYTES);
	return close(file);
}

static void test_unharmed(void **state)
{
	uint8_t before[CRASH_BYTES];

	(void)state;
	memcpy(before, map, CRASH_BYTES);
	assert_true(crash_serve(file, map, 1, FOREVER));
	crash_check_end(map, before);
}

/* Serves in a child that kills itself after so many steps. False: it ended. */
static bool killed_after(unsigned int steps, uint32_t generation)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		if (crash_serve(file, map, generation, steps))
			_exit(0);
		raise(SIGKILL);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status))
		assert_int_equal(WEXITSTATUS(status), 0);
	else
		assert_int_equal(WTERMSIG(status), SIGKILL);
	return !WIFEXITED(status);
}

static void test_killed_at_each_step(void **state)
{
	unsigned int steps;
	bool killed = true;

	for (steps = 0; killed; steps++) {
		uint8_t before[CRASH_BYTES];

		begin(state);
		killed = killed_after(steps, 1);
		crash_check(file, map, 2);
		memcpy(before, map, CRASH_BYTES);
		assert_true(crash_serve(file, map, 3, FOREVER));
		crash_check_end(map, before);
		end(state);
	}
	assert_true(steps > 100);
	begin(state);
}

/* Each worker comes a few steps further than the one before it. */
static void test_killed_time_and_again(void **state)
{
	unsigned int steps;

	for (steps = 1; steps < 12; steps++) {
		uint8_t new[CRASH_BYTES];
		uint32_t generation = 1;

		begin(state);
		memcpy(new, map, CRASH_BYTES);
		while (killed_after(steps, generation++) && generation < 1000)
			crash_check(file, map, generation++);
		if (steps > 4) /* enough for a turn */
			crash_check_end(map, new);
		end(state);
	}
	begin(state);
}

/* ---- between any two instructions ---- */

struct shadow {
	int file;
	uint8_t *map;
	uint32_t generation;	   /* of the worker that is looked at */
	uint8_t last[CRASH_BYTES]; /* as it was when last looked at */
	unsigned long states;
	bool deeper; /* crash successors, too */
};

static struct shadow *shadow_new(uint32_t generation, bool deeper)
{
	struct shadow *s = test_calloc(1, sizeof(*s));

	s->file = crash_new(&s->map);
	s->generation = generation;
	s->deeper = deeper;
	return s;
}

static void shadow_free(struct shadow *s)
{
	munmap(s->map, CRASH_BYTES);
	close(s->file);
	test_free(s);
}

static bool look_once(void *arg);

static void run_successor(void *arg)
{
	(void)arg;
	stepper_begin();
	crash_serve(file, map, 2, FOREVER);
}

/* The copy's world goes on: its successor serves, and is looked at itself. */
static void look_deeper(void)
{
	struct shadow *s = shadow_new(2, false);
	int outer_file = file;
	uint8_t *outer_map = map;

	file = crash_new(&map);
	memcpy(map, outer_map, CRASH_BYTES);
	stepper_run(run_successor, look_once, s);
	munmap(map, CRASH_BYTES);
	close(file);
	file = outer_file;
	map = outer_map;
	shadow_free(s);
}

/* Whenever a store has changed the world, judges a copy of it. */
static bool look(void *arg)
{
	struct shadow *s = arg;

	if (memcmp(s->last, map, CRASH_BYTES) == 0)
		return true;
	memcpy(s->last, map, CRASH_BYTES);
	memcpy(s->map, map, CRASH_BYTES);
	crash_check(s->file, s->map, s->generation + 1);
	assert_true(crash_serve(s->file, s->map, s->generation + 2, FOREVER));
	crash_check_end(s->map, s->last);
	if (++s->states % SAMPLE == 0 && s->deeper)
		look_deeper();
	return true;
}

/* Of a successor only the beginning is of interest: its recovery. */
static bool look_once(void *arg)
{
	struct shadow *s = arg;

	return look(s) && s->states < 60;
}

static void run(void *arg)
{
	(void)arg;
	stepper_begin();
	crash_serve(file, map, 1, FOREVER);
}

static void test_killed_at_each_instruction(void **state)
{
	struct shadow *s = shadow_new(1, true);

	(void)state;
	stepper_run(run, look, s);
	print_message("# %lu states\n", s->states);
	assert_true(s->states > 300);
	shadow_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_unharmed, begin, end),
		cmocka_unit_test_setup_teardown(test_killed_at_each_step, begin,
						end),
		cmocka_unit_test_setup_teardown(test_killed_time_and_again,
						begin, end),
		cmocka_unit_test_setup_teardown(test_killed_at_each_instruction,
						begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
