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

struct leftover_scripts {
	struct xnd *x; /* borrowed */
	char home[48]; /* "backend/xnblk/3" */
	char node[80]; /* of the disk that is looked at */
	char *disks;   /* owned: its entries, a word each */
	char *rest;    /* of them, those that were not looked at */
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
	free(s->disks);
	free(s);
}

/* ---- 2. its disks, one after the other ---- */

static void go_on(struct leftover_scripts *s);

static void on_removed(const struct err *e, void *arg)
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
	const struct script_run run = {
		.path = values_get(v, "script"),
		.verb = "remove",
		.log_name = s->node,
		.type = "vbd",
		.node = s->node,
		.limit_s = SCRIPT_LIMIT_S,
	};
	struct err e;

	s->job = NULL;
	if (run.path)
		s->run = script_start(s->x->base, &run, on_removed, s, &e);
	if (run.path && !s->run)
		log_error("%s, of an earlier xnd: %s", s->node, e.text);
	if (!s->run)
		go_on(s);
}

static void go_on(struct leftover_scripts *s)
{
	const char *disk = strsep(&s->rest, " ");
	struct xs_values *v;

	if (!disk) {
		s->done(s->arg);
		return;
	}
	snprintf(s->node, sizeof(s->node), "%s/%s", s->home, disk);
	v = values_new();
	values_want(v, "script", STORE_HOME "%s/script", s->node);
	s->job = xs_fetch(s->x->xs, v, on_script, s);
	if (s->job)
		return;
	log_error("%s, of an earlier xnd: no memory to look at it", s->node);
	s->done(s->arg);
}

/* ---- 1. which disks it had ---- */

static void on_disks(const struct xs_values *v, void *arg)
{
	struct leftover_scripts *s = arg;
	const char *disks = values_get(v, "disks");

	s->job = NULL;
	s->disks = disks ? strdup(disks) : NULL;
	if (disks && !s->disks)
		log_error("%s, of an earlier xnd: no memory to look at it",
			  s->home);
	s->rest = s->disks;
	go_on(s);
}

struct leftover_scripts *leftover_scripts_undo(struct xnd *x, uint32_t domid,
					       void (*done)(void *arg),
					       void *arg)
{
	struct leftover_scripts *s = calloc(1, sizeof(*s));
	struct xs_values *v;

	if (!s)
		return NULL;
	s->x = x;
	s->done = done;
	s->arg = arg;
	snprintf(s->home, sizeof(s->home), "backend/xnblk/%u", domid);
	v = values_new();
	values_want_names(v, "disks", STORE_HOME "%s", s->home);
	s->job = xs_fetch(x->xs, v, on_disks, s);
	if (s->job)
		return s;
	free(s);
	return NULL;
}
