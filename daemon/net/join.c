/* SPDX-License-Identifier: MIT */
/*
 * Joins, step by step: each kind of journey is a row of steps, taken from the
 * loop, some of which wait for an answer. What fails on the way there turns
 * into the way back; nothing stops the way back.
 */
#include "daemon/net/join.h"

#include <errno.h>
#include <stdlib.h>
#include <event2/event.h>

#include "base/log.h"
#include "daemon/host/link.h"
#include "daemon/net/fence.h"
#include "daemon/net/ovs.h"
#include "daemon/net/segments.h"
#include "daemon/net/sweep.h"
#include "daemon/net/vlan.h"
#include "daemon/net/way.h"

/* ---- what the steps are ---- */

static void on_bridge(const struct err *e, void *arg)
{
	struct join *j = arg;
	struct err none;

	j->call = NULL;
	if (!e || e->code == ENODEV)
		sweep_ovs_is_there(j->nets->sweep);
	if (e && e->code == ENODEV) {
		err_set(&none, ENODEV,
			"bridge %s: neither a Linux bridge nor one of Open "
			"vSwitch",
			j->to.bridge);
		e = &none;
	}
	join_stepped(j, e);
}

/* Is there such a bridge? The kernel has answered for its own. */
static int ask(struct join *j, struct err *e)
{
	struct err why;

	if (j->to_way != &way_ovs)
		return 0;
	j->call =
		ovs_has_bridge(j->nets->ovs, j->to.bridge, on_bridge, j, &why);
	if (j->call)
		return -EINPROGRESS;
	return err_set(e, why.code,
		       "bridge %s: neither a Linux bridge nor one of Open "
		       "vSwitch (%s)",
		       j->to.bridge, why.text);
}

static void on_fenced(const struct err *e, const char *text, void *arg)
{
	struct join *j = arg;
	struct err why;

	(void)text;
	nft_free(j->nft);
	j->nft = NULL;
	if (e) {
		why = *e;
		err_wrap(&why,
			 "interface %s: its guest cannot be kept to its "
			 "addresses",
			 j->place.ifname);
		e = &why;
	}
	join_stepped(j, e);
}

static int raise_fence(struct join *j, const struct place *place, struct err *e)
{
	if (!place->n_prefixes)
		return 0;
	j->fenced = true;
	j->nft = fence_raise(j->nets->nft, place, on_fenced, j, e);
	return j->nft ? -EINPROGRESS : -e->code;
}

static int fence_new(struct join *j, struct err *e)
{
	return raise_fence(j, &j->to, e);
}

static bool replaces(const struct join *j)
{
	return j->way == j->to_way && j->to_way->replaces;
}

static int leave_old(struct join *j, struct err *e)
{
	if (!j->way || replaces(j))
		return 0;
	j->left = true;
	return j->way->leave(j, &j->place, e);
}

static int enter_new(struct join *j, struct err *e)
{
	j->tried = true;
	return j->to_way->enter(j, &j->to, e);
}

static void on_lowered(const struct err *e, const char *text, void *arg)
{
	struct join *j = arg;

	(void)text;
	nft_free(j->nft);
	j->nft = NULL;
	j->fenced = e != NULL;
	join_stepped(j, e);
}

static int lower_fence(struct join *j, struct err *e)
{
	if (!j->fenced)
		return 0;
	j->nft = fence_lower(j->nets->nft, j->place.ifname, on_lowered, j, e);
	return j->nft ? -EINPROGRESS : -e->code;
}

static int lower_old_fence(struct join *j, struct err *e)
{
	return j->to.n_prefixes ? 0 : lower_fence(j, e);
}

static int leave_new(struct join *j, struct err *e)
{
	if (!j->tried || replaces(j))
		return 0;
	return j->to_way->leave(j, &j->to, e);
}

static int enter_old(struct join *j, struct err *e)
{
	if (!j->way || (!j->left && !j->tried))
		return 0;
	return j->way->enter(j, &j->place, e);
}

static int fence_old(struct join *j, struct err *e)
{
	if (!j->way || !j->place.n_prefixes)
		return lower_fence(j, e);
	return raise_fence(j, &j->place, e);
}

/* What does not go with the tap. */
static int leave_for_good(struct join *j, struct err *e)
{
	if (j->way && j->way->stays)
		return j->way->leave(j, &j->place, e);
	if (j->tried && j->to_way->stays)
		return j->to_way->leave(j, &j->to, e);
	return 0;
}

/* ---- and their order ---- */

typedef int join_step(struct join *j, struct err *e);

static join_step *const rows[][6] = {
	[JOURNEY_NONE] = {NULL},
	[JOURNEY_THERE] = {ask, fence_new, leave_old, enter_new,
			   lower_old_fence, NULL},
	[JOURNEY_BACK] = {leave_new, enter_old, fence_old, NULL},
	[JOURNEY_AWAY] = {leave_for_good, lower_fence, NULL},
};

static void arrive(struct join *j)
{
	if (j->journey == JOURNEY_THERE) {
		j->place = j->to;
		j->way = j->to_way;
		j->astray = false;
	} else if (j->journey == JOURNEY_AWAY) {
		j->way = NULL;
		j->why.text[0] = '\0';
	}
	j->journey = JOURNEY_NONE;
	event_active(j->told, EV_TIMEOUT, 0);
}

