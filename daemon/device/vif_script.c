/* SPDX-License-Identifier: MIT */
/* Vifs that a classic hotplug script places, its runs in order of time. */
#include "daemon/device/vif_script.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/device/kind.h"
#include "daemon/net/prefix.h"
#include "daemon/worker/script.h"
#include "daemon/xs/plan.h"
#include "daemon/xs/xs.h"

/* Our part of the store, as scripts are told it. */
#define STORE_HOME "/local/domain/0/"

enum vif_script_state {
	SCRIPT_NOT_RUN,
	SCRIPT_COMING,
	SCRIPT_ONLINE, /* well or not */
	SCRIPT_LEAVING,
	SCRIPT_OFFLINE,
};

struct vif_script {
	enum vif_script_state state;
	bool undo;	       /* has been asked for */
	struct script *run;    /* owned: COMING, LEAVING */
	struct xs_job *answer; /* being read */
	struct err online;     /* how "online" ended; text "" for well */
};

int vif_script_new(struct device *d, struct err *e)
{
	const char *path = d->u.vif.config.script;

	if (!path[0])
		return 0;
	if (script_check(path, e) < 0)
		return err_key(e, "script");
	d->u.vif.script = calloc(1, sizeof(*d->u.vif.script));
	if (!d->u.vif.script)
		return err_set(e, ENOMEM, "no memory for a script");
	d->unopened = true;
	return 0;
}

void vif_script_free(struct device *d)
{
	struct vif_script *s = d->u.vif.script;

	if (!s)
		return;
	script_free(s->run);
	xs_forget(s->answer);
	free(s);
	d->u.vif.script = NULL;
}

/* "192.0.2.7 2001:db8::/64" */
static void plan_prefixes(const struct device *d, struct xs_plan *plan)
{
	char text[PLACE_PREFIXES * PREFIX_TEXT_BYTES] = "";
	const struct vif_config *c = &d->u.vif.config;
	char one[PREFIX_TEXT_BYTES];
	unsigned int i;

	if (c->n_prefixes == 0)
		return;
	for (i = 0; i < c->n_prefixes; i++) {
		prefix_print(&c->prefixes[i], one);
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
			 "%s%s", i > 0 ? " " : "", one);
	}
	plan_write(plan, text, "%s/ip", d->back);
}

/*
 * No "vifname": of a vif that has one they rename its interface, which has
 * that name already, and then refuse to. "ifname" is for leftover_scripts.
 */
void vif_script_plan(const struct device *d, struct xs_plan *plan)
{
	const struct vif_config *c = &d->u.vif.config;

	plan_write(plan, c->script, "%s/script", d->back);
	plan_write(plan, d->u.vif.ifname, "%s/ifname", d->back);
	if (c->gatewaydev[0])
		plan_write(plan, c->gatewaydev, "%s/gatewaydev", d->back);
	if (c->mtu)
		plan_write_u64(plan, c->mtu, "%s/mtu", d->back);
	plan_prefixes(d, plan);
}

static int start(struct device *d, const char *verb, script_cb *done,
		 struct err *e)
{
	const struct vif_config *c = &d->u.vif.config;
	const char *gateway = c->gatewaydev[0] ? c->gatewaydev : NULL;
	const struct script_run run = {
		.path = c->script,
		.verb = verb,
		.word = "type_if=vif",
		.log_name = d->log_name,
		.type = d->kind->frontend,
		.node = d->back + strlen(STORE_HOME),
		.more = {{"vif", d->u.vif.ifname}, {"netdev", gateway}},
		.limit_s = SCRIPT_LIMIT_S,
	};

	d->u.vif.script->run = script_start(d->env->base, &run, done, d, e);
	return d->u.vif.script->run ? 0 : -e->code;
}

/* ---- the end: "offline" ---- */

static void on_offline(const struct err *e, void *arg)
{
	struct device *d = arg;
	struct vif_script *s = d->u.vif.script;

	if (e)
		log_error("%s: %s", d->log_name, e->text);
	script_free(s->run);
	s->run = NULL;
	s->state = SCRIPT_OFFLINE;
	device_step(d);
}

bool vif_script_undone(struct device *d)
{
	struct vif_script *s = d->u.vif.script;
	struct err e;

	if (!s || s->state == SCRIPT_NOT_RUN || s->state == SCRIPT_OFFLINE)
		return true;
	if (s->state == SCRIPT_COMING && !s->undo)
		script_kill(s->run);
	s->undo = true;
	if (s->state != SCRIPT_ONLINE)
		return false;
	xs_forget(s->answer);
	s->answer = NULL;
	s->state = SCRIPT_LEAVING;
	if (start(d, "offline", on_offline, &e) == 0)
		return false;
	log_error("%s: %s", d->log_name, e.text);
	s->state = SCRIPT_OFFLINE;
	return true;
}

/* ---- the beginning: "online" ---- */

static void fail(struct device *d, struct err *e)
{
	err_wrap(e, "vif %u", d->devid);
	device_fail(d, e);
	device_step(d);
}

static void on_answer(const struct xs_values *v, void *arg)
{
	struct device *d = arg;
	struct vif_script *s = d->u.vif.script;
	struct err e;

	s->answer = NULL;
	if (script_verdict(s->online.text[0] ? &s->online : NULL,
			   values_get(v, "hotplug-status"),
			   values_get(v, "hotplug-error"), &e) < 0) {
		fail(d, &e);
		return;
	}
	d->unopened = false;
	if (device_is_ready(d))
		device_answer_ready(d, NULL);
	device_step(d);
}

static void on_online(const struct err *e, void *arg)
{
	static const char *const keys[] = {"hotplug-status", "hotplug-error"};
	struct device *d = arg;
	struct vif_script *s = d->u.vif.script;
	struct err no_memory;
	struct xs_values *v;
	size_t i;

	script_free(s->run);
	s->run = NULL;
	s->state = SCRIPT_ONLINE;
	if (e)
		s->online = *e;
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
	fail(d, &no_memory);
}

void vif_script_online(struct device *d)
{
	struct vif_script *s = d->u.vif.script;
	struct err e;

	if (!s || s->state != SCRIPT_NOT_RUN)
		return;
	s->state = SCRIPT_COMING;
	if (start(d, "online", on_online, &e) < 0)
		on_online(&e, d);
}
