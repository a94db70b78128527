/* SPDX-License-Identifier: MIT */
/* Requests and the answers due to them, one line at a time. */
#include "tests/fuzz/rpc_model.h"

#include <string.h>

#include "base/err.h"
#include "json/json.h"
#include "rpc/rpc.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/json_model.h"

/* How a line is answered; a code below 0 is that of an error. */
enum due {
	DUE_RESULT = 1,
	DUE_PROGRESS, /* and then a result */
	DUE_LATER,    /* a result, when it is let go */
	DUE_HANDOVER, /* a result, and nothing after it */
	DUE_OVERSIZED,
};

struct request {
	const char *line;
	size_t size;
	struct json *frame; /* owned; NULL when it is no JSON */
};

static bool is_text(const struct json *object, const char *key,
		    const char *text)
{
	const char *found = json_get_string(object, key);

	return found && strcmp(found, text) == 0;
}

static bool has_id(const struct request *q)
{
	enum json_type type = json_type(json_get(q->frame, "id"));

	return type == JSON_INT || type == JSON_STRING;
}

/* As doc/rpc.md and rpc_frames.c's dispatch have it. */
static int due(const struct rpc_model *m, const struct request *q)
{
	static const struct {
		const char *method;
		int due;
	} methods[] = {
		{"xnd.version", DUE_RESULT},
		{"host.info", DUE_LATER},
		{"domain.list", RPC_INVALID_PARAMS},
		{"domain.create", DUE_PROGRESS},
		{"console.attach", DUE_HANDOVER},
		{"domain.destroy", RPC_FAILED},
		{"domain.shutdown", RPC_FAILED},
		{"domain.reboot", RPC_FAILED},
		{"domain.wait", RPC_FAILED},
		{"domain.pause", RPC_FAILED},
		{"domain.unpause", RPC_FAILED},
		{"block.attach", RPC_FAILED},
		{"block.detach", RPC_FAILED},
		{"block.list", RPC_FAILED},
		{"network.attach", RPC_FAILED},
		{"network.detach", RPC_FAILED},
		{"network.list", RPC_FAILED},
	};
	const struct json *params = json_get(q->frame, "params");
	size_t i;

	if (q->size > RPC_MAX_FRAME)
		return DUE_OVERSIZED;
	if (!q->frame)
		return RPC_PARSE_ERROR;
	if (json_type(q->frame) != JSON_OBJECT || !has_id(q) ||
	    !is_text(q->frame, "jsonrpc", "2.0") ||
	    !json_get_string(q->frame, "method") ||
	    (params && json_type(params) != JSON_OBJECT))
		return RPC_INVALID_REQUEST;
	for (i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (is_text(q->frame, "method", methods[i].method))
			break;
	if (i == sizeof(methods) / sizeof(methods[0]))
		return RPC_METHOD_NOT_FOUND;
	if (m->n_held - m->answered == RPC_MODEL_HELD_MAX)
		return RPC_FAILED;
	return methods[i].due;
}

/* The line at m->at, or what there is of one that is too long already. */
static bool next_line(const struct rpc_model *m, struct request *q)
{
	const char *newline;
	struct err e;

	q->line = m->at;
	newline = m->at < m->end ? memchr(m->at, '\n', (size_t)(m->end - m->at))
				 : NULL;
	q->size = (size_t)((newline ? newline : m->end) - m->at);
	q->frame = NULL;
	if (!newline && q->size <= RPC_MAX_FRAME)
		return false;
	if (q->size <= RPC_MAX_FRAME)
		q->frame = json_parse(q->line, q->size, &e);
	return true;
}

static void pass_line(struct rpc_model *m, const struct request *q)
{
	m->at = q->line + q->size;
	if (m->at < m->end)
		m->at++;
}

/* Goes to the next line that gets an answer at once; false at the end. */
static bool next_due(struct rpc_model *m, struct request *q, int *what)
{
	while (!m->over && next_line(m, q)) {
		*what = due(m, q);
		if (q->size > 0 && *what != DUE_LATER)
			return true;
		if (q->size > 0) {
			m->held[m->n_held].line = q->line;
			m->held[m->n_held++].size = q->size;
		}
		json_free(q->frame);
		pass_line(m, q);
	}
	return false;
}

static bool same_id(const struct json *a, const struct json *b)
{
	if (json_type(a) != json_type(b))
		return false;
	if (json_type(a) == JSON_STRING)
		return strcmp(json_string(a), json_string(b)) == 0;
	return json_int(a, 0) == json_int(b, 0);
}

static void check_id(const struct json *found, const struct request *q)
{
	if (q && has_id(q))
		promise(same_id(found, json_get(q->frame, "id")),
			"the answer has its request's id");
	else
		promise(found && json_type(found) == JSON_NULL,
			"what has no id is answered without");
}

static void check_error(const struct json *answer, int code)
{
	const struct json *error = json_get(answer, "error");
	const char *message = json_get_string(error, "message");

	promise(json_get_int(error, "code", 0) == code, "code %d, not %d", code,
		(int)json_get_int(error, "code", 0));
	promise(message && !strchr(message, '\n'), "an error has a message");
	promise(json_get_int(json_get(error, "data"), "errno", 0) > 0,
		"and an errno");
}

static void check_answer(const struct json *answer, const struct request *q,
			 int what)
{
	const bool ok = what > 0 && what != DUE_OVERSIZED;

	promise(is_text(answer, "jsonrpc", "2.0") && json_count(answer) == 3,
		"an answer is JSON-RPC and no more");
	check_id(json_get(answer, "id"), what == DUE_OVERSIZED ? NULL : q);
	if (ok)
		promise(json_type(json_get(answer, "result")) == JSON_OBJECT,
			"a call that went well has a result");
	else
		check_error(answer,
			    what == DUE_OVERSIZED ? RPC_INVALID_REQUEST : what);
}

static void check_progress(const struct json *answer, const struct request *q)
{
	const struct json *params = json_get(answer, "params");
	const char *text =
		json_get_string(json_get(q->frame, "params"), "text");

	promise(is_text(answer, "method", "progress"), "progress is told");
	check_id(json_get(params, "id"), q);
	promise(is_text(params, "text", text ? text : ""), "in these words");
}

static void answer_held(struct rpc_model *m, const struct json *answer)
{
	struct request q = {.frame = NULL};
	struct err e;

	promise(m->let_go && m->answered < m->n_held, "no answer too many");
	q.line = m->held[m->answered].line;
	q.size = m->held[m->answered++].size;
	q.frame = json_parse(q.line, q.size, &e);
	check_answer(answer, &q, DUE_RESULT);
	json_free(q.frame);
}

static void answer_due(struct rpc_model *m, const struct json *answer,
		       const struct request *q, int what)
{
	if (what == DUE_PROGRESS && !m->progress) {
		check_progress(answer, q);
		m->progress = true;
		return;
	}
	check_answer(answer, q, what);
	m->progress = false;
	m->over = what == DUE_HANDOVER || what == DUE_OVERSIZED;
	m->handed_over = what == DUE_HANDOVER;
	pass_line(m, q);
}

void rpc_model_begin(struct rpc_model *m, const char *stream, size_t size)
{
	*m = (struct rpc_model){.at = stream, .end = stream + size};
}

void rpc_model_answer(struct rpc_model *m, const char *line, size_t size)
{
	struct request q;
	struct json *answer;
	struct err e;
	int what;

	promise(model_json(line, size) == MODEL_JSON, "an answer is JSON");
	answer = json_parse(line, size, &e);
	promise(answer, "%s", e.text);
	if (next_due(m, &q, &what)) {
		answer_due(m, answer, &q, what);
		json_free(q.frame);
	} else {
		answer_held(m, answer);
	}
	json_free(answer);
}

void rpc_model_let_go(struct rpc_model *m)
{
	m->let_go = true;
}

void rpc_model_end(struct rpc_model *m)
{
	struct request q;
	int what;

	promise(!next_due(m, &q, &what), "every line is answered");
	promise(!m->let_go || m->answered == m->n_held || m->handed_over,
		"those that were held, too");
}