static void settle(struct join *j, const struct err *e)
{
	j->step++;
	if (e && j->journey == JOURNEY_THERE) {
		j->why = *e;
		j->journey = JOURNEY_BACK;
		j->step = 0;
	} else if (e) {
		log_error("%s: %s", j->place.ifname, e->text);
		j->astray |= j->journey == JOURNEY_BACK;
	}
}

static void go_on(struct join *j)
{
	struct err e;
	int rc;

	while (rows[j->journey][j->step]) {
		rc = rows[j->journey][j->step](j, &e);
		if (rc == -EINPROGRESS)
			return;
		settle(j, rc < 0 ? &e : NULL);
	}
	arrive(j);
}

void join_stepped(struct join *j, const struct err *e)
{
	settle(j, e);
	go_on(j);
}

static void on_told(evutil_socket_t fd, short what, void *arg)
{
	struct join *j = arg;
	struct err why = j->why;

	(void)fd;
	(void)what;
	j->done(why.text[0] ? &why : NULL, j->arg);
}

/* ---- setting out ---- */

static int choose_way(struct join *j, struct err *e)
{
	int rc = 0;

	j->to_way = &way_routed;
	if (j->to.bridge[0]) {
		rc = links_check_bridge(j->nets->links, j->to.bridge, e);
		j->to_way = rc == 0 ? &way_bridge : &way_ovs;
		if (rc == -ENODEV || rc == -EINVAL)
			rc = 0;
	}
	if (rc == 0 && j->to_way->check)
		rc = j->to_way->check(j, &j->to, e);
	return rc < 0 ? rc : fence_check(&j->to, e);
}

/* The first step is taken here: what it refuses is clear at once. */
static int set_out(struct join *j, const struct place *to, join_cb *done,
		   void *arg, struct err *e)
{
	int rc;

	j->to = *to;
	j->done = done;
	j->arg = arg;
	j->why.text[0] = '\0';
	j->left = false;
	j->tried = false;
	rc = choose_way(j, e);
	if (rc == 0)
		rc = ask(j, e);
	if (rc < 0 && rc != -EINPROGRESS)
		return rc;
	j->journey = JOURNEY_THERE;
	j->step = 0;
	if (rc == 0)
		join_stepped(j, NULL);
	return 0;
}

struct join *join_begin(struct nets *n, const struct place *place,
			join_cb *done, void *arg, struct err *e)
{
	struct join *j = calloc(1, sizeof(*j));

	if (j)
		j->told = evtimer_new(n->base, on_told, j);
	if (!j || !j->told) {
		err_set(e, ENOMEM, "no memory for an interface's place");
		join_free(j);
		return NULL;
	}
	j->nets = n;
	j->place = *place;
	if (set_out(j, place, done, arg, e) == 0)
		return j;
	join_free(j);
	return NULL;
}

int join_move(struct join *j, const struct place *place, join_cb *done,
	      void *arg, struct err *e)
{
	if (j->journey != JOURNEY_NONE)
		return err_set(e, EBUSY, "interface %s: is being moved already",
			       j->place.ifname);
	return set_out(j, place, done, arg, e);
}

static void forget_calls(struct join *j)
{
	ovs_forget(j->call);
	j->call = NULL;
	nft_free(j->nft);
	j->nft = NULL;
	event_del(j->told);
}

void join_leave(struct join *j, join_cb *done, void *arg)
{
	forget_calls(j);
	j->done = done;
	j->arg = arg;
	j->journey = JOURNEY_AWAY;
	j->step = 0;
	go_on(j);
}

void join_free(struct join *j)
{
	if (!j)
		return;
	if (j->told) {
		forget_calls(j);
		event_free(j->told);
	}
	free(j);
}

const char *join_way(const struct join *j)
{
	return j->way ? j->way->name : j->to_way->name;
}

uint32_t join_mtu(const struct join *j)
{
	return j->way ? j->mtu : 0;
}

uint32_t join_segment(const struct join *j)
{
	const struct place *p = &j->place;

	if (j->journey != JOURNEY_NONE || j->astray || j->way != &way_bridge ||
	    !vlan_is_one(&p->vlans))
		return 0;
	return segments_number(j->nets->segments, j->bridge, p->vlans.pvid);
}

/* ---- what they stand on ---- */

struct nets *nets_open(struct event_base *base, struct links *links,
		       const char *ovs_socket, struct err *e)
{
	struct nets *n = calloc(1, sizeof(*n));

	if (!n) {
		err_set(e, ENOMEM, "no memory for networks");
		return NULL;
	}
	n->base = base;
	n->links = links;
	n->segments = segments_new(e);
	n->nft = n->segments ? nft_queue_new(base, e) : NULL;
	n->ovs = n->nft ? ovs_open(base, ovs_socket, e) : NULL;
	n->sweep = n->ovs ? sweep_new(n, e) : NULL;
	if (n->sweep)
		return n;
	nets_close(n);
	return NULL;
}

void nets_close(struct nets *n)
{
	if (!n)
		return;
	sweep_free(n->sweep);
	ovs_close(n->ovs);
	nft_queue_free(n->nft);
	segments_free(n->segments);
	free(n);
}

void nets_sweep(struct nets *n)
{
	sweep_run(n->sweep);
}
