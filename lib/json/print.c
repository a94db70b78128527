/* SPDX-License-Identifier: MIT */
/* Tree to text, through yajl's generator. */
#include "json/tree.h"

#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_gen.h>

#include "base/utf8.h"
#include "json/memory.h"

struct printer {
	const struct json *v; /* borrowed */
	bool pretty;
	struct memory memory;
	yajl_gen yajl; /* borrowed */
	char *mended;  /* owned: the string that is being printed */
	char *text;    /* owned: the result */
};

static bool print(struct printer *p, const struct json *v);

static bool is_good(yajl_gen_status status)
{
	return status == yajl_gen_status_ok;
}

static bool print_string(struct printer *p, const char *s)
{
	bool ok;

	if (!utf8_valid(s)) {
		s = p->mended = utf8_mend(s);
		if (!s)
			return false;
	}
	ok = is_good(
		yajl_gen_string(p->yajl, (const unsigned char *)s, strlen(s)));
	free(p->mended);
	p->mended = NULL;
	return ok;
}

static bool print_list(struct printer *p, const struct json *v)
{
	size_t i;

	for (i = 0; i < v->u.list.count; i++) {
		if (v->type == JSON_OBJECT &&
		    !print_string(p, v->u.list.keys[i]))
			return false;
		if (!print(p, v->u.list.values[i]))
			return false;
	}
	return true;
}

static bool print(struct printer *p, const struct json *v)
{
	if (v->broken)
		return false;
	switch (v->type) {
	case JSON_NULL:
		return is_good(yajl_gen_null(p->yajl));
	case JSON_BOOL:
		return is_good(yajl_gen_bool(p->yajl, v->u.boolean));
	case JSON_INT:
		return is_good(yajl_gen_integer(p->yajl, v->u.integer));
	case JSON_REAL:
		return is_good(yajl_gen_double(p->yajl, v->u.real));
	case JSON_STRING:
		return print_string(p, v->u.string);
	case JSON_ARRAY:
		return is_good(yajl_gen_array_open(p->yajl)) &&
		       print_list(p, v) &&
		       is_good(yajl_gen_array_close(p->yajl));
	case JSON_OBJECT:
		return is_good(yajl_gen_map_open(p->yajl)) &&
		       print_list(p, v) && is_good(yajl_gen_map_close(p->yajl));
	}
	return false;
}

static void print_all(void *arg)
{
	struct printer *p = arg;
	const unsigned char *text;
	size_t size;

	p->yajl = yajl_gen_alloc(&p->memory.funcs);
	if (p->pretty) {
		yajl_gen_config(p->yajl, yajl_gen_beautify, 1);
		yajl_gen_config(p->yajl, yajl_gen_indent_string, "  ");
	}
	if (!print(p, p->v) ||
	    !is_good(yajl_gen_get_buf(p->yajl, &text, &size)))
		return;
	while (size && text[size - 1] == '\n')
		size--;
	p->text = strndup((const char *)text, size);
}

char *json_print(const struct json *v, bool pretty)
{
	struct printer p = {.v = v, .pretty = pretty};

	if (v)
		memory_run(&p.memory, print_all, &p);
	free(p.mended);
	return p.text;
}
