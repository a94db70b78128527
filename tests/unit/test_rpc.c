/* SPDX-License-Identifier: MIT */
/* JSON-RPC frames: what is a request, what is refused with which code. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "json/json.h"
#include "rpc/method.h"
#include "rpc/rpc.h"

#define V "\"jsonrpc\":\"2.0\""

static const struct {
	const char *line;
	int rc;
	int has_id; /* an answer can name the request */
} rows[] = {
	{"{" V ",\"id\":1,\"method\":\"domain.list\"}", 0, 1},
	{"{" V ",\"id\":\"a\",\"method\":\"m\",\"params\":{}}", 0, 1},
	{"{" V ",\"id\":-1,\"method\":\"\"}", 0, 1},
	{" {" V ",\"id\":0,\"method\":\"m\",\"more\":[1]} ", 0, 1},
	{"", RPC_PARSE_ERROR, 0},
	{"{", RPC_PARSE_ERROR, 0},
	{"{}{}", RPC_PARSE_ERROR, 0},
	{"{" V ",\"id\":1,\"id\":2,\"method\":\"m\"}", RPC_PARSE_ERROR, 0},
	{"[]", RPC_INVALID_REQUEST, 0},
	{"[{" V ",\"id\":1,\"method\":\"m\"}]", RPC_INVALID_REQUEST, 0},
	{"1", RPC_INVALID_REQUEST, 0},
	{"null", RPC_INVALID_REQUEST, 0},
	{"{}", RPC_INVALID_REQUEST, 0},
	{"{" V ",\"method\":\"m\"}", RPC_INVALID_REQUEST, 0},
	{"{" V ",\"id\":null,\"method\":\"m\"}", RPC_INVALID_REQUEST, 0},
	{"{" V ",\"id\":1.5,\"method\":\"m\"}", RPC_INVALID_REQUEST, 0},
	{"{" V ",\"id\":{},\"method\":\"m\"}", RPC_INVALID_REQUEST, 0},
	{"{\"id\":1,\"method\":\"m\"}", RPC_INVALID_REQUEST, 1},
	{"{\"jsonrpc\":2.0,\"id\":1,\"method\":\"m\"}", RPC_INVALID_REQUEST, 1},
	{"{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"m\"}", RPC_INVALID_REQUEST,
	 1},
	{"{" V ",\"id\":1}", RPC_INVALID_REQUEST, 1},
	{"{" V ",\"id\":1,\"method\":7}", RPC_INVALID_REQUEST, 1},
	{"{" V ",\"id\":1,\"method\":\"m\",\"params\":[]}", RPC_INVALID_REQUEST,
	 1},
	{"{" V ",\"id\":1,\"method\":\"m\",\"params\":null}",
	 RPC_INVALID_REQUEST, 1},
};

static void test_read(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct rpc_request q;
		struct err e = {.code = 0};

		assert_int_equal(rpc_request_read(&q, rows[i].line,
						  strlen(rows[i].line), &e),
				 rows[i].rc);
		assert_int_equal(q.id != NULL, rows[i].has_id);
		if (rows[i].rc == 0)
			assert_non_null(q.method);
		else
			assert_true(e.code > 0 && e.text[0]);
		rpc_request_drop(&q);
		assert_null(q.frame);
	}
}

static void test_request(void **state)
{
	struct json *params = json_new_object();
	struct rpc_request q;
	struct err e;
	char *frame;

	(void)state;
	json_set_string(params, "domain", "web");
	frame = rpc_make_request(7, "domain.destroy", params);
	assert_string_equal(frame, "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":"
				   "\"domain.destroy\",\"params\":{\"domain\":"
				   "\"web\"}}\n");
	assert_int_equal(rpc_request_read(&q, frame, strlen(frame), &e), 0);
	assert_string_equal(q.method, "domain.destroy");
	assert_int_equal(json_int(q.id, 0), 7);
	assert_string_equal(json_get_string(q.params, "domain"), "web");
	rpc_request_drop(&q);
	free(frame);
}

static void test_answers(void **state)
{
	struct json *id = json_new_string("x");
	struct err e;
	char *frame;

	(void)state;
	frame = rpc_make_result(id, json_new_object());
	assert_string_equal(
		frame, "{\"jsonrpc\":\"2.0\",\"id\":\"x\",\"result\":{}}\n");
	free(frame);

	err_set(&e, EBUSY, "image \"a\" in use\n");
	frame = rpc_make_error(NULL, RPC_FAILED, &e);
	assert_string_equal(frame,
			    "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{"
			    "\"code\":-32000,\"message\":\"image \\\"a\\\" in "
			    "use\\n\",\"data\":{\"errno\":16}}}\n");
	free(frame);

	err_key(&e, "disks[1].target");
	frame = rpc_make_error(id, RPC_INVALID_PARAMS, &e);
	assert_non_null(strstr(frame, "\"key\":\"disks[1].target\""));
	free(frame);

	frame = rpc_make_progress(id, "building");
	assert_string_equal(frame, "{\"jsonrpc\":\"2.0\",\"method\":"
				   "\"progress\",\"params\":{\"id\":\"x\","
				   "\"text\":\"building\"}}\n");
	free(frame);
	json_free(id);
}

/* A result that lost a member to a lack of memory is no result. */
static void test_broken(void **state)
{
	struct json *result = json_new_object();

	(void)state;
	assert_false(json_set(result, "name", NULL));
	assert_null(rpc_make_result(NULL, result));
}

static void test_methods(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i < METHOD_COUNT; i++)
		assert_int_equal(method_find(method_name((enum method)i)), i);
	assert_int_equal(method_find("domain.lis"), METHOD_COUNT);
	assert_int_equal(method_find("domain.list "), METHOD_COUNT);
	assert_int_equal(method_find(""), METHOD_COUNT);
	assert_string_equal(method_name(METHOD_COUNT), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),	cmocka_unit_test(test_request),
		cmocka_unit_test(test_answers), cmocka_unit_test(test_broken),
		cmocka_unit_test(test_methods),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
