/* SPDX-License-Identifier: MIT */
/* Transactions as trees, and rows read back from theirs. */
#include "daemon/net/ovs_ops.h"

#include <errno.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "daemon/net/ovs_db.h"
#include "daemon/net/ovs_vlans.h"
#include "json/json.h"

/* ---- what we say everywhere ---- */

static struct json *mark(void)
{
	return OVS_DB_LIST(
		json_new_string("map"),
		OVS_DB_LIST(OVS_DB_LIST(json_new_string(OVS_MARK_KEY),
					json_new_string(OVS_MARK_VALUE))));
}

/* external_ids: ["map", [[key, value], …]] */
static bool has_mark(const struct json *external_ids)
{
	const struct json *pairs = json_at(external_ids, 1);
	size_t i;

	for (i = 0; i < json_count(pairs); i++) {
		const struct json *pair = json_at(pairs, i);
		const char *key = json_string(json_at(pair, 0));
		const char *value = json_string(json_at(pair, 1));

		if (key && value && strcmp(key, OVS_MARK_KEY) == 0 &&
		    strcmp(value, OVS_MARK_VALUE) == 0)
			return true;
	}
	return false;
}

/* ovs-vswitchd says in cur_cfg how far it has come; as ovs-vsctl does. */
static struct json *op_next_config(void)
{
	return ovs_db_mutate("Open_vSwitch", json_new_array(),
			     ovs_db_clause("next_cfg", "+=", json_new_int(1)));
}

static struct json *op_leave(const char *port)
{
	return ovs_db_mutate("Bridge",
			     ovs_db_where("ports", "includes",
					  ovs_db_set(ovs_db_uuid(port))),
			     ovs_db_clause("ports", "delete",
					   ovs_db_set(ovs_db_uuid(port))));
}

static int misread(struct err *e)
{
	return err_set(
		e, EPROTO,
		"ovsdb-server: rows that are not as they were asked for");
}

/* ---- what is there ---- */

enum { FIND_BRIDGE, FIND_PORT, FIND_INTERFACE, FIND_OPERATIONS };

struct json *ovs_ops_find(const char *bridge, const char *port)
{
	return OVS_DB_LIST(
		json_new_string(OVS_DB),
		ovs_db_select(
			"Bridge",
			ovs_db_where("name", "==", json_new_string(bridge)),
			OVS_DB_LIST(json_new_string("_uuid"))),
		ovs_db_select("Port",
			      ovs_db_where("name", "==", json_new_string(port)),
			      OVS_DB_LIST(json_new_string("_uuid"),
					  json_new_string("external_ids"))),
		ovs_db_select("Interface",
			      ovs_db_where("name", "==", json_new_string(port)),
			      OVS_DB_LIST(json_new_string("_uuid"))));
}

int ovs_ops_found(const struct json *result, struct ovs_found *f, struct err *e)
{
	const struct json *port;

	if (ovs_db_check(result, FIND_OPERATIONS, e) < 0)
		return -e->code;
	memset(f, 0, sizeof(*f));
	f->bridge = json_count(ovs_db_rows(result, FIND_BRIDGE)) > 0;
	f->interface = json_count(ovs_db_rows(result, FIND_INTERFACE)) > 0;
	port = json_at(ovs_db_rows(result, FIND_PORT), 0);
	if (!port)
		return 0;
	f->ours = has_mark(json_get(port, "external_ids"));
	return ovs_db_read_uuid(json_get(port, "_uuid"), f->port) ? 0
								  : misread(e);
}

struct json *ovs_ops_list(void)
{
	return OVS_DB_LIST(
		json_new_string(OVS_DB),
		ovs_db_select("Port",
			      ovs_db_where("external_ids", "includes", mark()),
			      OVS_DB_LIST(json_new_string("name"))));
}

int ovs_ops_listed(const struct json *result, const struct json **rows,
		   struct err *e)
{
	if (ovs_db_check(result, 1, e) < 0)
		return -e->code;
	*rows = ovs_db_rows(result, 0);
	return *rows ? 0 : misread(e);
}

/* ---- a port that comes ---- */

enum {
	ADD_COMMENT,
	ADD_INTERFACE,
	ADD_PORT,
	ADD_TO_BRIDGE,
	ADD_NEXT_CONFIG,
	ADD_HAS_BRIDGE,
	ADD_OPERATIONS
};

