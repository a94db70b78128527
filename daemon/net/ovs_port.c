/* SPDX-License-Identifier: MIT */
/*
 * What calls ask, in their steps: what is there is looked up, what is to be is
 * written in one transaction, and then ovs-vswitchd, which does it, is waited
 * for.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "daemon/net/ovs_inside.h"
#include "daemon/net/ovs_vlans.h"
#include "json/json.h"

/* Less than a call may take, so that the server is named that is late. */
#define SWITCH_MS 9000

/* False with *e set when no interface can have the name. */
static bool copy_name(char to[IFNAMSIZ], const char *name, struct err *e)
{
	bool ok = *name && strlen(name) < IFNAMSIZ;

	if (ok)
		strcpy(to, name);
	else
		err_set(e, EINVAL, "a name of 1 to %d bytes is wanted",
			IFNAMSIZ - 1);
	return ok;
}

/* ---- is there such a bridge? ---- */

static int no_bridge(const struct ovs_call *c, struct err *e)
{
	return err_set(e, ENODEV, "Open vSwitch has no bridge %s", c->bridge);
}

static int on_has_bridge(struct ovs_call *c, const struct json *result,
			 struct err *e)
{
	struct ovs_found found;

	if (ovs_ops_found(result, &found, e) < 0)
		return -e->code;
	return found.bridge ? 1 : no_bridge(c, e);
}

struct ovs_call *ovs_has_bridge(struct ovs *o, const char *bridge, ovs_cb *cb,
				void *arg, struct err *e)
{
	struct ovs_call like = {.step = on_has_bridge, .cb = cb, .arg = arg};

	if (!copy_name(like.bridge, bridge, e))
		return NULL;
	return ovs_call_begin(o, &like, ovs_ops_find(bridge, ""), e);
}

/* ---- ovs-vswitchd lets go of a port ---- */

static int too_late(struct err *e, const char *what)
{
	return err_set(e, ETIMEDOUT,
		       "ovs-vswitchd has not %s within %d seconds: does it "
		       "run?",
		       what, SWITCH_MS / 1000);
}

static int await_left(struct ovs_call *c, struct err *e);

static int on_left(struct ovs_call *c, const struct json *result, struct err *e)
{
	if (ovs_ops_awaited_config(result, &c->config, e) == 0)
		return await_left(c, e);
	return e->code == ETIMEDOUT ? too_late(e, "let go of the port")
				    : -e->code;
}

static int await_left(struct ovs_call *c, struct err *e)
{
	if (c->config.current >= c->config.next)
		return c->then ? c->then(c, e) : 1;
	return ovs_call_ask(c, ovs_ops_await_config(&c->config, SWITCH_MS),
			    on_left, e);
}

static int on_deleted(struct ovs_call *c, const struct json *result,
		      struct err *e)
{
	if (ovs_ops_deleted(result, &c->config, e) < 0)
		return -e->code;
	return await_left(c, e);
}

/* ---- a port that comes ---- */

static int on_taken(struct ovs_call *c, const struct json *result,
		    struct err *e)
{
	if (ovs_ops_awaited_interface(result, e) == 0)
		return 1;
	if (e->code == ETIMEDOUT)
		too_late(e, "taken the port");
	return err_wrap(e, "bridge %s of Open vSwitch", c->bridge);
}

static int on_added(struct ovs_call *c, const struct json *result,
		    struct err *e)
{
	if (ovs_ops_added(result, &c->added, e) < 0)
		return err_wrap(e, "bridge %s of Open vSwitch", c->bridge);
	return ovs_call_ask(
		c, ovs_ops_await_interface(c->added.interface, SWITCH_MS),
		on_taken, e);
}

static int add_now(struct ovs_call *c, struct err *e)
{
	return ovs_call_ask(c, ovs_ops_add(c->bridge, c->port, &c->vlans),
			    on_added, e);
}

static int on_may_add(struct ovs_call *c, const struct json *result,
		      struct err *e)
{
	struct ovs_found found;

	if (ovs_ops_found(result, &found, e) < 0)
		return -e->code;
	if (!found.bridge)
		return no_bridge(c, e);
	if (!found.ours && (found.port[0] || found.interface))
		return err_set(e, EEXIST,
			       "Open vSwitch has a port %s already, which is "
			       "not of xn",
			       c->port);
	/*
	 * First the old one must have gone: a port that stays, or one that
	 * comes in the transaction in which another goes, does not look again
	 * for the device behind its name, which may be a new one.
	 */
	if (found.port[0]) {
		c->then = add_now;
		return ovs_call_ask(c, ovs_ops_del(found.port, c->port),
				    on_deleted, e);
	}
	return add_now(c, e);
}

struct ovs_call *ovs_add_port(struct ovs *o, const char *bridge,
			      const char *port, const struct vlans *vlans,
			      ovs_cb *cb, void *arg, struct err *e)
{
	struct ovs_call like = {
		.step = on_may_add, .vlans = *vlans, .cb = cb, .arg = arg};

	if (ovs_vlans_check(vlans, e) < 0 ||
	    !copy_name(like.bridge, bridge, e) ||
	    !copy_name(like.port, port, e))
		return NULL;
	return ovs_call_begin(o, &like, ovs_ops_find(bridge, port), e);
}

/* ---- a port that goes ---- */

static int on_may_delete(struct ovs_call *c, const struct json *result,
			 struct err *e)
{
	struct ovs_found found;

	if (ovs_ops_found(result, &found, e) < 0)
		return -e->code;
	if (!found.ours)
		return 1;
	return ovs_call_ask(c, ovs_ops_del(found.port, c->port), on_deleted, e);
}

struct ovs_call *ovs_del_port(struct ovs *o, const char *port, ovs_cb *cb,
			      void *arg, struct err *e)
{
	struct ovs_call like = {.step = on_may_delete, .cb = cb, .arg = arg};

	if (!copy_name(like.port, port, e))
		return NULL;
	return ovs_call_begin(o, &like, ovs_ops_find("", port), e);
}

/* ---- which are ours? ---- */

static int on_listed(struct ovs_call *c, const struct json *result,
		     struct err *e)
{
	const struct json *rows;
	size_t i, used = 0;

	if (ovs_ops_listed(result, &rows, e) < 0)
		return -e->code;
	/* The names outlive the answer, for as long as the call. */
	c->rows = json_copy(rows);
	c->names = calloc(json_count(rows) + 1, sizeof(*c->names));
	if (!c->rows || !c->names)
		return err_set(e, ENOMEM, "no memory for the ports' names");
	for (i = 0; i < json_count(rows); i++) {
		const char *name = json_get_string(json_at(c->rows, i), "name");

		if (name)
			c->names[used++] = name;
	}
	return 1;
}

struct ovs_call *ovs_list_ports(struct ovs *o, ovs_ports_cb *cb, void *arg,
				struct err *e)
{
	const struct ovs_call like = {
		.step = on_listed, .ports_cb = cb, .arg = arg};

	return ovs_call_begin(o, &like, ovs_ops_list(), e);
}
