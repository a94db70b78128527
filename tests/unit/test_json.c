/* SPDX-License-Identifier: MIT */
/* JSON in and out: what is taken, what is refused, what comes out again. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "json/json.h"
#include "tests/unit/starve.h"

/* In, and out again on one line; NULL: refused. */
static const struct {
	const char *in;
	const char *out;
} rows[] = {
	{"null", "null"},
	{" true\n", "true"},
	{"false", "false"},
	{"0", "0"},
	{"-1", "-1"},
	{"9223372036854775807", "9223372036854775807"},
	{"-9223372036854775808", "-9223372036854775808"},
	{"1.5", "1.5"},
	{"2.0", "2.0"},
	{"\"\"", "\"\""},
	{"\"a\\u00e9\\n\\\"\\\\\"", "\"aé\\n\\\"\\\\\""},
	{"\"é\"", "\"é\""},
	{"[]", "[]"},
	{"{}", "{}"},
	{"[1,[2,{\"a\":[]}],null]", "[1,[2,{\"a\":[]}],null]"},
	{"{ \"b\" : 1 , \"a\" : { } }", "{\"b\":1,\"a\":{}}"},
	{"", NULL},
	{" ", NULL},
	{"nul", NULL},
	{"1 2", NULL},
	{"{} {}", NULL},
	{"[1,]", NULL},
	{"[1", NULL},
	{"{\"a\"}", NULL},
	{"{\"a\":1,}", NULL},
	{"{a:1}", NULL},
	{"{1:1}", NULL},
	{"'a'", NULL},
	{"01", NULL},
	{"+1", NULL},
	{"1.", NULL},
	{"NaN", NULL},
	{"Infinity", NULL},
	{"1e999", NULL},
	{"9223372036854775808", NULL},
	{"-9223372036854775809", NULL},
	{"\"\\x\"", NULL},
	{"\"\\u0000\"", NULL},
	{"{\"\\u0000\":1}", NULL},
	{"\"a\nb\"", NULL},
	{"\"\xff\"", NULL},
	{"\"\xc0\xaf\"", NULL},
	{"{\"\xed\xa0\x80\":1}", NULL},
	{"\"\xf0\x9f\x90\xa7\"", "\"\xf0\x9f\x90\xa7\""},
	{"\"a", NULL},
	{"1\"s{", NULL},
	{"{}\"", NULL},
	{"[] \"a", NULL},
	{"\v1", NULL},
	{"[1,\f2]", NULL},
	{"\"\\ud83d\\ude00\"", "\"\xf0\x9f\x98\x80\""},
	{"\"\\\\ud83d\"", "\"\\\\ud83d\""},
	{"\"\\ud83d\"", NULL},
	{"\"\\ud83d\\u0041\"", NULL},
	{"\"\\ud83d\\ud83d\\ude00\"", NULL},
	{"\"\\ude00\"", NULL},
	{"{\"a\":1,\"a\":2}", NULL},
	{"{\"b\":{\"a\":1,\"\\u0061\":2}}", NULL},
	{"/* no */ 1", NULL},
	{"\xef\xbb\xbf"
	 "1",
	 NULL},
};

static void test_rows(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err e = {.code = 0};
		struct json *v = json_parse(rows[i].in, strlen(rows[i].in), &e);
		char *text;

		if (!rows[i].out != !v)
			print_error("%s\n", rows[i].in);
		if (!rows[i].out) {
			assert_null(v);
			assert_int_equal(e.code, EINVAL);
			assert_true(e.text[0]);
			assert_null(strchr(e.text, '\n'));
			continue;
		}
		assert_non_null(v);
		text = json_print(v, false);
		assert_string_equal(text, rows[i].out);
		free(text);
		json_free(v);
	}
}

/* A prefix of a value is no value, and frees what it had. */
static void test_prefixes(void **state)
{
	static const char text[] =
		"{\"a\":[1,2.5,\"x\\n\",{\"b\":null}],\"c\":{\"d\":true}}";
	struct err e;
	size_t size;
	struct json *v;

	(void)state;
	for (size = 0; size < sizeof(text) - 1; size++)
		assert_null(json_parse(text, size, &e));
	v = json_parse(text, sizeof(text) - 1, &e);
	assert_non_null(v);
	json_free(v);
	/* The size counts, not a NUL byte. */
	assert_null(json_parse(text, sizeof(text), &e));
}

