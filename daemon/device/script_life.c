/* SPDX-License-Identifier: MIT */
/* A device's hotplug script: its runs in order of time. */
#include "daemon/device/script_life.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/device/kind.h"
#include "daemon/worker/script.h"
#include "daemon/xs/xs.h"

/* Our part of the store, as scripts are told it. */
#define STORE_HOME "/local/domain/0/"

enum script_state {
	SCRIPT_NOT_RUN,
	SCRIPT_COMING,
	SCRIPT_DONE, /* well or not */
	SCRIPT_LEAVING,
	SCRIPT_UNDONE,
};

struct script_life {
	struct device *d;	      /* borrowed */
	const struct script_use *use; /* borrowed */
	const char *path;	      /* borrowed */
	enum script_state state;
	bool undo;	       /* has been asked for */
	struct script *run;    /* owned: COMING, LEAVING */
	struct xs_job *answer; /* being read */
	struct err begin;      /* how the first run ended; text "" for well */
};

struct script_life *script_life_new(struct device *d,
				    const struct script_use *use,
				    const char *path, struct err *e)
{
	struct script_life *s;

	if (script_check(path, e) < 0) {
		err_key(e, "script");
		return NULL;
	}
	s = calloc(1, sizeof(*s));
	if (!s) {
		err_set(e, ENOMEM, "no memory for a script");
		return NULL;
	}
	s->d = d;
	s->use = use;
	s->path = path;
	d->unopened = true;
	return s;
}

void script_life_free(struct script_life *s)
{
	if (!s)
		return;
	script_free(s->run);
	xs_forget(s->answer);
	free(s);
}

static int start(struct script_life *s, const char *verb, script_cb *done,
		 struct err *e)
{
	const struct device *d = s->d;
	struct script_run run = {
		.path = s->path,
		.verb = verb,
		.log_name = d->log_name,
		.type = d->kind->frontend,
		.node = d->back + strlen(STORE_HOME),
		.limit_s = SCRIPT_LIMIT_S,
	};

	if (s->use->tell)
		s->use->tell(d, &run);
	s->run = script_start(d->env->base, &run, done, s, e);
	return s->run ? 0 : -e->code;
}

static void run_ended(struct script_life *s, enum script_state state)
{
	script_free(s->run);
	s->run = NULL;
	s->state = state;
}

/* ---- the end ---- */

static void on_undone(const struct err *e, void *arg)
{
	struct script_life *s = arg;

	if (e)
		log_error("%s: %s", s->d->log_name, e->text);
	run_ended(s, SCRIPT_UNDONE);
	device_step(s->d);
}

bool script_life_undone(struct script_life *s)
{
	struct err e;

	if (!s || s->state == SCRIPT_NOT_RUN || s->state == SCRIPT_UNDONE)
		return true;
	if (s->state == SCRIPT_COMING && !s->undo)
		script_kill(s->run);
	s->undo = true;
	if (s->state != SCRIPT_DONE)
		return false;
	xs_forget(s->answer);
	s->answer = NULL;
	if (s->use->let_go)
		s->use->let_go(s->d);
	s->state = SCRIPT_LEAVING;
	if (start(s, s->use->undo, on_undone, &e) == 0)
		return false;
	log_error("%s: %s", s->d->log_name, e.text);
	s->state = SCRIPT_UNDONE;
	return true;
}

/* ---- the beginning ---- */

static int take(struct script_life *s, const struct xs_values *v, struct err *e)
{
	if (script_verdict(s->begin.text[0] ? &s->begin : NULL,
			   values_get(v, "hotplug-status"),
			   values_get(v, "hotplug-error"), e) < 0)
		return s->use->blame(s->d, e);
	return s->use->take ? s->use->take(s->d, v, e) : 0;
}

static void on_answer(const struct xs_values *v, void *arg)
{
	struct script_life *s = arg;
	struct device *d = s->d;
	struct err e;

	s->answer = NULL;
	if (take(s, v, &e) < 0) {
		device_fail(d, &e);
	} else {
		d->unopened = false;
		if (device_is_ready(d))
			device_answer_ready(d, NULL);
	}
	device_step(d);
}

/* Sets s->answer, to NULL when memory is out. */
static void ask(struct script_life *s)
{
	static const char *const all[] = {"hotplug-status", "hotplug-error",
					  NULL};
	const char *const *key;
	struct xs_values *v = values_new();

	for (key = all; *key; key++)
		values_want(v, *key, "%s/%s", s->d->back, *key);
	for (key = s->use->keys; key && *key; key++)
		values_want(v, *key, "%s/%s", s->d->back, *key);
	s->answer = xs_fetch(s->d->env->xs, v, on_answer, s);
}

static void on_begun(const struct err *e, void *arg)
{
	struct script_life *s = arg;
	struct device *d = s->d;
	struct err no_memory;

	run_ended(s, SCRIPT_DONE);
	if (e)
		s->begin = *e;
	if (!s->undo)
		ask(s);
	if (s->answer)
		return;
	if (!s->undo) {
		err_set(&no_memory, ENOMEM, "no memory to hear its script");
		s->use->blame(d, &no_memory);
		device_fail(d, &no_memory);
	}
	device_step(d);
}

void script_life_begin(struct script_life *s)
{
	struct err e;

	if (!s || s->state != SCRIPT_NOT_RUN)
		return;
	s->state = SCRIPT_COMING;
	if (start(s, s->use->begin, on_begun, &e) < 0)
		on_begun(&e, s);
}
