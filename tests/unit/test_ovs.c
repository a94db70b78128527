/* SPDX-License-Identifier: MIT */
/* Open vSwitch's client against a server that says what none should. */
#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <event2/event.h>

#include "base/err.h"
#include "daemon/net/ovs.h"
#include "daemon/net/ovs_wire.h"
#include "daemon/net/place.h"
#include "json/json.h"
#include "tests/unit/ovs_world.h"
#include "tests/unit/scratch.h"
#include "tests/unit/starve.h"

/* Its words: the right id is written @. */
static const struct {
	const char *says;
	int code; /* 0: there is such a bridge */
	const char *why;
} rows[] = {
	{"{\"id\":@,\"error\":null,\"result\":" FOUND(ROW) "}", 0, ""},
	{"{\"id\":@,\"result\":" FOUND(ROW) "}", 0, ""},
	{"{\"id\":@,\"error\":null,\"result\":" FOUND() "}", ENODEV,
	 "Open vSwitch has no bridge br0"},
	{"{\"id\":@,\"error\":{\"error\":\"unknown database\","
	 "\"details\":\"a\\u0001b\"},\"result\":null}",
	 EIO, "ovsdb-server: unknown database: a\\x01b"},
	{"{\"id\":@,\"error\":\"canceled\",\"result\":null}", EIO,
	 "ovsdb-server: canceled"},
	{"{\"id\":@,\"error\":7,\"result\":null}", EIO,
	 "ovsdb-server: an error without words"},
	{"{\"id\":@,\"error\":null}", EPROTO,
	 "ovsdb-server: an answer without a result"},
	{"{\"id\":@,\"error\":null,\"result\":[{\"error\":\"not supported\","
	 "\"details\":\"no Bridge\"},null,null]}",
	 EIO, "ovsdb-server: not supported: no Bridge"},
	{"{\"id\":@,\"error\":null,\"result\":[" ROWS(ROW) "]}", EPROTO,
	 "ovsdb-server: an answer to something else"},
	{"{\"id\":@,\"error\":null,\"result\":{\"rows\":[]}}", EPROTO,
	 "ovsdb-server: an answer to something else"},
	{"{\"id\":@,\"error\":null,\"result\":[" ROWS(ROW) "," ROWS(
		 "{\"_uuid\":[\"uuid\",\"short\"]}") "," ROWS() "]}",
	 EPROTO, "ovsdb-server: rows that are not as they were asked for"},
	{"{\"id\":1@,\"error\":null,\"result\":[]}"
	 " {\"id\":\"1\",\"error\":null,\"result\":[]}\n"
	 "{\"id\":null,\"method\":\"update\",\"params\":[1]}[3]{}"
	 "{\"id\":@,\"error\":null,\"result\":" FOUND(ROW) "}",
	 0, ""},
	{"{\"id\":@,,}", EINVAL, "db.sock): not JSON: byte"},
	{"]", EINVAL, "not JSON"},
	{"hello", EINVAL, "not JSON"},
	{"{\"id\":@,\"a\":\"\xff\"}", EINVAL, "not JSON"},
};

static void say_row(struct world *w, const char *says, int64_t id)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRId64, id);
	for (; *says; says++) {
		if (*says == '@')
			say(w, text);
		else
			fake_ovsdb_say(&w->server, says, 1);
	}
}

static void test_rows(void **state)
{
	struct world *w = *state;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		w->calls = 0;
		has_bridge(w);
		say_row(w, rows[i].says, hear_id(w));
		turn_until(w, 1);
		assert_why(w, rows[i].code, rows[i].why);
	}
}

/* It asks us before it answers: its words come back. */
static void test_echo(void **state)
{
	struct world *w = *state;
	struct json *v;
	char *text;
	int64_t id;

	has_bridge(w);
	id = hear_id(w);
	say(w, "{\"method\":\"echo\",\"id\":\"e\",\"params\":[1,\"x\"]}"
	       "{\"method\":\"echo\",\"params\":[]}");
	v = fake_ovsdb_hear(&w->server);
	text = json_print(v, false);
	assert_string_equal(text, "{\"id\":\"e\",\"result\":[1,\"x\"],"
				  "\"error\":null}");
	free(text);
	json_free(v);
	json_free(fake_ovsdb_hear(&w->server));
	answer(w, id, FOUND(ROW));
	turn_until(w, 1);
	assert_why(w, 0, "");
}

static void test_byte_by_byte(void **state)
{
	struct world *w = *state;
	char text[512];
	int64_t first;
	size_t i;

	has_bridge(w);
	has_bridge(w);
	first = hear_id(w);
	snprintf(text, sizeof(text),
		 "{\"id\":%" PRId64
		 ",\"result\":" FOUND(ROW) ",\"x\":\"}\\\"\"}"
					   "{\"id\":%" PRId64
					   ",\"result\":" FOUND() "}",
		 first, hear_id(w));
	for (i = 0; i < strlen(text); i++)
		fake_ovsdb_say(&w->server, text + i, 1);
	turn_until(w, 2);
	assert_why(w, ENODEV, "no bridge");
	assert_int_equal(w->server.clients, 1);
}