static void test_depth(void **state)
{
	char text[4 * JSON_MAX_DEPTH];
	struct err e;
	int depth;

	(void)state;
	for (depth = 1; depth <= JSON_MAX_DEPTH + 1; depth++) {
		struct json *v;

		memset(text, '[', (size_t)depth);
		memset(text + depth, ']', (size_t)depth);
		v = json_parse(text, 2 * (size_t)depth, &e);
		assert_int_equal(v != NULL, depth <= JSON_MAX_DEPTH);
		json_free(v);
	}
	assert_non_null(strstr(e.text, "deep"));
}

static void test_getters(void **state)
{
	static const char text[] = "{\"s\":\"x\",\"n\":7,\"r\":1.5,\"b\":true,"
				   "\"z\":null,\"l\":[1,2],\"o\":{\"k\":3}}";
	struct err e;
	struct json *v = json_parse(text, sizeof(text) - 1, &e);
	const struct json *list;

	(void)state;
	assert_non_null(v);
	assert_string_equal(json_get_string(v, "s"), "x");
	assert_int_equal(json_get_int(v, "n", 0), 7);
	assert_true(json_get_bool(v, "b", false));
	assert_true(json_real(json_get(v, "r"), 0) > 1.4);
	assert_true(json_real(json_get(v, "n"), 0) > 6.9);
	assert_int_equal(json_count(v), 7);
	assert_string_equal(json_key(v, 1), "n");
	assert_int_equal(json_int(json_member(v, 1), 0), 7);
	assert_int_equal(json_get_int(json_get(v, "o"), "k", 0), 3);
	list = json_get(v, "l");
	assert_int_equal(json_count(list), 2);
	assert_int_equal(json_int(json_at(list, 1), 0), 2);

	/* The wrong type and the absent are alike. */
	assert_null(json_get_string(v, "n"));
	assert_null(json_get_string(v, "absent"));
	assert_int_equal(json_get_int(v, "s", 9), 9);
	assert_int_equal(json_get_int(v, "r", 9), 9);
	assert_true(json_get_bool(v, "n", true));
	assert_null(json_get(list, "k"));
	assert_null(json_at(v, 0));
	assert_null(json_at(list, 2));
	assert_null(json_key(list, 0));
	assert_null(json_key(v, 7));
	assert_null(json_member(v, 7));
	assert_int_equal(json_count(json_get(v, "s")), 0);
	assert_null(json_get(NULL, "k"));
	assert_null(json_string(NULL));
	assert_int_equal(json_int(NULL, 5), 5);
	assert_int_equal(json_count(NULL), 0);
	assert_int_equal(json_type(NULL), JSON_NULL);
	assert_int_equal(json_type(json_get(v, "z")), JSON_NULL);
	json_free(v);
	json_free(NULL);
}

static void test_building(void **state)
{
	struct json *v = json_new_object();
	struct json *list = json_new_array();
	struct json *copy;
	char *text;
	char key[8];
	int i;

	(void)state;
	assert_true(json_set_string(v, "name", "web"));
	assert_true(json_set_string(v, "none", NULL));
	assert_true(json_set_int(v, "name", 1)); /* replaced, in its place */
	assert_true(json_push(list, json_new_real(0.5)));
	assert_true(json_push(list, json_new_bool(true)));
	assert_true(json_set(v, "list", list));
	for (i = 0; i < 40; i++) {
		snprintf(key, sizeof(key), "k%d", i);
		assert_true(json_set_int(v, key, i));
	}
	assert_int_equal(json_count(v), 43);
	assert_int_equal(json_get_int(v, "k39", 0), 39);

	copy = json_copy(v);
	json_free(v);
	text = json_print(copy, false);
	assert_ptr_equal(strstr(text, "{\"name\":1,\"none\":null,"
				      "\"list\":[0.5,true],\"k0\":0,"),
			 text);
	free(text);
	json_free(copy);
}