struct json *ovs_ops_add(const char *bridge, const char *port,
			 const struct vlans *vlans)
{
	struct json *row = json_new_object(), *interface = json_new_object();

	json_set_string(interface, "name", port);
	json_set_string(row, "name", port);
	json_set(row, "interfaces", ovs_db_named("interface"));
	json_set(row, "external_ids", mark());
	ovs_vlans_set(row, vlans);
	return OVS_DB_LIST(
		json_new_string(OVS_DB), ovs_db_comment("add", port),
		ovs_db_insert("Interface", "interface", interface),
		ovs_db_insert("Port", "port", row),
		ovs_db_mutate(
			"Bridge",
			ovs_db_where("name", "==", json_new_string(bridge)),
			ovs_db_clause("ports", "insert",
				      ovs_db_set(ovs_db_named("port")))),
		op_next_config(),
		/* Without its bridge, the port would be lost in silence. */
		ovs_db_wait("Bridge",
			    ovs_db_where("name", "==", json_new_string(bridge)),
			    "name", "==", json_new_string(bridge), 0));
}

int ovs_ops_added(const struct json *result, struct ovs_added *a, struct err *e)
{
	if (ovs_db_check(result, ADD_OPERATIONS, e) < 0) {
		if (e->code == ETIMEDOUT)
			err_set(e, ENODEV, "the bridge has just been removed");
		return -e->code;
	}
	if (!ovs_db_read_uuid(json_get(json_at(result, ADD_INTERFACE), "uuid"),
			      a->interface) ||
	    !ovs_db_read_uuid(json_get(json_at(result, ADD_PORT), "uuid"),
			      a->port) ||
	    ovs_db_count(result, ADD_TO_BRIDGE) != 1)
		return misread(e);
	return 0;
}

struct json *ovs_ops_await_interface(const char *interface,
				     unsigned int timeout_ms)
{
	return OVS_DB_LIST(
		json_new_string(OVS_DB),
		ovs_db_wait(
			"Interface",
			ovs_db_where("_uuid", "==", ovs_db_uuid(interface)),
			"ofport", "!=",
			OVS_DB_LIST(json_new_string("set"), json_new_array()),
			timeout_ms),
		ovs_db_select(
			"Interface",
			ovs_db_where("_uuid", "==", ovs_db_uuid(interface)),
			OVS_DB_LIST(json_new_string("ofport"),
				    json_new_string("error"))));
}

int ovs_ops_awaited_interface(const struct json *result, struct err *e)
{
	const struct json *row;
	const char *error;
	char shown[160];

	if (ovs_db_check(result, 2, e) < 0)
		return -e->code;
	row = json_at(ovs_db_rows(result, 1), 0);
	if (!row)
		return err_set(e, ENODEV, "somebody else has removed the port");
	error = json_get_string(row, "error");
	if (!error && json_get_int(row, "ofport", -1) > 0)
		return 0;
	return err_set(e, EIO, "ovs-vswitchd: %s",
		       text_escape(error ? error : "refuses the port", shown,
				   sizeof(shown)));
}

/* ---- a port that goes ---- */

enum { DEL_COMMENT, DEL_LEAVE, DEL_NEXT_CONFIG, DEL_CONFIG, DEL_OPERATIONS };

static struct json *select_config(void)
{
	return ovs_db_select("Open_vSwitch", json_new_array(),
			     OVS_DB_LIST(json_new_string("next_cfg"),
					 json_new_string("cur_cfg")));
}

static int read_config(const struct json *row, struct ovs_config *c,
		       struct err *e)
{
	c->next = json_get_int(row, "next_cfg", -1);
	c->current = json_get_int(row, "cur_cfg", -1);
	return c->next < 0 || c->current < 0 ? misread(e) : 0;
}

struct json *ovs_ops_del(const char *port, const char *name)
{
	return OVS_DB_LIST(json_new_string(OVS_DB), ovs_db_comment("del", name),
			   op_leave(port), op_next_config(), select_config());
}

int ovs_ops_deleted(const struct json *result, struct ovs_config *c,
		    struct err *e)
{
	if (ovs_db_check(result, DEL_OPERATIONS, e) < 0)
		return -e->code;
	return read_config(json_at(ovs_db_rows(result, DEL_CONFIG), 0), c, e);
}

struct json *ovs_ops_await_config(const struct ovs_config *c,
				  unsigned int timeout_ms)
{
	return OVS_DB_LIST(
		json_new_string(OVS_DB),
		ovs_db_wait("Open_vSwitch", json_new_array(), "cur_cfg",
			    "!=", json_new_int(c->current), timeout_ms),
		select_config());
}

int ovs_ops_awaited_config(const struct json *result, struct ovs_config *c,
			   struct err *e)
{
	struct ovs_config now;

	if (ovs_db_check(result, 2, e) < 0 ||
	    read_config(json_at(ovs_db_rows(result, 1), 0), &now, e) < 0)
		return -e->code;
	/* Others ask for more in the meantime, which is not ours to await. */
	c->current = now.current;
	return 0;
}
