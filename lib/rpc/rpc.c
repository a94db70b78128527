/* SPDX-License-Identifier: MIT */
/* Making and reading JSON-RPC 2.0 objects. */
#include "rpc/rpc.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/scope.h"
#include "base/text.h"
#include "json/json.h"

static int refuse(struct err *e, int code, const char *why)
{
	err_set(e, EINVAL, "%s", why);
	return code;
}

int rpc_request_read(struct rpc_request *q, const char *line, size_t size,
		     struct err *e)
{
	const struct json *params;
	const char *version;
	enum json_type id;

	memset(q, 0, sizeof(*q));
	q->frame = json_parse(line, size, e);
	if (!q->frame)
		return e->code == ENOMEM ? RPC_FAILED : RPC_PARSE_ERROR;
	if (json_type(q->frame) != JSON_OBJECT)
		return refuse(e, RPC_INVALID_REQUEST,
			      "a request is one JSON object");
	id = json_type(json_get(q->frame, "id"));
	if (id != JSON_INT && id != JSON_STRING)
		return refuse(e, RPC_INVALID_REQUEST,
			      "id: must be an integer or a string");
	q->id = json_get(q->frame, "id");
	version = json_get_string(q->frame, "jsonrpc");
	if (!version || strcmp(version, "2.0") != 0)
		return refuse(e, RPC_INVALID_REQUEST,
			      "jsonrpc: must be \"2.0\"");
	q->method = json_get_string(q->frame, "method");
	if (!q->method)
		return refuse(e, RPC_INVALID_REQUEST,
			      "method: must be a string");
	params = json_get(q->frame, "params");
	if (params && json_type(params) != JSON_OBJECT)
		return refuse(e, RPC_INVALID_REQUEST,
			      "params: must be an object");
	q->params = params;
	return 0;
}

void rpc_request_drop(struct rpc_request *q)
{
	json_free(q->frame);
	memset(q, 0, sizeof(*q));
}

static struct json *new_frame(void)
{
	struct json *frame = json_new_object();

	json_set_string(frame, "jsonrpc", "2.0");
	return frame;
}

/* Takes frame. */
static char *frame_print(struct json *frame)
{
	scoped_str text = json_print(frame, false);

	json_free(frame);
	return text ? text_format("%s\n", text) : NULL;
}

char *rpc_make_request(int64_t id, const char *method, struct json *params)
{
	struct json *frame = new_frame();

	json_set_int(frame, "id", id);
	json_set_string(frame, "method", method);
	json_set(frame, "params", params);
	return frame_print(frame);
}

char *rpc_make_result(const struct json *id, struct json *result)
{
	struct json *frame = new_frame();

	json_set(frame, "id", json_copy(id));
	json_set(frame, "result", result);
	return frame_print(frame);
}

char *rpc_make_error(const struct json *id, int code, const struct err *e)
{
	struct json *frame = new_frame();
	struct json *error = json_new_object();
	struct json *data = json_new_object();

	json_set_int(data, "errno", e->code);
	if (e->key[0])
		json_set_string(data, "key", e->key);
	json_set_int(error, "code", code);
	json_set_string(error, "message", e->text);
	json_set(error, "data", data);
	json_set(frame, "id", json_copy(id));
	json_set(frame, "error", error);
	return frame_print(frame);
}

char *rpc_make_progress(const struct json *id, const char *text)
{
	struct json *frame = new_frame();
	struct json *params = json_new_object();

	json_set(params, "id", json_copy(id));
	json_set_string(params, "text", text);
	json_set_string(frame, "method", "progress");
	json_set(frame, "params", params);
	return frame_print(frame);
}

/* As JSON, in room for six bytes each; false when it is too long. */
static bool quote(const char *s, char *text, size_t room)
{
	static const char digits[] = "0123456789abcdef";
	char *end = text;

	if (strlen(s) > (room - 3) / 6)
		return false;
	*end++ = '"';
	for (; *s; s++) {
		if ((unsigned char)*s < 0x20) {
			end = stpcpy(end, "\\u00");
			*end++ = digits[*s >> 4];
			*end++ = digits[*s & 0xf];
			continue;
		}
		if (*s == '"' || *s == '\\')
			*end++ = '\\';
		*end++ = *s;
	}
	strcpy(end, "\"");
	return true;
}

const char *rpc_starved(const struct json *id, char text[RPC_STARVED_SIZE])
{
	char shown[RPC_STARVED_SIZE - 128];

	if (json_type(id) == JSON_INT)
		snprintf(shown, sizeof(shown), "%" PRId64, json_int(id, 0));
	else if (!json_string(id) ||
		 !quote(json_string(id), shown, sizeof(shown)))
		strcpy(shown, "null");
	snprintf(text, RPC_STARVED_SIZE,
		 "{\"jsonrpc\":\"2.0\",\"id\":%s,\"error\":{\"code\":%d,"
		 "\"message\":\"xnd is out of memory\","
		 "\"data\":{\"errno\":%d}}}\n",
		 shown, RPC_FAILED, ENOMEM);
	return text;
}