/* A frame of nothing but keys is not allowed to take seconds. */
static void test_keys(void **state)
{
	unsigned int most[] = {JSON_MAX_KEYS, JSON_MAX_KEYS + 1};
	char text[16 * (JSON_MAX_KEYS + 2)];
	unsigned int i, n;
	struct json *v;
	struct err e;
	size_t size;

	(void)state;
	for (i = 0; i < 2; i++) {
		size = (size_t)snprintf(text, sizeof(text), "{");
		for (n = 0; n < most[i]; n++)
			size += (size_t)snprintf(
				text + size, sizeof(text) - size, "\"%u\":%u%c",
				n, n, n + 1 < most[i] ? ',' : '}');
		v = json_parse(text, size, &e);
		assert_int_equal(v != NULL, i == 0);
		assert_int_equal(json_count(v), i == 0 ? JSON_MAX_KEYS : 0);
		json_free(v);
	}
	assert_non_null(strstr(e.text, "too many keys"));
}

/* What was lost is not printed as if it had never been. */
static void test_broken(void **state)
{
	struct json *v = json_new_object();
	struct json *outer = json_new_array();
	struct json *copy;

	(void)state;
	assert_false(json_set(v, "a", NULL));
	assert_null(json_print(v, false));
	assert_true(json_push(outer, v));
	assert_null(json_print(outer, true));
	copy = json_copy(outer);
	assert_non_null(copy);
	assert_null(json_print(copy, true));
	json_free(copy);
	json_free(outer);

	assert_null(json_print(NULL, false));
	assert_false(json_set(NULL, "a", json_new_int(1)));
	assert_false(json_push(NULL, json_new_int(1)));

	v = json_new_real(NAN);
	assert_null(json_print(v, false));
	json_free(v);
}

static void test_pretty(void **state)
{
	struct json *v = json_new_object();
	char *text;

	(void)state;
	json_set_int(v, "a", 1);
	text = json_print(v, true);
	assert_string_equal(text, "{\n  \"a\": 1\n}");
	free(text);
	json_free(v);
}

/* Names of foreign domains and files come as bytes: what is printed is JSON. */
static void test_foreign_bytes(void **state)
{
	static const char *const texts[] = {
		"\xff",		"a\x80z",	    "\xc3",
		"\xed\xa0\x80", "\xf4\x90\x80\x80", "\xc0\x80",
		"ok \xc3\xa9",	"\x01\x1f\x7f",	    "/</",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct json *v = json_new_string(texts[i]);
		char *text = json_print(v, false);
		struct err e;
		struct json *again = json_parse(text, strlen(text), &e);

		if (!again)
			print_error("row %zu: %s\n", i, e.text);
		assert_non_null(again);
		assert_int_equal(json_type(again), JSON_STRING);
		free(text);
		json_free(v);
		json_free(again);
	}
}

/* Out of memory at each allocation in turn: said so, and nothing is lost. */
static void test_parse_starved(void **state)
{
	static const char *const texts[] = {
		"{\"a\": [1, 2.5, null, \"x\\u00e9y\", {}], \"b\": {\"c\": true}, "
		"\"a longer key with an \\n escape\": [[], [[1]], false]}",
		"{\"a\": [1, \"x\\u00e9y\", {\"b\": 2}, nonsense]}",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		unsigned int nth = 0;
		struct json *v;
		struct err e;

		for (;;) {
			starve(++nth);
			v = json_parse(texts[i], strlen(texts[i]), &e);
			if (!starve_over())
				break;
			assert_null(v);
			assert_int_equal(e.code, ENOMEM);
		}
		assert_true(nth > 20);
		assert_true(i == 0 ? v != NULL : e.code == EINVAL);
		json_free(v);
	}
}

static void test_print_starved(void **state)
{
	struct json *v = json_new_object();
	struct json *list = json_new_array();
	unsigned int nth = 0;
	char *text;
	int i;

	(void)state;
	for (i = 0; i < 500; i++) /* more than yajl's first buffer holds */
		json_push(list, json_new_string("no \xff UTF-8"));
	json_set(v, "list", list);
	for (;;) {
		starve(++nth);
		text = json_print(v, true);
		if (!starve_over())
			break;
		assert_null(text);
	}
	assert_true(nth > 500);
	assert_non_null(strstr(text, "no \xef\xbf\xbd UTF-8"));
	free(text);
	json_free(v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_prefixes),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_getters),
		cmocka_unit_test(test_building),
		cmocka_unit_test(test_broken),
		cmocka_unit_test(test_pretty),
		cmocka_unit_test(test_foreign_bytes),
		cmocka_unit_test(test_parse_starved),
		cmocka_unit_test(test_print_starved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