static void test_hang_up(void **state)
{
	struct world *w = *state;

	has_bridge(w);
	has_bridge(w);
	hear_id(w);
	say(w, "{\"id\":1,\"resu");
	fake_ovsdb_hang_up(&w->server);
	turn_until(w, 2);
	assert_why(w, ECONNRESET, "db.sock): has closed the connection");
	/* The next call is made to whoever listens then. */
	has_bridge(w);
	answer(w, hear_id(w), FOUND(ROW));
	turn_until(w, 3);
	assert_why(w, 0, "");
	/* And so it is when the connection was lost while nobody asked. */
	fake_ovsdb_hang_up(&w->server);
	has_bridge(w);
	answer(w, hear_id(w), FOUND(ROW));
	turn_until(w, 4);
	assert_why(w, 0, "");
	assert_int_equal(w->server.clients, 3);
}

static void test_huge(void **state)
{
	struct world *w = *state;
	size_t size = OVS_WIRE_MESSAGE_BYTES;
	char *text = malloc(size);

	has_bridge(w);
	hear_id(w);
	say(w, "{\"a\":\"");
	memset(text, 'x', size);
	fake_ovsdb_say(&w->server, text, size);
	turn_until(w, 1);
	assert_why(w, EMSGSIZE, "says more than 1024 KiB at once");
	free(text);
}

static void test_silence(void **state)
{
	struct world *w = *state;

	impatient = true;
	has_bridge(w);
	impatient = false;
	turn_until(w, 1);
	assert_why(w, ETIMEDOUT, "has not answered within 10 seconds");
	/* What comes then is not taken for the answer to anything else. */
	has_bridge(w);
	answer(w, hear_id(w), FOUND(ROW));
	answer(w, hear_id(w), FOUND());
	turn_until(w, 2);
	assert_why(w, ENODEV, "no bridge");
}

static void test_nobody(void **state)
{
	struct world *w = *state;
	struct err e;

	fake_ovsdb_close(&w->server);
	assert_null(ovs_has_bridge(w->ovs, "br0", on_done, w, &e));
	assert_int_equal(e.code, ENOENT);
	assert_non_null(strstr(e.text, "db.sock): No such file"));
	assert_null(ovs_has_bridge(w->ovs, "", on_done, w, &e));
	assert_int_equal(e.code, EINVAL);
	assert_null(ovs_del_port(w->ovs, "sixteencharacter", on_done, w, &e));
	assert_int_equal(e.code, EINVAL);
	assert_int_equal(w->calls, 0);
}

static void test_forget(void **state)
{
	struct world *w = *state;
	struct ovs_call *c = has_bridge(w);
	int64_t id = hear_id(w);

	ovs_forget(c);
	ovs_forget(NULL);
	has_bridge(w);
	answer(w, id, FOUND());
	answer(w, hear_id(w), FOUND(ROW));
	turn_until(w, 1);
	assert_why(w, 0, "");
	has_bridge(w); /* and the end of the world forgets this one */
}

/* Whoever hears of a failure may ask again at once. */
static void on_again(const struct err *e, void *arg)
{
	struct world *w = arg;

	on_done(e, arg);
	assert_non_null(e);
	has_bridge(w);
}

static void test_again(void **state)
{
	struct world *w = *state;

	assert_non_null(ovs_has_bridge(w->ovs, "br0", on_again, w, &w->e));
	assert_non_null(ovs_has_bridge(w->ovs, "br0", on_again, w, &w->e));
	hear_id(w);
	fake_ovsdb_hang_up(&w->server);
	turn_until(w, 2);
	answer(w, hear_id(w), FOUND(ROW));
	answer(w, hear_id(w), FOUND(ROW));
	turn_until(w, 4);
	assert_why(w, 0, "");
}

/* ovs-vswitchd never takes the port: it is taken away again. */
static void test_untaken(void **state)
{
	static const struct vlans none;
	static const char *const added = "[{},{\"uuid\":[\"uuid\",\"" UUID
					 "\"]},{\"uuid\":[\"uuid\",\"" UUID
					 "\"]},{\"count\":1},{\"count\":1},{}]";
	struct world *w = *state;
	struct json *v;
	char *text;

	assert_non_null(ovs_add_port(w->ovs, "br0", "vif1.0", &none, on_done, w,
				     &w->e));
	answer(w, hear_id(w), FOUND(ROW));
	answer(w, hear_id(w), added);
	answer(w, hear_id(w), "[{\"error\":\"timed out\"},null]");
	turn_until(w, 1);
	assert_why(w, ETIMEDOUT,
		   "bridge br0 of Open vSwitch: ovs-vswitchd has not taken the "
		   "port within 9 seconds: does it run?");
	v = fake_ovsdb_hear(&w->server);
	text = json_print(v, false);
	assert_non_null(strstr(text, "\"xn: del vif1.0\""));
	assert_non_null(strstr(text, "[\"ports\",\"delete\""));
	free(text);
	json_free(v);
}

/* Said so, and nothing is lost, wherever memory is out. */
static void test_starved(void **state)
{
	static const struct vlans none;
	struct world *w = *state;
	struct ovs_call *c;
	unsigned int nth = 0;

	for (;;) {
		starve(++nth);
		c = ovs_add_port(w->ovs, "br0", "vif1.0", &none, on_done, w,
				 &w->e);
		if (!starve_over())
			break;
		assert_null(c);
		assert_int_equal(w->e.code, ENOMEM);
	}
	assert_true(nth > 40);
	assert_int_equal(w->calls, 0);
	ovs_forget(c);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, open_world, close_world)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_rows),    TEST(test_echo),	TEST(test_byte_by_byte),
		TEST(test_hang_up), TEST(test_huge),	TEST(test_silence),
		TEST(test_nobody),  TEST(test_forget),	TEST(test_again),
		TEST(test_untaken), TEST(test_starved),
	};

	return cmocka_run_group_tests(tests, scratch_enter, scratch_remove);
}
