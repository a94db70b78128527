/* SPDX-License-Identifier: MIT */
/* Disks that a classic hotplug script makes, its runs in order of time. */
#include "daemon/device/vbd_script.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/scope.h"
#include "base/text.h"
#include "daemon/device/kind.h"
#include "daemon/device/vbd.h"
#include "daemon/host/image.h"
#include "daemon/worker/script.h"
#include "daemon/xs/plan.h"
#include "daemon/xs/xs.h"

/* Our part of the store, as scripts are told it. */
#define STORE_HOME "/local/domain/0/"

enum vbd_script_state {
	SCRIPT_NOT_RUN,
	SCRIPT_ADDING,
	SCRIPT_ADDED, /* well or not */
	SCRIPT_REMOVING,
	SCRIPT_REMOVED,
};

struct vbd_script {
	enum vbd_script_state state;
	bool undo;	       /* has been asked for */
	struct script *run;    /* owned: ADDING, REMOVING */
	struct xs_job *answer; /* being read */
	struct err add;	       /* how "add" ended; text "" for well */
};

int vbd_script_new(struct device *d, struct err *e)
{
	if (script_check(d->u.vbd.config.script, e) < 0) {
		err_wrap(e, "disk %s", d->u.vbd.config.vdev);
		return err_key(e, "script");
	}
	d->u.vbd.script = calloc(1, sizeof(*d->u.vbd.script));
	if (!d->u.vbd.script)
		return err_set(e, ENOMEM, "no memory for a script");
	d->unopened = true;
	return 0;
}

void vbd_script_free(struct device *d)
{
	struct vbd_script *s = d->u.vbd.script;

	if (!s)
		return;
	script_free(s->run);
	xs_forget(s->answer);
	free(s);
	d->u.vbd.script = NULL;
}

void vbd_script_plan(const struct device *d, struct xs_plan *plan)
{
	if (!d->u.vbd.script)
		return;
	plan_write(plan, d->u.vbd.config.script, "%s/script", d->back);
	plan_write(plan, "phy", "%s/type", d->back);
}

static int start(struct device *d, const char *verb, script_cb *done,
		 struct err *e)
{
	const struct script_run run = {
		.path = d->u.vbd.config.script,
		.verb = verb,
		.log_name = d->log_name,
		.type = d->kind->frontend,
		.node = d->back + strlen(STORE_HOME),
		.limit_s = SCRIPT_LIMIT_S,
	};

	d->u.vbd.script->run = script_start(d->env->base, &run, done, d, e);
	return d->u.vbd.script->run ? 0 : -e->code;
}

/* ---- the end: "remove" ---- */

static void on_removed(const struct err *e, void *arg)
{
	struct device *d = arg;
	struct vbd_script *s = d->u.vbd.script;

	if (e)
		log_error("%s: %s", d->log_name, e->text);
	script_free(s->run);
	s->run = NULL;
	s->state = SCRIPT_REMOVED;
	device_step(d);
}

bool vbd_script_undone(struct device *d)
{
	struct vbd_script *s = d->u.vbd.script;
	struct err e;

	if (!s || s->state == SCRIPT_NOT_RUN || s->state == SCRIPT_REMOVED)
		return true;
	if (s->state == SCRIPT_ADDING && !s->undo)
		script_kill(s->run);
	s->undo = true;
	if (s->state != SCRIPT_ADDED)
		return false;
	xs_forget(s->answer);
	s->answer = NULL;
	/* The script is to take away what we have open. */
	image_close(d->u.vbd.image);
	d->u.vbd.image = NULL;
	s->state = SCRIPT_REMOVING;
	if (start(d, "remove", on_removed, &e) == 0)
		return false;
	log_error("%s: %s", d->log_name, e.text);
	s->state = SCRIPT_REMOVED;
	return true;
}

/* ---- the beginning: "add" ---- */

/*
 * The path of the device of that number, which is in hexadecimal as "%t:%T"
 * of stat(1) has it. NULL when there is none; the caller frees it.
 */
static char *path_of_number(const char *number)
{
	scoped_str link = NULL;
	unsigned int major, minor;
	char target[512];
	const char *name;
	char *path, *p;
	ssize_t n;

	if (sscanf(number, "%x:%x", &major, &minor) != 2)
		return NULL;
	link = text_format("/sys/dev/block/%u:%u", major, minor);
	n = link ? readlink(link, target, sizeof(target) - 1) : -1;
	if (n < 0)
		return NULL;
	target[n] = '\0';
	name = strrchr(target, '/');
	path = text_format("/dev/%s", name ? name + 1 : target);
	/* As sysfs writes the slash of "cciss/c0d0". */
	for (p = path; p && *p; p++)
		if (*p == '!')
			*p = '/';
	return path;
}

/* The path of the block device; the caller frees it. NULL with *e set. */
static char *find_device(const struct vbd_script *s, const struct xs_values *v,
			 struct err *e)
{
	const char *path = values_get(v, "physical-device-path");
	const char *number = values_get(v, "physical-device");
	char shown[32];
	char *found;

	if (script_verdict(s->add.text[0] ? &s->add : NULL,
			   values_get(v, "hotplug-status"),
			   values_get(v, "hotplug-error"), e) < 0)
		return NULL;
	if (!path && !number) {
		err_set(e, ENODEV,
			"its script names no block device: neither "
			"physical-device-path nor physical-device is written");
		return NULL;
	}
	found = path ? strdup(path) : path_of_number(number);
	if (!found)
		err_set(e, ENODEV,
			"its script's physical-device is no block device: %s",
			text_escape(number ? number : "", shown,
				    sizeof(shown)));
	return found;
}

static void on_answer(const struct xs_values *v, void *arg)
{
	struct device *d = arg;
	scoped_str path = NULL;
	struct err e;

	d->u.vbd.script->answer = NULL;
	path = find_device(d->u.vbd.script, v, &e);
	if (!path) {
		err_wrap(&e, "disk %s", d->name);
		device_fail(d, &e);
	} else if (vbd_open_image(d, path, &d->u.vbd.image, &e) < 0) {
		err_key(&e, "%s", "");
		device_fail(d, &e);
	} else {
		d->unopened = false;
		if (device_is_ready(d))
			device_answer_ready(d, NULL);
	}
	device_step(d);
}

static void on_added(const struct err *e, void *arg)
{
	static const char *const keys[] = {"hotplug-status", "hotplug-error",
					   "physical-device-path",
					   "physical-device"};
	struct device *d = arg;
	struct vbd_script *s = d->u.vbd.script;
	struct err no_memory;
	struct xs_values *v;
	size_t i;

	script_free(s->run);
	s->run = NULL;
	s->state = SCRIPT_ADDED;
	if (e)
		s->add = *e;
	if (s->undo) {
		device_step(d);
		return;
	}
	v = values_new();
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		values_want(v, keys[i], "%s/%s", d->back, keys[i]);
	s->answer = xs_fetch(d->env->xs, v, on_answer, d);
	if (s->answer)
		return;
	err_set(&no_memory, ENOMEM, "no memory to hear its script");
	device_fail(d, &no_memory);
	device_step(d);
}

void vbd_script_add(struct device *d)
{
	struct vbd_script *s = d->u.vbd.script;
	struct err e;

	if (!s || s->state != SCRIPT_NOT_RUN)
		return;
	s->state = SCRIPT_ADDING;
	if (start(d, "add", on_added, &e) < 0)
		on_added(&e, d);
}
