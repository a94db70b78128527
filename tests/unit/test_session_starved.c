/* SPDX-License-Identifier: MIT */
/* A client's connection when memory is out, at each allocation in turn. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>
#include <event2/event.h>

#include "base/err.h"
#include "daemon/rpc/call.h"
#include "daemon/rpc/session.h"
#include "tests/unit/starve.h"

struct fixture {
	struct session *session; /* NULL: it could not be made */
	int code;		 /* why not */
	int client;
};

static struct event_base *base;

static void dispatch(struct call *c, int method, void *arg)
{
	(void)method;
	(void)arg;
	call_reply_empty(c);
}

static void on_closed(struct session *s, void *arg)
{
	(void)s;
	(void)arg;
}

static void turn(void)
{
	int i;

	for (i = 0; i < 8; i++)
		event_base_loop(base, EVLOOP_NONBLOCK);
}

static struct fixture open_session(void)
{
	struct fixture f;
	struct err e;
	int pair[2];

	assert_int_equal(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	f.client = pair[0];
	f.session =
		session_new(base, pair[1], dispatch, NULL, on_closed, NULL, &e);
	f.code = f.session ? 0 : e.code;
	return f;
}

/* By our closing, as a client does it. */
static void close_session(struct fixture *f)
{
	close(f->client);
	turn();
}

/* The answer to a call of that id. */
static const char *ask(struct fixture *f, const char *id)
{
	static char text[4096];
	int size = snprintf(text, sizeof(text),
			    "{\"jsonrpc\":\"2.0\",\"id\":%s,"
			    "\"method\":\"xnd.version\"}\n",
			    id);
	ssize_t n;

	assert_int_equal(write(f->client, text, (size_t)size), size);
	turn();
	n = read(f->client, text, sizeof(text) - 1);
	text[n < 0 ? 0 : n] = '\0';
	return text;
}

/* Whatever cannot be had: an answer, and it says so. */
static void test_starved_call(void **state)
{
	static const char *const answers[] = {
		"\"id\":\"a\\\"\\u0001\",\"result\":{}}\n",
		"\"id\":\"a\\\"\\u0001\",\"error\":{\"code\":-32000,\"message\":"
		"\"xnd is out of memory\",\"data\":{\"errno\":12}}}\n",
		"\"id\":null,\"error\":{\"code\":-32000,\"message\":"
		"\"xnd is out of memory\",\"data\":{\"errno\":12}}}\n",
	};
	unsigned int heard[3] = {0};
	unsigned int nth = 0;
	bool met = true;

	(void)state;
	while (met) {
		struct fixture f = open_session();
		const char *text;
		size_t i = 0;

		starve(++nth);
		text = ask(&f, "\"a\\\"\\u0001\"");
		met = starve_over();
		while (i < 3 && !strstr(text, answers[i]))
			i++;
		if (i == 3)
			print_error("allocation %u: \"%s\"\n", nth, text);
		assert_true(i < 3);
		heard[i]++;
		close_session(&f);
	}
	assert_true(nth > 20 && heard[0] && heard[1] && heard[2]);
}

static void test_starved_birth(void **state)
{
	unsigned int nth = 0;
	bool met = true;

	(void)state;
	while (met) {
		struct fixture f;

		starve(++nth);
		f = open_session();
		met = starve_over();
		if (f.session)
			assert_non_null(strstr(ask(&f, "1"), "\"result\":{}"));
		else
			assert_int_equal(f.code, ENOMEM);
		close_session(&f);
	}
	assert_true(nth > 5);
}

/* libevent's allocations fail with ours. */
static void *libevent_malloc(size_t size)
{
	return malloc(size);
}

static void *libevent_realloc(void *old, size_t size)
{
	return realloc(old, size);
}

static void libevent_free(void *old)
{
	free(old);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_starved_call),
		cmocka_unit_test(test_starved_birth),
	};
	int failed;

	event_set_mem_functions(libevent_malloc, libevent_realloc,
				libevent_free);
	base = event_base_new();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	event_base_free(base);
	return failed;
}
