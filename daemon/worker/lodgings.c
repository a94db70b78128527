/* SPDX-License-Identifier: MIT */
/* Houses, which are processes for one bridge, and who lodges in them. */
#include "daemon/worker/lodgings.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/err.h"
#include "base/log.h"
#include "base/scope.h"
#include "daemon/worker/orphans.h"
#include "daemon/worker/process_inside.h"
#include "daemon/worker/users.h"

#define HOUSE_PROGRAM "xn-net"
/* It has nothing in flight: its last vif has stopped. */
#define HOUSE_GRACE_MS 2000

struct house {
	LIST_ENTRY(house) link;
	struct process *process; /* owned */
	char bridge[IFNAMSIZ];
	unsigned int taken; /* places, by those that were let go of, too */
	bool closed;	    /* takes nobody any more */
	LIST_HEAD(, lodger) lodgers;
};

struct lodgings {
	struct event_base *base; /* borrowed */
	unsigned int queues;
	uint32_t worker_uids;
	uint32_t last_user; /* for users_shared */
	LIST_HEAD(, house) houses;
};

struct lodger {
	struct process p; /* first */
	LIST_ENTRY(lodger) link;
	struct house *house; /* borrowed; NULL: in none, or no more */
};

/* ---- who lodges ---- */

static struct lodger *lodger_of(const struct process *p)
{
	return (struct lodger *)p;
}

static void lodger_leave(struct lodger *l)
{
	LIST_REMOVE(l, link);
	l->house->taken--;
	l->house = NULL;
}

/* Nobody is to move in between its death and the day that we hear of it. */
static void house_kill(struct house *h)
{
	h->closed = true;
	process_kill(h->process);
}

static void lodger_kill(struct process *p)
{
	house_kill(lodger_of(p)->house);
}

static void lodger_unheard(struct process *p)
{
	struct house *h = lodger_of(p)->house;

	if (p->ready && !p->stopped) {
		house_kill(h);
		return;
	}
	lodger_leave(lodger_of(p));
	process_ended(p, p->ready ? HOUSE_PROGRAM " has stopped serving it"
				  : HOUSE_PROGRAM " has not taken it");
	/* Unless it has come back at once. */
	if (h->taken == 0) {
		h->closed = true;
		process_stop(h->process, HOUSE_GRACE_MS);
	}
}

static pid_t lodger_pid(const struct process *p)
{
	return process_pid(lodger_of(p)->house->process);
}

/* One that is let go of is served on, so its place stays taken. */
static void lodger_free(struct process *p)
{
	if (lodger_of(p)->house)
		LIST_REMOVE(lodger_of(p), link);
}

static const struct process_origin lodger_origin = {
	.kill = lodger_kill,
	.unheard = lodger_unheard,
	.pid = lodger_pid,
	.free = lodger_free,
	.shares = true,
};

/* ---- where they do ---- */

static void on_message(const union msg *m, int *fds, unsigned int n, void *arg)
{
	struct house *h = arg;

	(void)fds;
	(void)n;
	if (m->head.type == MSG_FAILED)
		log_error("%s for bridge %s: %s", HOUSE_PROGRAM, h->bridge,
			  m->failed.text);
	else if (m->head.type != MSG_READY && m->head.type != MSG_STOPPED)
		log_warn("%s for bridge %s: unexpected message %s",
			 HOUSE_PROGRAM, h->bridge, msg_name(m->head.type));
}

static void on_exit_of_house(const char *why, void *arg)
{
	struct house *h = arg;
	struct lodger *l;

	/* Who hears of it may look for another at once. */
	LIST_REMOVE(h, link);
	while ((l = LIST_FIRST(&h->lodgers))) {
		lodger_leave(l);
		process_ended(&l->p, why);
	}
	process_free(h->process);
	free(h);
}

static const struct process_ops house_ops = {on_message, on_exit_of_house};

static struct house *house_new(struct lodgings *all, const char *bridge,
			       struct err *e)
{
	struct house *h = calloc(1, sizeof(*h));
	char places[24], queues[24], of[32];
	const char *const args[] = {places, queues, of, NULL};

	if (!h) {
		err_set(e, ENOMEM, "no memory for a worker");
		return NULL;
	}
	snprintf(h->bridge, sizeof(h->bridge), "%s", bridge);
	LIST_INIT(&h->lodgers);
	snprintf(places, sizeof(places), ORPHAN_SHARED_ARG "%u",
		 LODGINGS_PLACES);
	snprintf(queues, sizeof(queues), "queues=%u", all->queues);
	snprintf(of, sizeof(of), "bridge=%s", bridge);
	h->process =
		process_start(all->base, HOUSE_PROGRAM, args,
			      users_shared(all->worker_uids, &all->last_user),
			      &house_ops, h, e);
	if (!h->process) {
		free(h);
		return NULL;
	}
	LIST_INSERT_HEAD(&all->houses, h, link);
	return h;
}

/* Its messages wait until it is READY. False: it does not take them. */
static bool house_take(struct house *h, struct lodger *l, uint32_t domid,
		       int theirs)
{
	union msg m;

	msg_init(&m, MSG_NET_ADOPT);
	m.plain.domid = domid;
	if (process_send(h->process, &m, &theirs, 1) < 0)
		return false;
	l->house = h;
	h->taken++;
	LIST_INSERT_HEAD(&h->lodgers, l, link);
	return true;
}

static bool find_place(struct lodgings *all, const char *bridge,
		       struct lodger *l, uint32_t domid, int theirs)
{
	struct house *h;

	LIST_FOREACH(h, &all->houses, link)
		if (!h->closed && h->taken < LODGINGS_PLACES &&
		    strcmp(h->bridge, bridge) == 0 &&
		    house_take(h, l, domid, theirs))
			return true;
	return false;
}

struct process *lodgings_start(struct lodgings *all, const char *bridge,
			       uint32_t domid, const struct process_ops *ops,
			       void *arg, struct err *e)
{
	struct lodger *l = calloc(1, sizeof(*l));
	scoped_fd theirs = -1;
	struct house *h;

	if (!l) {
		err_set(e, ENOMEM, "no memory for a worker");
		return NULL;
	}
	if (process_init(&l->p, all->base, &lodger_origin, HOUSE_PROGRAM, ops,
			 arg, &theirs, e) < 0)
		goto fail;
	if (find_place(all, bridge, l, domid, theirs))
		return &l->p;
	h = house_new(all, bridge, e);
	if (!h)
		goto fail;
	if (house_take(h, l, domid, theirs))
		return &l->p;
	err_set(e, EPIPE, "%s for bridge %s takes no vif", HOUSE_PROGRAM,
		bridge);
	h->closed = true;
	process_stop(h->process, HOUSE_GRACE_MS);
fail:
	process_free(&l->p);
	return NULL;
}

struct lodgings *lodgings_new(struct event_base *base, unsigned int queues,
			      uint32_t worker_uids, struct err *e)
{
	struct lodgings *all = calloc(1, sizeof(*all));

	if (!all) {
		err_set(e, ENOMEM, "no memory for workers");
		return NULL;
	}
	all->base = base;
	all->queues = queues;
	all->worker_uids = worker_uids;
	LIST_INIT(&all->houses);
	return all;
}

void lodgings_free(struct lodgings *all)
{
	struct house *h;
	struct lodger *l;

	while (all && (h = LIST_FIRST(&all->houses))) {
		LIST_REMOVE(h, link);
		while ((l = LIST_FIRST(&h->lodgers)))
			lodger_leave(l);
		process_free(h->process);
		free(h);
	}
	free(all);
}
