/* SPDX-License-Identifier: MIT */
/* Text to tree, through yajl's callbacks. */
#include "json/tree.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_parse.h>

#include "base/err.h"
#include "base/utf8.h"
#include "json/memory.h"

struct parser {
	const char *text; /* borrowed */
	size_t size;
	struct err *err; /* borrowed */
	struct memory memory;
	struct json *open[JSON_MAX_DEPTH]; /* borrowed from root */
	char *keys[JSON_MAX_DEPTH];	   /* owned: a key awaiting its value */
	unsigned int depth;
	struct json *root;   /* owned */
	yajl_handle yajl;    /* borrowed */
	size_t end;	     /* of the root in the text, once it is complete */
	const char *refusal; /* why we stopped, when it was not the grammar */
	bool starved;	     /* we stopped because memory was out */
	bool ok;
};

static int refuse(struct parser *p, const char *why)
{
	p->refusal = why;
	return 0;
}

static int starve(struct parser *p)
{
	p->starved = true;
	return 0;
}

/* yajl overlooks a string without an end behind the value. */
static void note_end(struct parser *p)
{
	if (p->depth == 0)
		p->end = yajl_get_bytes_consumed(p->yajl);
}

/* Takes value. */
static int add(struct parser *p, struct json *value)
{
	struct json *parent;
	char *key = NULL;

	if (!value)
		return starve(p);
	if (p->depth == 0) {
		p->root = value;
		note_end(p);
		return 1;
	}
	parent = p->open[p->depth - 1];
	if (parent->type == JSON_OBJECT) {
		key = p->keys[p->depth - 1];
		p->keys[p->depth - 1] = NULL;
	}
	return json_append(parent, key, value) ? 1 : starve(p);
}

static int open_list(struct parser *p, enum json_type type)
{
	struct json *list;

	if (p->depth == JSON_MAX_DEPTH)
		return refuse(p, "nested too deeply");
	list = json_new(type);
	if (!add(p, list))
		return 0;
	p->open[p->depth++] = list;
	return 1;
}

static int on_null(void *ctx)
{
	return add(ctx, json_new_null());
}

static int on_boolean(void *ctx, int b)
{
	return add(ctx, json_new_bool(b != 0));
}

/* Not yajl's own numbers: they leave INT64_MIN out. */
static int on_number(void *ctx, const char *text, size_t size)
{
	struct parser *p = ctx;
	char copy[64];
	bool whole;
	double real;
	long long n;

	if (size >= sizeof(copy))
		return refuse(p, "a number of too many digits");
	memcpy(copy, text, size);
	copy[size] = '\0';
	whole = !strpbrk(copy, ".eE");
	errno = 0;
	if (whole) {
		n = strtoll(copy, NULL, 10);
		if (errno == 0)
			return add(p, json_new_int(n));
	} else {
		real = strtod(copy, NULL);
		if (isfinite(real))
			return add(p, json_new_real(real));
	}
	return refuse(p, "a number out of range");
}

static char *copy_string(struct parser *p, const unsigned char *s, size_t size)
{
	char *copy;

	if (memchr(s, '\0', size)) {
		refuse(p, "a string holds a NUL byte");
		return NULL;
	}
	copy = strndup((const char *)s, size);
	if (!copy) {
		starve(p);
	} else if (!utf8_valid(copy)) {
		/* yajl lets overlong forms and surrogates through. */
		refuse(p, "a string is not UTF-8");
		free(copy);
		copy = NULL;
	}
	return copy;
}

static int on_string(void *ctx, const unsigned char *s, size_t size)
{
	char *copy = copy_string(ctx, s, size);
	struct json *v;

	if (!copy)
		return 0;
	v = json_new(JSON_STRING);
	if (v)
		v->u.string = copy;
	else
		free(copy);
	return add(ctx, v);
}

static int on_map_key(void *ctx, const unsigned char *s, size_t size)
{
	struct parser *p = ctx;
	const struct json *object = p->open[p->depth - 1];
	char *key;

	if (json_count(object) == JSON_MAX_KEYS)
		return refuse(p, "an object of too many keys");
	key = copy_string(p, s, size);
	if (!key)
		return 0;
	p->keys[p->depth - 1] = key;
	if (json_get(object, key))
		return refuse(p, "a key stands twice in one object");
	return 1;
}

