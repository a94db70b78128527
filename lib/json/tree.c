/* SPDX-License-Identifier: MIT */
/* Values in memory: making, reading, changing and freeing them. */
#include "json/tree.h"

#include <stdlib.h>
#include <string.h>

struct json *json_new(enum json_type type)
{
	struct json *v = calloc(1, sizeof(*v));

	if (v)
		v->type = type;
	return v;
}

static bool is_list(const struct json *v)
{
	return v && (v->type == JSON_ARRAY || v->type == JSON_OBJECT);
}

void json_free(struct json *v)
{
	size_t i;

	if (!v)
		return;
	if (v->type == JSON_STRING)
		free(v->u.string);
	if (is_list(v)) {
		for (i = 0; i < v->u.list.count; i++) {
			json_free(v->u.list.values[i]);
			if (v->u.list.keys)
				free(v->u.list.keys[i]);
		}
		free(v->u.list.values);
		free(v->u.list.keys);
	}
	free(v);
}

static bool list_grow(struct json *parent)
{
	size_t room = parent->u.list.room ? parent->u.list.room * 2 : 8;
	struct json **values;
	char **keys;

	values = reallocarray(parent->u.list.values, room, sizeof(*values));
	if (!values)
		return false;
	parent->u.list.values = values;
	if (parent->type == JSON_OBJECT) {
		keys = reallocarray(parent->u.list.keys, room, sizeof(*keys));
		if (!keys)
			return false;
		parent->u.list.keys = keys;
	}
	parent->u.list.room = room;
	return true;
}

bool json_append(struct json *parent, char *key, struct json *value)
{
	size_t n;

	if (!is_list(parent) || !value || (parent->type == JSON_OBJECT && !key))
		goto fail;
	n = parent->u.list.count;
	if (n == parent->u.list.room && !list_grow(parent))
		goto fail;
	parent->u.list.values[n] = value;
	if (parent->type == JSON_OBJECT)
		parent->u.list.keys[n] = key;
	parent->u.list.count++;
	parent->broken |= value->broken;
	return true;

fail:
	if (parent)
		parent->broken = true;
	free(key);
	json_free(value);
	return false;
}

enum json_type json_type(const struct json *v)
{
	return v ? v->type : JSON_NULL;
}

static size_t find(const struct json *object, const char *key)
{
	size_t i;

	for (i = 0; i < object->u.list.count; i++)
		if (strcmp(object->u.list.keys[i], key) == 0)
			break;
	return i;
}

const struct json *json_get(const struct json *object, const char *key)
{
	if (json_type(object) != JSON_OBJECT)
		return NULL;
	return json_member(object, find(object, key));
}

const struct json *json_at(const struct json *array, size_t index)
{
	if (json_type(array) != JSON_ARRAY || index >= array->u.list.count)
		return NULL;
	return array->u.list.values[index];
}

size_t json_count(const struct json *v)
{
	return is_list(v) ? v->u.list.count : 0;
}

const char *json_key(const struct json *object, size_t index)
{
	if (json_type(object) != JSON_OBJECT || index >= object->u.list.count)
		return NULL;
	return object->u.list.keys[index];
}

const struct json *json_member(const struct json *object, size_t index)
{
	if (json_type(object) != JSON_OBJECT || index >= object->u.list.count)
		return NULL;
	return object->u.list.values[index];
}

const char *json_string(const struct json *v)
{
	return json_type(v) == JSON_STRING ? v->u.string : NULL;
}

int64_t json_int(const struct json *v, int64_t def)
{
	return json_type(v) == JSON_INT ? v->u.integer : def;
}

double json_real(const struct json *v, double def)
{
	if (json_type(v) == JSON_INT)
		return (double)v->u.integer;
	return json_type(v) == JSON_REAL ? v->u.real : def;
}

bool json_bool(const struct json *v, bool def)
{
	return json_type(v) == JSON_BOOL ? v->u.boolean : def;
}

const char *json_get_string(const struct json *object, const char *key)
{
	return json_string(json_get(object, key));
}

int64_t json_get_int(const struct json *object, const char *key, int64_t def)
{
	return json_int(json_get(object, key), def);
}

bool json_get_bool(const struct json *object, const char *key, bool def)
{
	return json_bool(json_get(object, key), def);
}

struct json *json_new_object(void)
{
	return json_new(JSON_OBJECT);
}

struct json *json_new_array(void)
{
	return json_new(JSON_ARRAY);
}

struct json *json_new_string(const char *s)
{
	struct json *v = json_new(s ? JSON_STRING : JSON_NULL);

	if (v && s) {
		v->u.string = strdup(s);
		if (!v->u.string) {
			free(v);
			return NULL;
		}
	}
	return v;
}

struct json *json_new_int(int64_t n)
{
	struct json *v = json_new(JSON_INT);

	if (v)
		v->u.integer = n;
	return v;
}

struct json *json_new_real(double n)
{
	struct json *v = json_new(JSON_REAL);

	if (v)
		v->u.real = n;
	return v;
}

struct json *json_new_bool(bool b)
{
	struct json *v = json_new(JSON_BOOL);

	if (v)
		v->u.boolean = b;
	return v;
}

struct json *json_new_null(void)
{
	return json_new(JSON_NULL);
}

struct json *json_copy(const struct json *v)
{
	struct json *copy;
	size_t i;

	if (json_type(v) == JSON_STRING)
		return json_new_string(v->u.string);
	copy = json_new(json_type(v));
	if (!copy || !v)
		return copy;
	copy->broken = v->broken;
	if (!is_list(v)) {
		copy->u = v->u;
		return copy;
	}
	for (i = 0; i < v->u.list.count; i++) {
		struct json *value = json_copy(v->u.list.values[i]);
		char *key = NULL;

		if (v->type == JSON_OBJECT)
			key = strdup(v->u.list.keys[i]);
		if (!json_append(copy, key, value)) {
			json_free(copy);
			return NULL;
		}
	}
	return copy;
}

bool json_set(struct json *object, const char *key, struct json *value)
{
	size_t i;

	if (json_type(object) != JSON_OBJECT) {
		json_free(value);
		return false;
	}
	i = find(object, key);
	if (i == object->u.list.count || !value)
		return json_append(object, value ? strdup(key) : NULL, value);
	json_free(object->u.list.values[i]);
	object->u.list.values[i] = value;
	object->broken |= value->broken;
	return true;
}

bool json_push(struct json *array, struct json *value)
{
	if (json_type(array) != JSON_ARRAY) {
		json_free(value);
		return false;
	}
	return json_append(array, NULL, value);
}

bool json_set_string(struct json *object, const char *key, const char *s)
{
	return json_set(object, key, json_new_string(s));
}

bool json_set_int(struct json *object, const char *key, int64_t n)
{
	return json_set(object, key, json_new_int(n));
}

bool json_set_bool(struct json *object, const char *key, bool b)
{
	return json_set(object, key, json_new_bool(b));
}
