/* SPDX-License-Identifier: MIT */
/* Values and operations as trees, and results read back. */
#include "daemon/net/ovs_db.h"

#include <errno.h>
#include <string.h>

#include "base/err.h"
#include "base/scope.h"
#include "base/text.h"
#include "json/json.h"

struct json *ovs_db_list(struct json *const *values, size_t n)
{
	struct json *list = json_new_array();
	size_t i;

	for (i = 0; i < n; i++)
		json_push(list, values[i]);
	return list;
}

/* ---- its notation ---- */

struct json *ovs_db_uuid(const char *text)
{
	return OVS_DB_LIST(json_new_string("uuid"), json_new_string(text));
}

struct json *ovs_db_named(const char *name)
{
	return OVS_DB_LIST(json_new_string("named-uuid"),
			   json_new_string(name));
}

struct json *ovs_db_set(struct json *value)
{
	return OVS_DB_LIST(json_new_string("set"), OVS_DB_LIST(value));
}

struct json *ovs_db_clause(const char *column, const char *how,
			   struct json *value)
{
	return OVS_DB_LIST(json_new_string(column), json_new_string(how),
			   value);
}

struct json *ovs_db_where(const char *column, const char *how,
			  struct json *value)
{
	return OVS_DB_LIST(ovs_db_clause(column, how, value));
}

static struct json *op_new(const char *op, const char *table,
			   struct json *where)
{
	struct json *v = json_new_object();

	json_set_string(v, "op", op);
	json_set_string(v, "table", table);
	json_set(v, "where", where);
	return v;
}

struct json *ovs_db_select(const char *table, struct json *where,
			   struct json *columns)
{
	struct json *v = op_new("select", table, where);

	json_set(v, "columns", columns);
	return v;
}

struct json *ovs_db_mutate(const char *table, struct json *where,
			   struct json *mutation)
{
	struct json *v = op_new("mutate", table, where);

	json_set(v, "mutations", OVS_DB_LIST(mutation));
	return v;
}

struct json *ovs_db_wait(const char *table, struct json *where,
			 const char *column, const char *until,
			 struct json *value, unsigned int timeout_ms)
{
	struct json *v = op_new("wait", table, where);
	struct json *row = json_new_object();

	json_set(row, column, value);
	json_set(v, "columns", OVS_DB_LIST(json_new_string(column)));
	json_set_string(v, "until", until);
	json_set(v, "rows", OVS_DB_LIST(row));
	json_set_int(v, "timeout", timeout_ms);
	return v;
}

struct json *ovs_db_insert(const char *table, const char *name,
			   struct json *row)
{
	struct json *v = json_new_object();

	json_set_string(v, "op", "insert");
	json_set_string(v, "table", table);
	json_set_string(v, "uuid-name", name);
	json_set(v, "row", row);
	return v;
}

struct json *ovs_db_comment(const char *does, const char *port)
{
	struct json *v = json_new_object();
	scoped_str text = text_format("xn: %s %s", does, port);

	json_set_string(v, "op", "comment");
	json_set(v, "comment", text ? json_new_string(text) : NULL);
	return v;
}

/* ---- its answers ---- */

/*
 * A result has an element for each operation; of one that failed, in its
 * place, the reason, and nothing behind it; at the end that of the commit.
 */
int ovs_db_check(const struct json *result, size_t operations, struct err *e)
{
	char shown[2][128];
	size_t i;

	for (i = 0; i < json_count(result); i++) {
		const struct json *at = json_at(result, i);
		const char *error = json_get_string(at, "error");
		const char *details = json_get_string(at, "details");

		if (!error)
			continue;
		text_escape(error, shown[0], sizeof(shown[0]));
		text_escape(details ? details : "", shown[1], sizeof(shown[1]));
		return err_set(
			e, strcmp(error, "timed out") == 0 ? ETIMEDOUT : EIO,
			"ovsdb-server: %s%s%s", shown[0], details ? ": " : "",
			shown[1]);
	}
	if (json_type(result) != JSON_ARRAY || json_count(result) != operations)
		return err_set(e, EPROTO,
			       "ovsdb-server: an answer to something else");
	return 0;
}

const struct json *ovs_db_rows(const struct json *result, size_t operation)
{
	return json_get(json_at(result, operation), "rows");
}

int64_t ovs_db_count(const struct json *result, size_t operation)
{
	return json_get_int(json_at(result, operation), "count", 0);
}

bool ovs_db_read_uuid(const struct json *pair, char text[OVS_UUID_BYTES])
{
	const char *s = json_string(json_at(pair, 1));

	if (!s || strlen(s) != OVS_UUID_BYTES - 1)
		return false;
	strcpy(text, s);
	return true;
}
