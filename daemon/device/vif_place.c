/* SPDX-License-Identifier: MIT */
/* A vif's tap on its ways over the host. */
#include "daemon/device/vif_place.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/device/kind.h"
#include "daemon/net/join.h"
#include "daemon/xs/plan.h"
#include "daemon/xs/xs.h"

#define ETHERNET_MTU 1500 /* what a guest assumes */

static struct place place_of(const struct device *d, const struct vif_config *c)
{
	struct place p = {
		.mtu = c->mtu, .vlans = c->vlans, .n_prefixes = c->n_prefixes};

	memcpy(p.ifname, d->u.vif.ifname, sizeof(p.ifname));
	memcpy(p.mac, c->mac, sizeof(p.mac));
	memcpy(p.bridge, c->bridge, sizeof(p.bridge));
	memcpy(p.gatewaydev, c->gatewaydev, sizeof(p.gatewaydev));
	memcpy(p.prefixes, c->prefixes, sizeof(p.prefixes));
	return p;
}

/* 0: not known yet. */
static uint32_t mtu_of(const struct device *d)
{
	const struct vif_place *p = &d->u.vif.place;
	uint32_t mtu = d->u.vif.config.mtu;

	return !mtu && p->there ? join_mtu(p->join) : mtu;
}

uint32_t vif_place_mtu(const struct device *d)
{
	uint32_t mtu = mtu_of(d);

	return mtu == ETHERNET_MTU ? 0 : mtu;
}

void vif_place_say_mtu(struct device *d)
{
	uint32_t said = d->u.vif.place.mtu_said;
	uint32_t mtu = mtu_of(d);
	struct xs_plan *plan;

	if (!d->watch || !mtu || mtu == (said ? said : ETHERNET_MTU))
		return;
	plan = plan_new();
	plan_write_u64(plan, mtu, "%s/mtu", d->front);
	if (xs_apply(d->env->xs, plan, NULL, NULL))
		d->u.vif.place.mtu_said = mtu;
	else
		log_warn("%s: no memory to tell its mtu", d->log_name);
}

static void on_joined(const struct err *e, void *arg)
{
	struct device *d = arg;
	struct err why;

	d->unopened = false;
	if (e) {
		why = *e;
		err_wrap(&why, "vif %u", d->devid);
		device_fail(d, &why);
	} else {
		d->u.vif.place.there = true;
		vif_place_say_mtu(d);
		log_info("%s: %s, mtu %u", d->log_name,
			 join_way(d->u.vif.place.join),
			 join_mtu(d->u.vif.place.join));
		if (device_is_ready(d))
			device_answer_ready(d, NULL);
	}
	device_step(d);
}

int vif_place_join(struct device *d, struct err *e)
{
	const struct place place = place_of(d, &d->u.vif.config);

	d->u.vif.place.join = join_begin(d->env->nets, &place, on_joined, d, e);
	if (!d->u.vif.place.join)
		return -e->code;
	d->unopened = true;
	return 0;
}

/* ---- moving ---- */

static void answer_moved(struct device *d, const struct err *e)
{
	struct vif_place *p = &d->u.vif.place;
	device_cb *moved = p->moved;

	p->moved = NULL;
	free(p->to);
	p->to = NULL;
	if (moved)
		moved(e, p->moved_arg);
}

static void take_place(struct vif_config *c, const struct vif_config *from)
{
	memcpy(c->bridge, from->bridge, sizeof(c->bridge));
	memcpy(c->gatewaydev, from->gatewaydev, sizeof(c->gatewaydev));
	c->vlans = from->vlans;
	c->n_prefixes = from->n_prefixes;
	memcpy(c->prefixes, from->prefixes, sizeof(c->prefixes));
}

static void write_place(struct device *d, bool was_routed)
{
	const struct vif_config *c = &d->u.vif.config;
	struct xs_plan *plan = plan_new();

	plan_write(plan, c->bridge, "%s/bridge", d->back);
	if (c->gatewaydev[0])
		plan_write(plan, c->gatewaydev, "%s/gatewaydev", d->back);
	else if (was_routed)
		plan_rm(plan, "%s/gatewaydev", d->back);
	if (!xs_apply(d->env->xs, plan, NULL, NULL))
		log_warn("%s: no memory to write where it is", d->log_name);
}

static void on_moved(const struct err *e, void *arg)
{
	struct device *d = arg;
	struct vif_place *p = &d->u.vif.place;
	const bool was_routed = d->u.vif.config.gatewaydev[0];
	struct err why;

	if (e) {
		why = *e;
		err_wrap(&why, "vif %s: stays where it is", d->name);
		answer_moved(d, &why);
		return;
	}
	take_place(&d->u.vif.config, p->to);
	if (d->watch)
		write_place(d, was_routed);
	vif_place_say_mtu(d);
	log_info("%s: moved, %s %s", d->log_name, join_way(p->join),
		 d->u.vif.config.bridge);
	answer_moved(d, NULL);
}

int device_move_vif(struct device *d, const struct vif_config *config,
		    device_cb *done, void *arg, struct err *e)
{
	struct vif_place *p = &d->u.vif.place;
	struct place place;

	if (d->u.vif.script)
		return err_set(e, EOPNOTSUPP,
			       "vif %s: is where its script has put it",
			       d->name);
	if (!p->there || p->leaving || p->to)
		return err_set(e, EBUSY, "vif %s: %s", d->name,
			       p->leaving ? "is being removed"
			       : p->to	  ? "is being moved already"
					  : "is not in its first place yet");
	p->to = malloc(sizeof(*p->to));
	if (!p->to)
		return err_set(e, ENOMEM, "vif %s: no memory to move it",
			       d->name);
	*p->to = d->u.vif.config;
	take_place(p->to, config);
	place = place_of(d, p->to);
	p->moved = done;
	p->moved_arg = arg;
	if (join_move(p->join, &place, on_moved, d, e) == 0)
		return 0;
	p->moved = NULL;
	answer_moved(d, NULL);
	return err_wrap(e, "vif %s", d->name);
}

/* ---- leaving ---- */

static void on_left(const struct err *e, void *arg)
{
	struct device *d = arg;

	(void)e;
	d->u.vif.place.left = true;
	device_step(d);
}

bool vif_place_left(struct device *d)
{
	struct vif_place *p = &d->u.vif.place;
	struct err e;

	if (!p->join || p->left)
		return true;
	if (!p->leaving) {
		p->leaving = true;
		p->there = false;
		join_leave(p->join, on_left, d);
		err_set(&e, ENODEV, "vif %s: is being removed", d->name);
		answer_moved(d, &e);
	}
	return false;
}

void vif_place_free(struct device *d)
{
	struct vif_place *p = &d->u.vif.place;

	join_free(p->join);
	p->join = NULL;
	p->there = false;
	free(p->to);
	p->to = NULL;
}
