/* SPDX-License-Identifier: MIT */
/*
 * The asking end of the control protocol: one blocking connection, one call
 * at a time. The daemon's end is its own and does not use this file.
 */
#ifndef XN_RPC_CLIENT_H
#define XN_RPC_CLIENT_H

#include <stddef.h>

#include "rpc/method.h"

struct err;
struct json;
struct rpc_client;

/*
 * Called while an answer is awaited: when a progress notification comes, with
 * its text, and about ten times a second, with NULL. text is borrowed and is
 * not escaped.
 */
struct rpc_waiter {
	void (*wait)(void *arg, const char *text);
	void *arg;
};

/*
 * Connects to the daemon's socket. NULL with *e set; e->code tells apart
 * ENOENT and ECONNREFUSED (nobody listens) and EACCES (not allowed).
 */
struct rpc_client *rpc_client_open(const char *path, struct err *e);
void rpc_client_close(struct rpc_client *c); /* NULL is fine */

/*
 * Calls one method and waits for its answer, for as long as it takes. Takes
 * params, on failure too. waiter may be NULL. Returns the result, which the
 * caller frees; NULL with *e set: the daemon's message, errno and key when it
 * refused, else what became of the connection (ENOTCONN).
 */
struct json *rpc_client_call(struct rpc_client *c, enum method method,
			     struct json *params,
			     const struct rpc_waiter *waiter, struct err *e);

/*
 * Ends the protocol on a connection that has become a byte stream
 * (console.attach) and frees c. Returns its descriptor, the caller's to
 * close. *rest, the caller's to free, holds the *size bytes that came after
 * the last answer; NULL when there are none.
 */
int rpc_client_detach(struct rpc_client *c, char **rest, size_t *size);

#endif
