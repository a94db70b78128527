/* SPDX-License-Identifier: MIT */
/*
 * The notation of an Open vSwitch database: values, operations and results of
 * a "transact", as RFC 7047 sections 5.1 and 5.2 have them. What makes JSON
 * takes what it is given and gives it to the caller; out of memory, it is NULL
 * or broken. For ovs_ops.c alone.
 */
#ifndef XN_NET_OVS_DB_H
#define XN_NET_OVS_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct json;

#define OVS_UUID_BYTES 37

/* An array of values. */
#define OVS_DB_LIST(...)                                     \
	ovs_db_list((struct json *[]){__VA_ARGS__},          \
		    sizeof((struct json *[]){__VA_ARGS__}) / \
			    sizeof(struct json *))
struct json *ovs_db_list(struct json *const *values, size_t n);

struct json *ovs_db_uuid(const char *text);
/* What the same transaction inserts under that name. */
struct json *ovs_db_named(const char *name);
/* A set of one. */
struct json *ovs_db_set(struct json *value);

/* [column, how, value]: a condition, or a mutation. */
struct json *ovs_db_clause(const char *column, const char *how,
			   struct json *value);
/* One condition; where there is none, all rows are meant: []. */
struct json *ovs_db_where(const char *column, const char *how,
			  struct json *value);

struct json *ovs_db_select(const char *table, struct json *where,
			   struct json *columns);
struct json *ovs_db_mutate(const char *table, struct json *where,
			   struct json *mutation);
/* name: for ovs_db_named. */
struct json *ovs_db_insert(const char *table, const char *name,
			   struct json *row);
/* Until column of the one row is ("==") or is not ("!=") value. */
struct json *ovs_db_wait(const char *table, struct json *where,
			 const char *column, const char *until,
			 struct json *value, unsigned int timeout_ms);
/* For who reads the database's log: "xn: add vif3.0". */
struct json *ovs_db_comment(const char *does, const char *port);

/*
 * 0 when all of so many operations went well. Else -ETIMEDOUT for an
 * ovs_db_wait, -EIO or -EPROTO, with *e in the server's words.
 */
int ovs_db_check(const struct json *result, size_t operations, struct err *e);

/* Of a select, its rows; NULL when there is something else. */
const struct json *ovs_db_rows(const struct json *result, size_t operation);
/* Of a mutate, the number of rows. */
int64_t ovs_db_count(const struct json *result, size_t operation);
/* pair: ["uuid", text]. False when it is not. */
bool ovs_db_read_uuid(const struct json *pair, char text[OVS_UUID_BYTES]);

#endif
