/* SPDX-License-Identifier: MIT */
/* A client's connection, driven from its other end. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>
#include <event2/event.h>

#include "base/err.h"
#include "daemon/rpc/call.h"
#include "daemon/rpc/session.h"
#include "json/json.h"
#include "rpc/method.h"
#include "rpc/rpc.h"

struct fixture {
	struct event_base *base;
	struct session *session; /* NULL once it has closed */
	int client;
	struct call *held; /* a call that is not answered yet */
	bool gone;
	int handed; /* -2: not handed over */
};

static void on_gone(void *arg)
{
	((struct fixture *)arg)->gone = true;
}

static void on_handed(int fd, void *arg)
{
	((struct fixture *)arg)->handed = fd < 0 ? -1 : dup(fd);
}

/* xnd.version is answered, host.info held, console.attach handed over. */
static void dispatch(struct call *c, int method, void *arg)
{
	struct fixture *f = arg;
	struct err e;

	if (method == METHOD_XND_VERSION) {
		call_reply_empty(c);
	} else if (method == METHOD_HOST_INFO) {
		f->held = c;
		call_on_gone(c, on_gone, f);
	} else if (method == METHOD_CONSOLE_ATTACH) {
		call_reply_and_hand_over(c, json_new_object(), on_handed, f);
	} else {
		err_set(&e, ENOENT, "no such thing");
		err_key(&e, "disks[1].target");
		call_fail(c, &e);
	}
}

static void on_closed(struct session *s, void *arg)
{
	struct fixture *f = arg;

	assert_ptr_equal(s, f->session);
	f->session = NULL;
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct err e;
	int pair[2];

	assert_int_equal(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	f->base = event_base_new();
	f->client = pair[0];
	f->handed = -2;
	f->session =
		session_new(f->base, pair[1], dispatch, f, on_closed, f, &e);
	assert_non_null(f->session);
	*state = f;
	return 0;
}

static void turn(struct fixture *f)
{
	int i;

	for (i = 0; i < 8; i++)
		event_base_loop(f->base, EVLOOP_NONBLOCK);
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	if (f->session)
		session_drop(f->session);
	turn(f);
	assert_null(f->session);
	if (f->client >= 0)
		close(f->client);
	if (f->handed >= 0)
		close(f->handed);
	event_base_free(f->base);
	free(f);
	return 0;
}

static void say(struct fixture *f, const char *text)
{
	assert_int_equal(write(f->client, text, strlen(text)), strlen(text));
	turn(f);
}

/* What has come back since, as text. */
static const char *hear(struct fixture *f)
{
	static char text[4096];
	ssize_t n = read(f->client, text, sizeof(text) - 1);

	text[n < 0 ? 0 : n] = '\0';
	return text;
}

#define CALL(id, method) \
	"{\"jsonrpc\":\"2.0\",\"id\":" #id ",\"method\":\"" method "\"}\n"

static void test_calls(void **state)
{
	struct fixture *f = *state;

	say(f, CALL(1, "xnd.version"));
	assert_string_equal(hear(f),
			    "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n");
	/* Two in one packet, and an empty line between them. */
	say(f, CALL(2, "xnd.version") "\n" CALL(3, "domain.list"));
	assert_string_equal(hear(f),
			    "{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":{}}\n"
			    "{\"jsonrpc\":\"2.0\",\"id\":3,\"error\":"
			    "{\"code\":-32000,\"message\":\"no such thing\","
			    "\"data\":{\"errno\":2,"
			    "\"key\":\"disks[1].target\"}}}\n");
}

static void test_split_frame(void **state)
{
	struct fixture *f = *state;

	say(f, "{\"jsonrpc\":\"2.0\",\"id\":1,\"met");
	assert_string_equal(hear(f), "");
	say(f, "hod\":\"xnd.version\"}\n");
	assert_non_null(strstr(hear(f), "\"result\""));
}

/* A malformed request is answered, and the connection kept. */
static void test_malformed(void **state)
{
	static const struct {
		const char *text;
		const char *code;
	} rows[] = {
		{"nonsense\n", "-32700"},
		{"{\"id\":1}\n", "-32600"},
		{"[]\n", "-32600"},
		{"{\"jsonrpc\":\"2.0\",\"id\":1}\n", "-32600"},
		{"{\"jsonrpc\":\"2.0\",\"method\":\"xnd.version\"}\n",
		 "-32600"},
		{"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"xnd.version\","
		 "\"params\":[1]}\n",
		 "-32600"},
		{CALL(1, "no.such"), "-32601"},
	};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		say(f, rows[i].text);
		assert_non_null(strstr(hear(f), rows[i].code));
	}
	say(f, CALL(1, "xnd.version"));
	assert_non_null(strstr(hear(f), "\"result\""));
}

