/* SPDX-License-Identifier: MIT */
/*
 * Any text as JSON. Promise: exactly what is JSON and within our limits is
 * taken; what was taken prints as JSON again, on one line and indented, and
 * reads as the same value; an error is one printable line; in a stream, an object
 * or array ends where it ends.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/scope.h"
#include "json/json.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/json_model.h"

static bool same(const struct json *a, const struct json *b);

static bool same_list(const struct json *a, const struct json *b)
{
	size_t i;

	if (json_count(a) != json_count(b))
		return false;
	for (i = 0; i < json_count(a); i++) {
		if (json_type(a) == JSON_ARRAY) {
			if (!same(json_at(a, i), json_at(b, i)))
				return false;
		} else if (strcmp(json_key(a, i), json_key(b, i)) != 0 ||
			   !same(json_member(a, i), json_member(b, i))) {
			return false;
		}
	}
	return true;
}

static bool same(const struct json *a, const struct json *b)
{
	if (json_type(a) != json_type(b))
		return false;
	switch (json_type(a)) {
	case JSON_NULL:
		return true;
	case JSON_BOOL:
		return json_bool(a, false) == json_bool(b, true);
	case JSON_INT:
		return json_int(a, 1) == json_int(b, 2);
	case JSON_REAL:
		return json_real(a, 1) == json_real(b, 2);
	case JSON_STRING:
		return strcmp(json_string(a), json_string(b)) == 0;
	case JSON_ARRAY:
	case JSON_OBJECT:
		return same_list(a, b);
	}
	return false;
}

static void check_print(const struct json *v, bool pretty)
{
	scoped_str text = json_print(v, pretty);
	struct json *again;
	struct err e;

	promise(text, "what was read can be printed");
	promise(model_json(text, strlen(text)) == MODEL_JSON,
		"what is printed is JSON: %s", text);
	promise(pretty || !strchr(text, '\n'), "on one line");
	again = json_parse(text, strlen(text), &e);
	promise(again && same(v, again), "it reads the same again: %s", text);
	json_free(again);
}

static void check_error(const struct err *e)
{
	const char *c;

	promise(e->code > 0 && e->text[0], "an error says what it is");
	for (c = e->text; *c; c++)
		promise(*c >= ' ' && *c != 0x7f, "an error is one line: %s",
			e->text);
}

static void check_end(const char *text, size_t size)
{
	struct json_scan scan = {0};

	while (memchr(" \t\r\n", text[size - 1], 4))
		size--;
	promise(json_scan_end(&scan, text, size - 1) == 0,
		"it has not ended before its end");
	promise(json_scan_end(&scan, text, size) == size, "but there");
}

void fuzz_one(struct input *in)
{
	struct json *v, *copy;
	size_t size;
	const char *text = (const char *)input_rest(in, &size);
	enum model_json expected = model_json(text, size);
	struct err e;

	v = json_parse(text, size, &e);
	if (!v)
		check_error(&e);
	promise((v != NULL) == (expected == MODEL_JSON),
		"the model says %d; %s", expected, v ? "taken" : e.text);
	if (!v)
		return;
	check_print(v, false);
	check_print(v, true);
	if (json_type(v) == JSON_ARRAY || json_type(v) == JSON_OBJECT)
		check_end(text, size);
	copy = json_copy(v);
	promise(copy && same(v, copy), "a copy is the same");
	json_free(copy);
	json_free(v);
}
