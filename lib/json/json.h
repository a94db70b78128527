/* SPDX-License-Identifier: MIT */
/*
 * JSON values as a tree: parsed from text, or built and printed. The one
 * place that knows which JSON library is underneath. Every getter accepts
 * NULL and the wrong type, and then answers "absent", so that a chain of them
 * needs one check at its end.
 */
#ifndef XN_JSON_JSON_H
#define XN_JSON_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct json;

enum json_type {
	JSON_NULL,
	JSON_BOOL,
	JSON_INT,
	JSON_REAL,
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT,
};

/* Deeper text is refused: nothing of ours nests further. */
#define JSON_MAX_DEPTH 32

/* A bigger object is refused: keys are looked for one by one. */
#define JSON_MAX_KEYS 1024

/*
 * Parses exactly one value (blanks around it are fine). Strings must be
 * UTF-8 without \u0000 or half a surrogate pair, integers fit an int64_t, and
 * a key stands once in its object. The caller frees the result. NULL with *e
 * set: EINVAL with where and what, or ENOMEM.
 */
struct json *json_parse(const char *text, size_t size, struct err *e);

/*
 * For a stream of objects and arrays with nothing, or blanks, between them:
 * how far the first has been looked at. Zeroed to begin, and after each.
 */
struct json_scan {
	size_t seen;
	unsigned int depth;
	bool in_string, escaped;
};

/*
 * The size of the first value, for json_parse (and that judges it); 0 when its
 * end is not among the size bytes. text begins where it began before, and has
 * grown. What begins with neither bracket, or closes what is not open, ends
 * there.
 */
size_t json_scan_end(struct json_scan *s, const char *text, size_t size);

/* Frees the value and all below it. NULL is fine. */
void json_free(struct json *v);

enum json_type json_type(const struct json *v); /* JSON_NULL for NULL */

/* Absent: NULL, def, or 0. What is returned is borrowed from v. */
const struct json *json_get(const struct json *object, const char *key);
const struct json *json_at(const struct json *array, size_t index);
size_t json_count(const struct json *array_or_object);
/* The key of an object's nth member, in the order given. */
const char *json_key(const struct json *object, size_t index);
const struct json *json_member(const struct json *object, size_t index);
const char *json_string(const struct json *v);
int64_t json_int(const struct json *v, int64_t def);
double json_real(const struct json *v, double def); /* ints too */
bool json_bool(const struct json *v, bool def);

/* json_string(json_get(object, key)), and so on. */
const char *json_get_string(const struct json *object, const char *key);
int64_t json_get_int(const struct json *object, const char *key, int64_t def);
bool json_get_bool(const struct json *object, const char *key, bool def);

/* New values; NULL when memory is out, which the setters below pass on. */
struct json *json_new_object(void);
struct json *json_new_array(void);
struct json *json_new_string(const char *s); /* copied; NULL gives null */
struct json *json_new_int(int64_t n);
struct json *json_new_real(double n);
struct json *json_new_bool(bool b);
struct json *json_new_null(void);
struct json *json_copy(const struct json *v);

/*
 * Take value, on failure too. A key that is there already is replaced. False
 * when value or the parent is NULL or memory is out: the parent is then marked
 * broken and json_print of it fails, so that a builder may check only once.
 */
bool json_set(struct json *object, const char *key, struct json *value);
bool json_push(struct json *array, struct json *value);

/* json_set of a new value. */
bool json_set_string(struct json *object, const char *key, const char *s);
bool json_set_int(struct json *object, const char *key, int64_t n);
bool json_set_bool(struct json *object, const char *key, bool b);

/*
 * The text of v: on one line, or indented when pretty. Ends without a
 * newline. The caller frees it. Always JSON: in a string that is no UTF-8 the
 * bytes at fault are U+FFFD. NULL when memory is out, v is broken, or a number
 * in it is not finite.
 */
char *json_print(const struct json *v, bool pretty);

#endif
