/* SPDX-License-Identifier: MIT */
/* A blocking JSON-RPC client on a unix socket. */
#include "rpc/client.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/err.h"
#include "base/scope.h"
#include "json/json.h"
#include "rpc/rpc.h"

#define WAIT_MS 100

/* An answer may be longer than a request: a list of all domains. */
#define MAX_ANSWER (64u * 1024 * 1024)

struct rpc_client {
	int fd;
	int64_t last_id;
	char *buffer; /* owned; used bytes of room */
	size_t used, room;
};

void rpc_client_close(struct rpc_client *c)
{
	if (!c)
		return;
	fd_drop(&c->fd);
	free(c->buffer);
	free(c);
}

struct rpc_client *rpc_client_open(const char *path, struct err *e)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct rpc_client *c;

	if (strlen(path) >= sizeof(address.sun_path)) {
		err_set(e, ENAMETOOLONG,
			"%s: the name of a socket is at most %zu bytes", path,
			sizeof(address.sun_path) - 1);
		return NULL;
	}
	memcpy(address.sun_path, path, strlen(path) + 1);
	c = calloc(1, sizeof(*c));
	if (!c) {
		err_set(e, ENOMEM, "out of memory");
		return NULL;
	}
	c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd < 0 || connect(c->fd, (const struct sockaddr *)&address,
				 sizeof(address)) < 0) {
		err_errno(e, errno, "%s", path);
		rpc_client_close(c);
		return NULL;
	}
	return c;
}

static int lost(struct err *e, int error)
{
	if (error)
		err_errno(e, error, "the connection to xnd was lost");
	else
		err_set(e, ENOTCONN, "xnd closed the connection");
	if (e)
		e->code = ENOTCONN;
	return -ENOTCONN;
}

static int send_all(struct rpc_client *c, const char *data, size_t size,
		    struct err *e)
{
	while (size) {
		ssize_t r = send(c->fd, data, size, MSG_NOSIGNAL);

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return lost(e, errno);
		data += r;
		size -= (size_t)r;
	}
	return 0;
}

static int make_room(struct rpc_client *c, struct err *e)
{
	size_t room = c->room ? c->room * 2 : 16384;
	char *buffer;

	if (c->used < c->room)
		return 0;
	if (room > MAX_ANSWER)
		return err_set(e, EMSGSIZE, "xnd's answer does not end");
	buffer = realloc(c->buffer, room);
	if (!buffer)
		return err_set(e, ENOMEM, "out of memory");
	c->buffer = buffer;
	c->room = room;
	return 0;
}

/* Reads once, blocking; the waiter is called while nothing comes. */
static int receive(struct rpc_client *c, const struct rpc_waiter *waiter,
		   struct err *e)
{
	struct pollfd in = {.fd = c->fd, .events = POLLIN};
	ssize_t r;
	int rc;

	rc = make_room(c, e);
	if (rc)
		return rc;
	while (waiter && poll(&in, 1, WAIT_MS) <= 0)
		waiter->wait(waiter->arg, NULL);
	do
		r = recv(c->fd, c->buffer + c->used, c->room - c->used, 0);
	while (r < 0 && errno == EINTR);
	if (r <= 0)
		return lost(e, r < 0 ? errno : 0);
	c->used += (size_t)r;
	return 0;
}

/* One line as a value, the bytes after it kept. NULL with *e set. */
static struct json *read_frame(struct rpc_client *c,
			       const struct rpc_waiter *waiter, struct err *e)
{
	size_t seen = 0, size;
	struct json *frame;
	char *end;

	while (!(end = c->used > seen
			       ? memchr(c->buffer + seen, '\n', c->used - seen)
			       : NULL)) {
		seen = c->used;
		if (receive(c, waiter, e))
			return NULL;
	}
	size = (size_t)(end - c->buffer);
	frame = json_parse(c->buffer, size, e);
	if (!frame)
		err_wrap(e, "xnd's answer is not JSON");
	c->used -= size + 1;
	memmove(c->buffer, end + 1, c->used);
	return frame;
}

static void report_progress(const struct rpc_waiter *waiter, int64_t id,
			    const struct json *frame)
{
	const struct json *params = json_get(frame, "params");
	const char *method = json_get_string(frame, "method");
	const char *text = json_get_string(params, "text");

	if (waiter && text && strcmp(method, "progress") == 0 &&
	    json_get_int(params, "id", -1) == id)
		waiter->wait(waiter->arg, text);
}

static void read_refusal(const struct json *error, struct err *e)
{
	const char *message = json_get_string(error, "message");
	const struct json *data = json_get(error, "data");
	const char *key = json_get_string(data, "key");
	int64_t code = json_get_int(data, "errno", EIO);

	err_set(e, code > 0 && code < 4096 ? (int)code : EIO, "%s",
		message ? message : "xnd gave no reason");
	if (key)
		err_key(e, "%s", key);
}

/* True when frame answers call id; a parse error is answered with a null. */
static bool is_answer(const struct json *frame, int64_t id)
{
	const struct json *their_id = json_get(frame, "id");

	if (json_type(their_id) == JSON_NULL)
		return json_get(frame, "error") != NULL;
	return json_int(their_id, -1) == id;
}

static struct json *read_answer(struct rpc_client *c,
				const struct rpc_waiter *waiter, struct err *e)
{
	const struct json *result;
	struct json *frame, *copy = NULL;

	for (;;) {
		frame = read_frame(c, waiter, e);
		if (!frame)
			return NULL;
		if (is_answer(frame, c->last_id))
			break;
		if (json_get_string(frame, "method"))
			report_progress(waiter, c->last_id, frame);
		json_free(frame);
	}
	result = json_get(frame, "result");
	if (json_get(frame, "error"))
		read_refusal(json_get(frame, "error"), e);
	else if (!result)
		err_set(e, EPROTO, "xnd's answer has no result");
	else if (!(copy = json_copy(result)))
		err_set(e, ENOMEM, "out of memory");
	json_free(frame);
	return copy;
}

struct json *rpc_client_call(struct rpc_client *c, enum method method,
			     struct json *params,
			     const struct rpc_waiter *waiter, struct err *e)
{
	scoped_str text =
		rpc_make_request(++c->last_id, method_name(method), params);

	if (!text) {
		err_set(e, ENOMEM, "out of memory");
		return NULL;
	}
	if (strlen(text) > RPC_MAX_FRAME) {
		err_set(e, EMSGSIZE,
			"the request is longer than the %d KiB xnd accepts",
			RPC_MAX_FRAME / 1024);
		return NULL;
	}
	if (send_all(c, text, strlen(text), e))
		return NULL;
	return read_answer(c, waiter, e);
}

int rpc_client_detach(struct rpc_client *c, char **rest, size_t *size)
{
	int fd = fd_take(&c->fd);

	*size = c->used;
	*rest = NULL;
	if (c->used)
		*rest = str_take(&c->buffer);
	rpc_client_close(c);
	return fd;
}
