/* SPDX-License-Identifier: MIT */
/* What block-* and network-* have in common. */
#ifndef XN_CLI_DEVICES_H
#define XN_CLI_DEVICES_H

#include <stdbool.h>
#include <stddef.h>

#include "rpc/method.h"

struct err;
struct json;
struct rpc_client;

/*
 * Calls method with {domain, key: device}. Takes device. Prints the result
 * when json. An exit status.
 */
int devices_attach(enum method method, const char *domain, const char *key,
		   struct json *device, bool json);

/*
 * The parameters of a call about a device: a number is sent as a devid, all
 * else as a name. The caller frees them.
 */
struct json *devices_about(const char *domain, const char *device);

/*
 * A whole *-detach verb: reads its arguments, and has the device of the domain
 * go, by force with -f. An exit status.
 */
int devices_detach(int argc, char **argv, enum method method);

/*
 * A whole *-set verb: read sets what a word says in params, and returns 0, or
 * -errno with *e set. An exit status.
 */
int devices_set(int argc, char **argv, enum method method,
		int (*read)(const char *word, struct json *params,
			    struct err *e));

/*
 * Adds what method answers to params (taken) to list, with "domain" in each.
 * False after saying why it cannot.
 */
bool devices_add(struct rpc_client *xnd, enum method method,
		 struct json *params, const char *domain, struct json *list);

/*
 * A whole *-list verb: reads its arguments, asks, and prints the devices of
 * every domain named: heading first (a line) and one call of row each; or, with
 * -l, with their figures, one by one by report, with empty lines between them.
 * Or either as JSON, in which "domain" says whose each is. An exit status.
 */
int devices_list(int argc, char **argv, enum method method, const char *heading,
		 void (*row)(const struct json *device),
		 void (*report)(const struct json *device));

/* A text of it, fit for a terminal; "-" when there is none. Returns out. */
const char *devices_text(const struct json *device, const char *key, char *out,
			 size_t size);

/* What went wrong with it, as "  # …" fit for a terminal, or "". Returns out. */
const char *devices_error(const struct json *device, char *out, size_t size);

/*
 * Our end's state as xl prints it, the number of xen/io/xenbus.h, whether
 * xnd gave that or its name. Static.
 */
const char *devices_state(const struct json *device);

#endif
