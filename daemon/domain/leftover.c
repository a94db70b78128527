/* SPDX-License-Identifier: MIT */
/*
 * An xnd that stops leaves its guests running. The next one lists them and
 * leaves them alone; but once such a guest is gone, its workers and nodes are
 * nobody else's to remove.
 */
#include "daemon/domain/leftover.h"

#include <string.h>

#include "base/log.h"
#include "daemon/domain/nodes.h"
#include "daemon/host/journals.h"
#include "daemon/host/uuid.h"
#include "daemon/worker/orphans.h"
#include "daemon/xnd.h"
#include "daemon/xs/plan.h"
#include "daemon/xs/xs.h"

struct sweep {
	struct xnd *x;
	const xc_domaininfo_t *list;
	unsigned int count;
};

static const xc_domaininfo_t *find(const struct sweep *s, uint32_t domid)
{
	unsigned int i;

	for (i = 0; i < s->count; i++)
		if (s->list[i].domain == domid)
			return &s->list[i];
	return NULL;
}

static bool is_alive(uint32_t domid, const char *uuid, void *arg)
{
	const xc_domaininfo_t *info = find(arg, domid);
	char text[UUID_TEXT_BYTES];

	if (!info || (info->flags & XEN_DOMINF_dying))
		return false;
	uuid_print(info->handle, text);
	return strcmp(text, uuid) == 0;
}

/* Journals of that guest, and of no other, are to go. */
static bool is_other(uint32_t domid, const char *uuid, void *arg)
{
	const struct journal_owner *gone = arg;

	return domid != gone->domid || strcmp(uuid, gone->uuid) != 0;
}

static void on_gone(uint32_t domid, const char *uuid, void *arg)
{
	struct journal_owner owner = {.uuid = uuid, .domid = domid};
	const struct sweep *s = arg;
	struct xs_plan *plan;

	log_info("domain %u, of an earlier xnd, is gone", domid);
	journals_sweep(s->x->journals, is_other, &owner);
	/* Its number may be another's by now, and then so are its nodes. */
	if (find(s, domid) && !(find(s, domid)->flags & XEN_DOMINF_dying))
		return;
	plan = plan_new();
	nodes_plan_rm(domid, uuid, plan);
	if (!xs_apply(s->x->xs, plan, NULL, NULL))
		log_error("no memory to remove the nodes of domain %u", domid);
}

/* The tags of what was read are domids. */
static void on_marks(const struct xs_values *v, void *arg)
{
	struct xnd *x = arg;

	if (!values_any(v))
		orphans_end_consoles(x->orphans);
}

/* The earlier xn-console goes when no domain has our mark and is not ours. */
static void look_for_marks(const struct sweep *s)
{
	struct xs_values *v = values_new();
	unsigned int i;

	for (i = 0; i < s->count; i++)
		if (!domain_find_domid(s->x, s->list[i].domain))
			values_want(v, "name", "/xn/%u/name",
				    s->list[i].domain);
	xs_fetch(s->x->xs, v, on_marks, s->x);
}

void leftover_sweep(struct xnd *x, const xc_domaininfo_t *list,
		    unsigned int count)
{
	struct sweep s = {x, list, count};

	if (!orphans_any(x->orphans))
		return;
	orphans_sweep(x->orphans, is_alive, on_gone, &s);
	look_for_marks(&s);
}
