/* SPDX-License-Identifier: MIT */
/* What an earlier xnd has left: watched, undone, cleared away. */
#include "daemon/domain/leftover.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/log.h"
#include "daemon/domain/hyper.h"
#include "daemon/domain/leftover_scripts.h"
#include "daemon/domain/nodes.h"
#include "daemon/host/journals.h"
#include "daemon/host/record.h"
#include "daemon/host/uuid.h"
#include "daemon/worker/builders.h"
#include "daemon/worker/orphans.h"
#include "daemon/xnd.h"
#include "daemon/xs/plan.h"
#include "daemon/xs/xs.h"

struct leftover {
	LIST_ENTRY(leftover) link;
	struct xnd *x; /* borrowed; set by the first sweep */
	char uuid[UUID_TEXT_BYTES];
	struct record record; /* domid 0: never known */
	bool busy;	      /* being destroyed, or its nodes removed */
	struct leftover_scripts *scripts; /* owned: being undone */
};

struct leftovers {
	LIST_HEAD(, leftover) list;
	bool none_told; /* that there are none left */
};

struct finding {
	struct leftovers *all;
	bool failed;
};

static struct leftover *find(const struct leftovers *all, const char *uuid)
{
	struct leftover *l;

	LIST_FOREACH(l, &all->list, link)
		if (strcmp(l->uuid, uuid) == 0)
			return l;
	return NULL;
}

static void add(const char *uuid, const struct record *record, void *arg)
{
	struct finding *f = arg;
	struct leftover *l = calloc(1, sizeof(*l));

	if (!l) {
		f->failed = true;
		return;
	}
	l->record = *record;
	snprintf(l->uuid, sizeof(l->uuid), "%s", uuid);
	LIST_INSERT_HEAD(&f->all->list, l, link);
}

/* A worker without a record is taken to serve a living guest. */
static void on_orphan(uint32_t domid, const char *uuid, void *arg)
{
	const struct record record = {.domid = domid, .made = true};
	const struct finding *f = arg;

	if (!find(f->all, uuid))
		add(uuid, &record, arg);
}

struct leftovers *leftovers_find(struct orphans *orphans,
				 struct records *records, struct err *e)
{
	struct finding f = {calloc(1, sizeof(*f.all)), false};

	if (!f.all) {
		err_set(e, ENOMEM, "no memory for an earlier xnd's guests");
		return NULL;
	}
	LIST_INIT(&f.all->list);
	if (records_each(records, add, &f, e) < 0)
		goto fail;
	orphans_each(orphans, on_orphan, &f);
	if (!f.failed)
		return f.all;
	err_set(e, ENOMEM, "no memory for an earlier xnd's guests");
fail:
	leftovers_free(f.all);
	return NULL;
}

static void leftover_free(struct leftover *l)
{
	LIST_REMOVE(l, link);
	leftover_scripts_free(l->scripts);
	free(l);
}

void leftovers_free(struct leftovers *all)
{
	struct leftover *l;

	if (!all)
		return;
	while ((l = LIST_FIRST(&all->list)))
		leftover_free(l);
	free(all);
}

/* The earlier xn-console goes with the last guest that it may serve. */
static void end_consoles_if_none(struct xnd *x)
{
	if (!LIST_EMPTY(&x->leftovers->list) || x->leftovers->none_told)
		return;
	x->leftovers->none_told = true;
	orphans_end_consoles(x->orphans);
}

/* ---- gone: its workers, its nodes, its record ---- */

static void on_nodes_removed(int rc, void *arg)
{
	struct leftover *l = arg;
	struct xnd *x = l->x;

	if (rc < 0)
		log_error("the nodes of domain %u, of an earlier xnd, stay in "
			  "xenstore: %s",
			  l->record.domid, strerror(-rc));
	else
		record_remove(x->records, l->uuid);
	leftover_free(l);
	end_consoles_if_none(x);
}

/* Journals of that guest, and of no other, are to go. */
static bool is_other(uint32_t domid, const char *uuid, void *arg)
{
	const struct leftover *gone = arg;

	return domid != gone->record.domid || strcmp(uuid, gone->uuid) != 0;
}

static void remove_nodes(struct leftover *l, struct xs_plan *plan)
{
	if (!xs_apply(l->x->xs, plan, on_nodes_removed, l))
		on_nodes_removed(-ENOMEM, l);
}

static void on_scripts_undone(void *arg)
{
	struct leftover *l = arg;
	struct xs_plan *plan = plan_new();

	leftover_scripts_free(l->scripts);
	l->scripts = NULL;
	nodes_plan_rm(l->record.domid, l->uuid, plan);
	remove_nodes(l, plan);
}