static void test_oversized(void **state)
{
	struct fixture *f = *state;
	char block[4096];
	size_t sent = 0;
	ssize_t n;

	memset(block, 'x', sizeof(block));
	/* Far more than fits: it can all be sent, and the answer be read. */
	while (sent <= 16 * RPC_MAX_FRAME) {
		n = write(f->client, block, sizeof(block));
		if (n > 0)
			sent += (size_t)n;
		turn(f);
		assert_non_null(f->session);
	}
	assert_non_null(strstr(hear(f), "longer than"));
	/* Nothing that follows is taken for a request. */
	say(f, "\n" CALL(1, "xnd.version"));
	assert_string_equal(hear(f), "");
	shutdown(f->client, SHUT_WR);
	turn(f);
	assert_null(f->session);
}

/* Its end comes with what is too much of it. */
static void test_slightly_oversized(void **state)
{
	struct fixture *f = *state;
	char block[4096];
	size_t sent;

	memset(block, 'x', sizeof(block));
	for (sent = 0; sent < RPC_MAX_FRAME; sent += sizeof(block)) {
		assert_int_equal(write(f->client, block, sizeof(block)),
				 sizeof(block));
		turn(f);
	}
	say(f, "x\n" CALL(1, "xnd.version"));
	assert_non_null(strstr(hear(f), "longer than"));
	assert_string_equal(hear(f), "");
}

static void test_client_gone(void **state)
{
	struct fixture *f = *state;

	say(f, CALL(1, "host.info"));
	assert_non_null(f->held);
	close(f->client);
	f->client = -1;
	turn(f);
	assert_true(f->gone);
	assert_null(f->session);
	/* The answer is due all the same, and goes nowhere. */
	call_progress(f->held, "late");
	call_reply_empty(f->held);
}

static void test_progress(void **state)
{
	struct fixture *f = *state;

	say(f, CALL(7, "host.info"));
	call_progress(f->held, "half way");
	turn(f);
	assert_non_null(strstr(hear(f), "\"id\":7,\"text\":\"half way\""));
	call_reply_empty(f->held);
	turn(f);
	assert_non_null(strstr(hear(f), "\"result\""));
	assert_false(f->gone);
}

static void test_hand_over(void **state)
{
	struct fixture *f = *state;

	say(f, CALL(1, "console.attach"));
	assert_non_null(strstr(hear(f), "\"result\""));
	assert_true(f->handed >= 0);
	assert_null(f->session);
	/* The socket lives on in the other hand. */
	assert_int_equal(write(f->handed, "login: ", 7), 7);
	assert_string_equal(hear(f), "login: ");
}

/* More at once than a connection may have: refused, the others kept. */
static void test_many_calls(void **state)
{
	struct fixture *f = *state;
	struct call *held[64];
	int i;

	for (i = 0; i < 64; i++) {
		say(f, CALL(1, "host.info"));
		held[i] = f->held;
	}
	say(f, CALL(2, "host.info"));
	assert_non_null(strstr(hear(f), "more than"));
	for (i = 0; i < 64; i++)
		call_reply_empty(held[i]);
	turn(f);
	assert_non_null(strstr(hear(f), "\"result\""));
}

#define PIPELINED 40000

/* Far more answers than fit, to one who reads them: none is lost. */
static void test_pipeline(void **state)
{
	static char requests[2 * PIPELINED], answers[65536];
	struct fixture *f = *state;
	size_t sent = 0;
	unsigned int lines = 0;
	int quiet = 0;

	memset(requests, '\n', sizeof(requests));
	while (sent < sizeof(requests)) {
		requests[sent] = 'x';
		sent += 2;
	}
	for (sent = 0; quiet < 100; quiet++) {
		ssize_t n = write(f->client, requests + sent,
				  sizeof(requests) - sent);
		const char *at = answers;

		sent += n > 0 ? (size_t)n : 0;
		event_base_loop(f->base, EVLOOP_NONBLOCK);
		n = read(f->client, answers, sizeof(answers));
		if (n > 0)
			quiet = 0;
		while (n > 0 &&
		       (at = memchr(at, '\n', (size_t)(answers + n - at)))) {
			lines++;
			at++;
		}
	}
	assert_int_equal(sent, sizeof(requests));
	assert_int_equal(lines, PIPELINED);
	assert_non_null(f->session);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_calls),
		TEST(test_split_frame),
		TEST(test_malformed),
		TEST(test_oversized),
		TEST(test_slightly_oversized),
		TEST(test_client_gone),
		TEST(test_progress),
		TEST(test_hand_over),
		TEST(test_many_calls),
		TEST(test_pipeline),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
