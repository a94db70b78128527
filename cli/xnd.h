/* SPDX-License-Identifier: MIT */
/* Asking the daemon, with failures said to the person in words. */
#ifndef XN_CLI_XND_H
#define XN_CLI_XND_H

#include <stdbool.h>

#include "rpc/client.h"

struct json;

/*
 * Connects to xnd at $XN_SOCKET, or else where it always listens. NULL after
 * saying why and what to do. rpc_client_close it.
 */
struct rpc_client *xnd_open(void);

/*
 * Calls and waits. Takes params. NULL after saying why, about domain if that
 * is not NULL. The caller frees the result.
 */
struct json *xnd_call(struct rpc_client *xnd, enum method method,
		      struct json *params, const char *domain);

/* The same when only success matters. */
bool xnd_tell(struct rpc_client *xnd, enum method method, struct json *params,
	      const char *domain);

/* {"domain": name}, for params; NULL only when memory is out. */
struct json *xnd_about(const char *domain);

/*
 * For verbs of one call: opens, calls, closes, and prints the result when
 * json. Takes params. An exit status.
 */
int xnd_show(enum method method, struct json *params, const char *domain,
	     bool json);

/* The same when the result is of no interest. */
int xnd_do(enum method method, struct json *params, const char *domain);

#endif
