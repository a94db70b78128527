/* SPDX-License-Identifier: MIT */
/* Tree to text, through yajl's generator. */
#include "json/tree.h"

#include <string.h>
#include <yajl/yajl_gen.h>

#include "base/scope.h"
#include "base/utf8.h"

static bool print(yajl_gen g, const struct json *v);

static bool print_string(yajl_gen g, const char *s)
{
	scoped_str mended = NULL;

	if (!utf8_valid(s)) {
		mended = utf8_mend(s);
		if (!mended)
			return false;
		s = mended;
	}
	return yajl_gen_string(g, (const unsigned char *)s, strlen(s)) ==
	       yajl_gen_status_ok;
}

static bool print_list(yajl_gen g, const struct json *v)
{
	size_t i;

	for (i = 0; i < v->u.list.count; i++) {
		if (v->type == JSON_OBJECT &&
		    !print_string(g, v->u.list.keys[i]))
			return false;
		if (!print(g, v->u.list.values[i]))
			return false;
	}
	return true;
}

static bool print(yajl_gen g, const struct json *v)
{
	if (v->broken)
		return false;
	switch (v->type) {
	case JSON_NULL:
		return yajl_gen_null(g) == yajl_gen_status_ok;
	case JSON_BOOL:
		return yajl_gen_bool(g, v->u.boolean) == yajl_gen_status_ok;
	case JSON_INT:
		return yajl_gen_integer(g, v->u.integer) == yajl_gen_status_ok;
	case JSON_REAL:
		return yajl_gen_double(g, v->u.real) == yajl_gen_status_ok;
	case JSON_STRING:
		return print_string(g, v->u.string);
	case JSON_ARRAY:
		return yajl_gen_array_open(g) == yajl_gen_status_ok &&
		       print_list(g, v) &&
		       yajl_gen_array_close(g) == yajl_gen_status_ok;
	case JSON_OBJECT:
		return yajl_gen_map_open(g) == yajl_gen_status_ok &&
		       print_list(g, v) &&
		       yajl_gen_map_close(g) == yajl_gen_status_ok;
	}
	return false;
}

char *json_print(const struct json *v, bool pretty)
{
	const unsigned char *text;
	char *copy = NULL;
	yajl_gen g;
	size_t size;

	if (!v)
		return NULL;
	g = yajl_gen_alloc(NULL);
	if (!g)
		return NULL;
	if (pretty) {
		yajl_gen_config(g, yajl_gen_beautify, 1);
		yajl_gen_config(g, yajl_gen_indent_string, "  ");
	}
	if (print(g, v) &&
	    yajl_gen_get_buf(g, &text, &size) == yajl_gen_status_ok) {
		while (size && text[size - 1] == '\n')
			size--;
		copy = strndup((const char *)text, size);
	}
	yajl_gen_free(g);
	return copy;
}
