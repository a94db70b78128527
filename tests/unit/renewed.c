/* SPDX-License-Identifier: MIT */
/* Asking, and waiting for the answer. */
#include "tests/unit/renewed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/unit/fake_store.h"
#include "tests/unit/scratch.h"

void connect_world(struct world *w)
{
	attach(w);
	connect_front_end(w);
	wait_written(w, BACK "/state", "4");
}

void wait_written(struct world *w, const char *path, const char *value)
{
	while (!store_has(path, value))
		run_for(w, 5);
}

static void on_answer(const struct err *e, void *arg)
{
	struct answer *a = arg;

	a->n++;
	a->well = !e;
	if (e)
		a->e = *e;
}

int ask_size(struct world *w, struct answer *a, uint64_t bytes, bool shrink)
{
	const struct disk_size size = {
		.look = bytes == 0, .shrink = shrink, .bytes = bytes};

	memset(a, 0, sizeof(*a));
	return device_resize(w->device, &size, on_answer, a, &a->e);
}

int ask_medium(struct world *w, struct answer *a, const char *name)
{
	struct disk_config config = *device_disk(w->device);
	char path[SCRATCH_PATH_BYTES];

	memset(a, 0, sizeof(*a));
	if (name)
		scratch_path(path, name);
	config.target = name ? path : NULL;
	return device_change_medium(w->device, &config, on_answer, a, &a->e);
}

static void wait_answer(struct world *w, struct answer *a)
{
	while (!a->n)
		turn(w);
	assert_int_equal(a->n, 1);
}

void wait_well(struct world *w, struct answer *a)
{
	wait_answer(w, a);
	if (!a->well)
		fail_msg("%s", a->e.text);
}

void wait_ill(struct world *w, struct answer *a, const char *text)
{
	wait_answer(w, a);
	assert_false(a->well);
	if (!strstr(a->e.text, text))
		fail_msg("%s", a->e.text);
}

void check_terms(unsigned int n, unsigned long sectors, unsigned int flags)
{
	const unsigned int terms =
		MSG_BLK_READ_ONLY | MSG_BLK_DISCARD | MSG_BLK_NO_MEDIUM;
	struct told told;

	assert_int_equal(world_told(&told), n);
	assert_int_equal(told.generation, n);
	assert_int_equal(told.port, 9);
	assert_int_equal(told.ring_ref, 8);
	assert_int_equal(told.sectors, sectors);
	assert_int_equal(told.flags & terms & ~MSG_BLK_DISCARD, flags);
}

void finish(struct world *w)
{
	device_end(w->device);
	run_until_gone(w);
	world_close(w);
	assert_int_equal(access("journal/" UUID ".7.51712", F_OK), -1);
}
