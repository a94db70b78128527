/* SPDX-License-Identifier: MIT */
/*
 * The blocking client against a real socket, whose other end says what a row
 * tells it to: answers, progress, refusals, nonsense and silence.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/scope.h"
#include "json/json.h"
#include "rpc/client.h"
#include "rpc/rpc.h"

static char path[64];
static int listener;

static int start(void **state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	(void)state;
	snprintf(path, sizeof(path), "/tmp/xn-client.%d", (int)getpid());
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	return bind(listener, (struct sockaddr *)&address, sizeof(address)) ||
	       listen(listener, 4);
}

static int stop(void **state)
{
	(void)state;
	close(listener);
	return unlink(path);
}

/* In a child: reads one line, says text, in pieces, and hangs up. */
static pid_t answer(const char *text, size_t piece)
{
	size_t left = strlen(text);
	pid_t pid = fork();
	char c = 0;
	int fd;

	if (pid)
		return pid;
	fd = accept(listener, NULL, NULL);
	while (c != '\n' && read(fd, &c, 1) == 1)
		;
	while (left) {
		ssize_t r = write(fd, text, left < piece ? left : piece);

		if (r < 0)
			break;
		text += r;
		left -= (size_t)r;
	}
	_exit(c != '\n');
}

static struct rpc_client *connect_to(void)
{
	struct rpc_client *c;
	struct err e;

	c = rpc_client_open(path, &e);
	assert_non_null(c);
	return c;
}

#define ANSWER(id, body) "{\"jsonrpc\":\"2.0\",\"id\":" id "," body "}\n"
#define PROGRESS(id, text)                              \
	"{\"jsonrpc\":\"2.0\",\"method\":\"progress\"," \
	"\"params\":{\"id\":" id ",\"text\":\"" text "\"}}\n"

static const struct {
	const char *text;
	const char *result; /* or NULL, and then: */
	int code;
	const char *says, *key;
} rows[] = {
	{ANSWER("1", "\"result\":{\"a\":1}"), "{\"a\":1}", 0, NULL, NULL},
	{ANSWER("1", "\"result\":null"), "null", 0, NULL, NULL},
	{ANSWER("9", "\"result\":1") ANSWER("1", "\"result\":2"), "2", 0, NULL,
	 NULL},
	{PROGRESS("1", "x") ANSWER("1", "\"result\":2"), "2", 0, NULL, NULL},
	{ANSWER("1", "\"error\":{\"code\":-32000,\"message\":\"no\","
		     "\"data\":{\"errno\":17,\"key\":\"disks[1].target\"}}"),
	 NULL, EEXIST, "no", "disks[1].target"},
	{ANSWER("1", "\"error\":{\"code\":-32601,\"message\":\"what\"}"), NULL,
	 EIO, "what", ""},
	{ANSWER("1", "\"error\":{}"), NULL, EIO, "xnd gave no reason", ""},
	{ANSWER("null", "\"error\":{\"message\":\"not UTF-8\"}"), NULL, EIO,
	 "not UTF-8", ""},
	{ANSWER("1", "\"x\":1"), NULL, EPROTO, "has no result", ""},
	{"nonsense\n", NULL, EINVAL, "is not JSON", ""},
	{ANSWER("9", "\"result\":1"), NULL, ENOTCONN, "xnd closed", ""},
	{"{\"half\":", NULL, ENOTCONN, "xnd closed", ""},
	{"", NULL, ENOTCONN, "xnd closed", ""},
};

static void check(size_t i, size_t piece)
{
	pid_t pid = answer(rows[i].text, piece);
	struct rpc_client *c = connect_to();
	scoped_str text = NULL;
	struct json *v;
	struct err e;
	int status;

	memset(&e, 0, sizeof(e));
	v = rpc_client_call(c, METHOD_XND_VERSION, json_new_object(), NULL, &e);
	text = json_print(v, false);
	json_free(v);
	if (rows[i].result) {
		assert_non_null(text);
		assert_string_equal(text, rows[i].result);
	} else {
		assert_null(text);
		assert_int_equal(e.code, rows[i].code);
		assert_non_null(strstr(e.text, rows[i].says));
		assert_string_equal(e.key, rows[i].key);
	}
	rpc_client_close(c);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void test_answers(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		check(i, 1);
		check(i, 100000);
	}
}

struct heard {
	unsigned int texts, ticks;
	char last[32];
};

static void on_wait(void *arg, const char *text)
{
	struct heard *heard = arg;

	if (!text) {
		heard->ticks++;
		return;
	}
	heard->texts++;
	snprintf(heard->last, sizeof(heard->last), "%s", text);
}

static void test_progress(void **state)
{
	static const char text[] =
		PROGRESS("1", "one") PROGRESS("2", "another's")
			PROGRESS("1", "two") ANSWER("1", "\"result\":true");
	struct heard heard = {0};
	struct rpc_waiter waiter = {on_wait, &heard};
	pid_t pid = answer(text, sizeof(text));
	struct rpc_client *c = connect_to();
	struct json *v;
	struct err e;

	(void)state;
	v = rpc_client_call(c, METHOD_DOMAIN_CREATE, json_new_object(), &waiter,
			    &e);
	assert_true(json_bool(v, false));
	assert_int_equal(heard.texts, 2);
	assert_string_equal(heard.last, "two");
	json_free(v);
	rpc_client_close(c);
	waitpid(pid, NULL, 0);
}

/* A console's first bytes may come in the same read as the answer. */
static void test_detach(void **state)
{
	static const char text[] = ANSWER("1", "\"result\":{}") "first\nbytes";
	pid_t pid = answer(text, sizeof(text));
	struct rpc_client *c = connect_to();
	scoped_str rest = NULL;
	char late[32] = "";
	size_t size, got = 0;
	scoped_fd fd = -1;
	struct err e;
	ssize_t r;

	(void)state;
	json_free(rpc_client_call(c, METHOD_CONSOLE_ATTACH, json_new_object(),
				  NULL, &e));
	fd = rpc_client_detach(c, &rest, &size);
	if (size)
		memcpy(late, rest, size);
	for (got = size; got < 11; got += (size_t)r) {
		r = read(fd, late + got, sizeof(late) - got);
		assert_true(r > 0);
	}
	assert_string_equal(late, "first\nbytes");
	waitpid(pid, NULL, 0);
}

static void test_too_long(void **state)
{
	struct rpc_client *c = connect_to();
	char *text = malloc(RPC_MAX_FRAME + 1);
	struct json *params = json_new_object();
	struct err e;

	(void)state;
	memset(text, 'x', RPC_MAX_FRAME);
	text[RPC_MAX_FRAME] = '\0';
	json_set_string(params, "domain", text);
	free(text);
	assert_null(rpc_client_call(c, METHOD_DOMAIN_LIST, params, NULL, &e));
	assert_int_equal(e.code, EMSGSIZE);
	rpc_client_close(c);
	close(accept(listener, NULL, NULL));
}

static void test_nobody(void **state)
{
	char name[300];
	struct err e;

	(void)state;
	assert_null(rpc_client_open("/nonexistent/sock", &e));
	assert_int_equal(e.code, ENOENT);
	memset(name, 'x', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	assert_null(rpc_client_open(name, &e));
	assert_int_equal(e.code, ENAMETOOLONG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers), cmocka_unit_test(test_progress),
		cmocka_unit_test(test_detach),	cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_nobody),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