static int on_start_map(void *ctx)
{
	return open_list(ctx, JSON_OBJECT);
}

static int on_start_array(void *ctx)
{
	return open_list(ctx, JSON_ARRAY);
}

static int on_end_list(void *ctx)
{
	struct parser *p = ctx;

	p->depth--;
	note_end(p);
	return 1;
}

static const yajl_callbacks callbacks = {
	.yajl_null = on_null,
	.yajl_boolean = on_boolean,
	.yajl_number = on_number,
	.yajl_string = on_string,
	.yajl_start_map = on_start_map,
	.yajl_map_key = on_map_key,
	.yajl_end_map = on_end_list,
	.yajl_start_array = on_start_array,
	.yajl_end_array = on_end_list,
};

/* In words, unless memory was out. */
static void explain(struct parser *p)
{
	size_t at = yajl_get_bytes_consumed(p->yajl);
	unsigned char *why;

	if (p->refusal) {
		err_set(p->err, EINVAL, "not JSON we take: byte %zu: %s", at,
			p->refusal);
		return;
	}
	why = yajl_get_error(p->yajl, 0, NULL, 0);
	why[strcspn((char *)why, "\n")] = '\0';
	err_set(p->err, EINVAL, "not JSON: byte %zu: %s", at, (char *)why);
}

/* False when something but blanks follows a value that is complete. */
static bool ends_there(struct parser *p, const char *text, size_t size)
{
	size_t i;

	for (i = p->end; p->end && i < size; i++)
		if (!memchr(" \t\r\n", text[i], 4))
			return refuse(p, "something follows the value");
	return true;
}

/* The unit of an escape \uXXXX that stands at text, or -1. */
static long escaped_unit(const char *text, size_t size)
{
	char digits[5] = "";

	if (size < 6 || text[0] != '\\' || text[1] != 'u')
		return -1;
	memcpy(digits, text + 2, 4);
	return strtol(digits, NULL, 16);
}

/*
 * What yajl lets through: blanks that JSON does not have, and an escape that
 * is the first half of a surrogate pair without its second, of which it makes
 * some other character. text is JSON otherwise.
 */
static bool is_strict(struct parser *p, const char *text, size_t size)
{
	size_t i = 0;

	while (i < size) {
		long unit = escaped_unit(text + i, size - i);

		if (text[i] == '\v' || text[i] == '\f')
			return refuse(p, "a blank that is none in JSON");
		if (unit >= 0xd800 && unit < 0xdc00) {
			unit = escaped_unit(text + i + 6, size - i - 6);
			if (unit < 0xdc00 || unit > 0xdfff)
				return refuse(p, "half a surrogate pair");
			i += 6;
		}
		/* Whatever a backslash escapes does not begin an escape. */
		i += text[i] == '\\' ? 2 : 1;
	}
	return true;
}

static void parse(void *arg)
{
	struct parser *p = arg;

	p->yajl = yajl_alloc(&callbacks, &p->memory.funcs, p);
	p->ok = yajl_parse(p->yajl, (const unsigned char *)p->text, p->size) ==
			yajl_status_ok &&
		ends_there(p, p->text, p->size) &&
		yajl_complete_parse(p->yajl) == yajl_status_ok &&
		is_strict(p, p->text, p->size) && p->root;
	if (!p->ok && !p->starved)
		explain(p);
}

struct json *json_parse(const char *text, size_t size, struct err *e)
{
	struct parser p = {.text = text, .size = size, .err = e};
	unsigned int i;

	if (!memory_run(&p.memory, parse, &p) || p.starved) {
		err_set(e, ENOMEM, "no memory for JSON");
		p.ok = false;
	}
	for (i = 0; i < JSON_MAX_DEPTH; i++)
		free(p.keys[i]);
	if (p.ok)
		return p.root;
	json_free(p.root);
	return NULL;
}
