/* SPDX-License-Identifier: MIT */
/*
 * JSON-RPC 2.0, one object a line (a frame), both ways. This file makes and
 * reads the objects; sockets are its callers' business.
 */
#ifndef XN_RPC_RPC_H
#define XN_RPC_RPC_H

#include <stddef.h>
#include <stdint.h>

struct err;
struct json;

/* A longer line is refused before it is read whole. */
#define RPC_MAX_FRAME (256 * 1024)

#define RPC_SOCKET    "/run/xn/xnd.sock"

/* JSON-RPC 2.0 §5.1, and one of ours: the call was understood and failed. */
enum rpc_code {
	RPC_PARSE_ERROR = -32700,
	RPC_INVALID_REQUEST = -32600,
	RPC_METHOD_NOT_FOUND = -32601,
	RPC_INVALID_PARAMS = -32602,
	RPC_FAILED = -32000,
};

/* A request as received. params and id are borrowed from frame. */
struct rpc_request {
	struct json *frame; /* owned */
	const struct json *id;
	const struct json *params; /* an object, or NULL */
	const char *method;
};

/*
 * Reads one line (without its newline). 0, or an enum rpc_code with *e set;
 * q->id is then what could be made out of it, or NULL. Batches and positional
 * parameters are refused. rpc_request_drop either way.
 */
int rpc_request_read(struct rpc_request *q, const char *line, size_t size,
		     struct err *e);
void rpc_request_drop(struct rpc_request *q);

/*
 * Frames, each with its newline; the caller frees them; NULL when memory is
 * out. params and result are taken. id NULL prints as null. error.data holds
 * {"errno": code} and, when e names a key, {"key": …} too.
 */
char *rpc_make_request(int64_t id, const char *method, struct json *params);
char *rpc_make_result(const struct json *id, struct json *result);
char *rpc_make_error(const struct json *id, int code, const struct err *e);
/* {"method":"progress","params":{"id":…,"text":…}}: no answer is due. */
char *rpc_make_progress(const struct json *id, const char *text);

/*
 * The answer to call id when there is no memory for any, made without: an
 * error with errno ENOMEM. An id longer than a client would choose is null.
 */
#define RPC_STARVED_SIZE 640
const char *rpc_starved(const struct json *id, char text[RPC_STARVED_SIZE]);

#endif
