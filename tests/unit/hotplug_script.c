/* SPDX-License-Identifier: MIT */
/* The script, what it is told, and what it has noted. */
#include "tests/unit/hotplug_script.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/unit/device_world.h"
#include "tests/unit/fake_store.h"

static const char text[] =
	"#!/bin/sh\n"
	"echo $* $vif $netdev $XENBUS_TYPE $XENBUS_PATH $XENBUS_BASE_PATH "
	"$script >>ran\n"
	"echo says $1\n" /* which wakes whoever waits for that */
	"until [ -e $1 ]; do sleep 0.02; done\n"
	"exit $(cat $1)\n";

void hotplug_write_file(const char *name, const char *content, mode_t mode)
{
	int fd = open("new", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	size_t size = strlen(content);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, content, size), (ssize_t)size);
	close(fd);
	assert_int_equal(rename("new", name), 0);
}

void hotplug_write(struct hotplug_script *s)
{
	unlink("ran");
	unlink(s->begin);
	unlink(s->undo);
	hotplug_write_file(s->name, text, 0755);
	scratch_path(s->path, s->name);
}

void hotplug_attach(const struct hotplug_script *s, struct world *w)
{
	if (!w->device)
		fail_msg("%s", w->why.text);
	attach(w);
	while (access("ran", F_OK) < 0)
		turn(w);
	run_for(w, 50);
	hotplug_assert_ran(s, "+");
	assert_false(w->attached);
}

void hotplug_end_begin(const struct hotplug_script *s, const char *status)
{
	hotplug_write_file(s->begin, status, 0600);
}

void hotplug_end_undo(const struct hotplug_script *s, const char *status)
{
	hotplug_write_file(s->undo, status, 0600);
}

void hotplug_assert_ran(const struct hotplug_script *s, const char *verbs)
{
	char all[1024] = "", expected[1024] = "";
	FILE *f = fopen("ran", "re");
	size_t n = f ? fread(all, 1, sizeof(all) - 1, f) : 0;

	if (f)
		fclose(f);
	all[n] = '\0';
	for (; *verbs; verbs++) {
		strcat(expected, *verbs == '+' ? s->begin : s->undo);
		strcat(expected, s->told);
		strcat(expected, s->path);
		strcat(expected, "\n");
	}
	assert_string_equal(all, expected);
}

void hotplug_check_refused(const struct hotplug_script *s, struct world *w,
			   const char *status, const char *why)
{
	hotplug_end_undo(s, "1"); /* which changes nothing */
	hotplug_end_begin(s, status);
	run_until_gone(w);
	assert_true(w->refused);
	assert_string_equal(w->why.text, why);
	hotplug_assert_ran(s, "+-");
	assert_int_equal(store_count(), 0);
	world_close(w);
}

void hotplug_check_end_while(const struct hotplug_script *s, struct world *w)
{
	hotplug_end_undo(s, "0");
	device_end(w->device);
	run_until_gone(w);
	hotplug_assert_ran(s, "+-");
	world_close(w);
}

void hotplug_check_end_before(const struct hotplug_script *s, struct world *w)
{
	device_end(w->device);
	run_until_gone(w);
	hotplug_assert_ran(s, "");
	world_close(w);
}
