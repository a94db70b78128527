/* SPDX-License-Identifier: MIT */
/* Calls from their first request to their end, whatever they ask. */
#include "daemon/net/ovs_inside.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <event2/event.h>

#include "base/err.h"
#include "daemon/net/ovs_ops.h"
#include "daemon/net/ovs_wire.h"
#include "json/json.h"

#define CALL_S 10

struct ovs {
	struct event_base *base; /* borrowed */
	struct ovs_wire *wire;	 /* owned */
	LIST_HEAD(, ovs_call) calls;
};

/* ---- a call's end ---- */

static void call_free(struct ovs_call *c)
{
	if (c->limit)
		event_free(c->limit);
	free(c->names);
	json_free(c->rows);
	free(c);
}

void ovs_forget(struct ovs_call *c)
{
	if (!c)
		return;
	LIST_REMOVE(c, link);
	call_free(c);
}

/* Whoever asks next is answered later. */
static void undo(struct ovs_call *c)
{
	struct err e;

	if (c->added.port[0])
		ovs_wire_ask(c->ovs->wire, "transact",
			     ovs_ops_del(c->added.port, c->port), &e);
	c->added.port[0] = '\0';
}

static void finish(struct ovs_call *c, const struct err *e)
{
	if (e)
		undo(c);
	LIST_REMOVE(c, link);
	if (c->ports_cb)
		c->ports_cb(e, c->names, c->arg);
	else
		c->cb(e, c->arg);
	call_free(c);
}

static void on_limit(evutil_socket_t fd, short what, void *arg)
{
	struct err e;

	(void)fd;
	(void)what;
	err_set(&e, ETIMEDOUT,
		"ovsdb-server has not answered within %d seconds", CALL_S);
	finish(arg, &e);
}

/* ---- its steps ---- */

int ovs_call_ask(struct ovs_call *c, struct json *params, ovs_step *step,
		 struct err *e)
{
	int64_t id = ovs_wire_ask(c->ovs->wire, "transact", params, e);

	if (id < 0)
		return -e->code;
	c->id = id;
	c->step = step;
	return 0;
}

static void on_answered(int64_t id, const struct json *result,
			const struct err *error, void *arg)
{
	struct ovs *o = arg;
	struct ovs_call *c;
	struct err e;
	int rc;

	LIST_FOREACH(c, &o->calls, link)
		if (c->id == id)
			break;
	/* Of one that was forgotten, or that nobody waits for. */
	if (!c)
		return;
	if (error) {
		finish(c, error);
		return;
	}
	rc = c->step(c, result, &e);
	if (rc != 0)
		finish(c, rc < 0 ? &e : NULL);
}

static void on_lost(const struct err *e, void *arg)
{
	struct ovs *o = arg;
	LIST_HEAD(, ovs_call) lost = {LIST_FIRST(&o->calls)};
	struct ovs_call *c;

	/* Whoever hears of it may ask again, which is a call of its own. */
	LIST_INIT(&o->calls);
	if (lost.lh_first)
		lost.lh_first->link.le_prev = &lost.lh_first;
	while ((c = LIST_FIRST(&lost)))
		finish(c, e);
}

struct ovs *ovs_open(struct event_base *base, const char *socket, struct err *e)
{
	static const struct ovs_wire_events events = {on_answered, on_lost};
	struct ovs *o = calloc(1, sizeof(*o));

	if (!o) {
		err_set(e, ENOMEM, "no memory for Open vSwitch");
		return NULL;
	}
	o->base = base;
	LIST_INIT(&o->calls);
	o->wire = ovs_wire_new(base, socket, &events, o, e);
	if (o->wire)
		return o;
	ovs_close(o);
	return NULL;
}

void ovs_close(struct ovs *o)
{
	struct ovs_call *c;

	if (!o)
		return;
	while ((c = LIST_FIRST(&o->calls)))
		ovs_forget(c);
	ovs_wire_free(o->wire);
	free(o);
}

struct ovs_call *ovs_call_begin(struct ovs *o, const struct ovs_call *like,
				struct json *params, struct err *e)
{
	static const struct timeval limit = {CALL_S, 0};
	struct ovs_call *c = malloc(sizeof(*c));

	if (!c) {
		json_free(params);
		err_set(e, ENOMEM, "no memory to ask Open vSwitch");
		return NULL;
	}
	*c = *like;
	c->ovs = o;
	LIST_INSERT_HEAD(&o->calls, c, link);
	if (ovs_call_ask(c, params, like->step, e) < 0)
		goto fail;
	c->limit = evtimer_new(o->base, on_limit, c);
	if (c->limit && evtimer_add(c->limit, &limit) == 0)
		return c;
	err_set(e, ENOMEM, "no memory to ask Open vSwitch");

fail:
	ovs_forget(c);
	return NULL;
}