static void clear_away(struct leftover *l, bool number_is_free)
{
	struct xs_plan *plan;

	log_info("domain %u, of an earlier xnd, is gone", l->record.domid);
	orphans_end_guest(l->x->orphans, l->record.domid, l->uuid);
	journals_sweep(l->x->journals, is_other, l);
	l->busy = true;
	/* Its number may be another's by now, and then so are its nodes. */
	if (!l->record.domid || !number_is_free) {
		plan = plan_new();
		plan_rm(plan, "/vm/%s", l->uuid);
		remove_nodes(l, plan);
		return;
	}
	l->scripts = leftover_scripts_undo(l->x, l->record.domid,
					   on_scripts_undone, l);
	if (!l->scripts)
		on_scripts_undone(l);
}

/* ---- half made: undone ---- */

static void on_destroyed(const union msg *m, const struct err *why, void *arg)
{
	struct leftover *l = arg;

	(void)m;
	if (why && why->code != ESRCH) {
		log_error("domain %u, which an earlier xnd was making: %s",
			  l->record.domid, why->text);
		l->busy = false; /* the next sweep tries again */
		return;
	}
	clear_away(l, true);
}

static void undo(struct leftover *l)
{
	union msg m;
	struct err e;

	log_info("domain %u: an earlier xnd was making it; destroyed",
		 l->record.domid);
	msg_init(&m, MSG_DESTROY);
	m.plain.domid = l->record.domid;
	l->busy = true;
	if (builders_request(l->x->builders, &m, NULL, 0, on_destroyed, l, &e) <
	    0)
		on_destroyed(NULL, &e, l);
}

/* ---- looked at, each time a domain has gone ---- */

struct sweep {
	const xc_domaininfo_t *list;
	unsigned int count;
};

static const xc_domaininfo_t *info_of_uuid(const struct sweep *s,
					   const char *uuid)
{
	char text[UUID_TEXT_BYTES];
	unsigned int i;

	for (i = 0; i < s->count; i++) {
		uuid_print(s->list[i].handle, text);
		if (strcmp(text, uuid) == 0)
			return &s->list[i];
	}
	return NULL;
}

static bool number_is_free(const struct sweep *s, uint32_t domid)
{
	unsigned int i;

	for (i = 0; i < s->count; i++)
		if (s->list[i].domain == domid)
			return s->list[i].flags & XEN_DOMINF_dying;
	return true;
}

static void look(struct leftover *l, const struct sweep *s)
{
	const xc_domaininfo_t *info = info_of_uuid(s, l->uuid);

	if (l->busy)
		return;
	if (info)
		l->record.domid = info->domain;
	if (!info || (info->flags & XEN_DOMINF_dying))
		clear_away(l, number_is_free(s, l->record.domid));
	else if (!l->record.made)
		undo(l);
}

void leftovers_sweep(struct xnd *x, const xc_domaininfo_t *list,
		     unsigned int count)
{
	const struct sweep s = {list, count};
	struct leftover *l;
	struct leftover *next;

	for (l = LIST_FIRST(&x->leftovers->list); l; l = next) {
		next = LIST_NEXT(l, link);
		l->x = x;
		look(l, &s);
	}
	end_consoles_if_none(x);
}

/* ---- asked for ---- */

static bool has_mac(const struct record *r, const uint8_t mac[MAC_BYTES])
{
	unsigned int i;

	for (i = 0; i < r->n_macs; i++)
		if (memcmp(r->macs[i], mac, MAC_BYTES) == 0)
			return true;
	return false;
}

/* One may have gone without our having heard of it. */
static bool is_alive(const struct xnd *x, struct leftover *l)
{
	const xc_domaininfo_t *info;
	struct sweep s;
	xc_domaininfo_t *list;
	bool alive;

	if (hyper_list(x->xc, &list, &s.count) < 0)
		return true;
	s.list = list;
	info = info_of_uuid(&s, l->uuid);
	alive = info && !(info->flags & XEN_DOMINF_dying);
	if (alive)
		l->record.domid = info->domain;
	free(list);
	return alive;
}

bool leftovers_have_mac(const struct xnd *x, const uint8_t mac[MAC_BYTES],
			uint32_t *domid)
{
	struct leftover *l;

	LIST_FOREACH(l, &x->leftovers->list, link) {
		/* What was not made has not run, and will not. */
		if (l->busy || !l->record.made || !has_mac(&l->record, mac) ||
		    !is_alive(x, l))
			continue;
		*domid = l->record.domid;
		return true;
	}
	return false;
}
