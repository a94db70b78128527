/* SPDX-License-Identifier: MIT */
/* Finding a dead guest's scripts in xenstore, and running them. */
#include "daemon/domain/leftover_scripts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "daemon/worker/script.h"
#include "daemon/xnd.h"
#include "daemon/xs/xs.h"

#define STORE_HOME "/local/domain/0/"

/* Of each kind of device, how its scripts are told that it goes. */
static const struct kind {
	const char *backend, *type, *verb, *word;
} kinds[] = {
	{"xnblk", "vbd", "remove", NULL},
	{"xnnet", "vif", "offline", "type_if=vif"},
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

struct leftover_scripts {
	struct xnd *x; /* borrowed */
	uint32_t domid;
	unsigned int kind; /* that is looked at, of kinds */
	char home[48];	   /* "backend/xnblk/3" */
	char node[80];	   /* of the device that is looked at */
	char *devices;	   /* owned: its entries, a word each */
	char *rest;	   /* of them, those that were not looked at */
	struct xs_job *job;
	struct script *run; /* owned */
	void (*done)(void *arg);
	void *arg;
};

void leftover_scripts_free(struct leftover_scripts *s)
{
	if (!s)
		return;
	xs_forget(s->job);
	script_free(s->run);
	free(s->devices);
	free(s);
}

/* ---- 2. its devices of a kind, one after the other ---- */

static void go_on(struct leftover_scripts *s);
static bool look(struct leftover_scripts *s);

static void on_ended(const struct err *e, void *arg)
{
	struct leftover_scripts *s = arg;

	if (e)
		log_error("%s, of an earlier xnd: %s", s->node, e->text);
	script_free(s->run);
	s->run = NULL;
	go_on(s);
}

static void on_script(const struct xs_values *v, void *arg)
{
	struct leftover_scripts *s = arg;
	const struct kind *kind = &kinds[s->kind];
	const struct script_run run = {
		.path = values_get(v, "script"),
		.verb = kind->verb,
		.word = kind->word,
		.log_name = s->node,
		.type = kind->type,
		.node = s->node,
		.more = {{"vif", values_get(v, "ifname")},
			 {"netdev", values_get(v, "gatewaydev")}},
		.limit_s = SCRIPT_LIMIT_S,
	};
	struct err e;

	s->job = NULL;
	if (run.path)
		s->run = script_start(s->x->base, &run, on_ended, s, &e);
	if (run.path && !s->run)
		log_error("%s, of an earlier xnd: %s", s->node, e.text);
	if (!s->run)
		go_on(s);
}

static void give_up(struct leftover_scripts *s)
{
	log_error("%s, of an earlier xnd: no memory to look at it", s->home);
	s->done(s->arg);
}

static void go_on(struct leftover_scripts *s)
{
	static const char *const keys[] = {"script", "ifname", "gatewaydev"};
	const char *device = strsep(&s->rest, " ");
	struct xs_values *v;
	size_t i;

	if (!device) {
		s->kind++;
		if (s->kind == KINDS)
			s->done(s->arg);
		else if (!look(s))
			give_up(s);
		return;
	}
	snprintf(s->node, sizeof(s->node), "%s/%s", s->home, device);
	v = values_new();
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		values_want(v, keys[i], STORE_HOME "%s/%s", s->node, keys[i]);
	s->job = xs_fetch(s->x->xs, v, on_script, s);
	if (!s->job)
		give_up(s);
}

/* ---- 1. which devices of a kind it had ---- */

static void on_devices(const struct xs_values *v, void *arg)
{
	struct leftover_scripts *s = arg;
	const char *devices = values_get(v, "devices");

	s->job = NULL;
	free(s->devices);
	s->devices = devices ? strdup(devices) : NULL;
	if (devices && !s->devices)
		log_error("%s, of an earlier xnd: no memory to look at it",
			  s->home);
	s->rest = s->devices;
	go_on(s);
}

/* False: memory is out. */
static bool look(struct leftover_scripts *s)
{
	struct xs_values *v = values_new();

	snprintf(s->home, sizeof(s->home), "backend/%s/%u",
		 kinds[s->kind].backend, s->domid);
	values_want_names(v, "devices", STORE_HOME "%s", s->home);
	s->job = xs_fetch(s->x->xs, v, on_devices, s);
	return s->job != NULL;
}

struct leftover_scripts *leftover_scripts_undo(struct xnd *x, uint32_t domid,
					       void (*done)(void *arg),
					       void *arg)
{
	struct leftover_scripts *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->x = x;
	s->domid = domid;
	s->done = done;
	s->arg = arg;
	if (look(s))
		return s;
	free(s);
	return NULL;
}
