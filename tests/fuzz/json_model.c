/* SPDX-License-Identifier: MIT */
/* A recursive reader of JSON that keeps nothing but object keys. */
#include "tests/fuzz/json_model.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/scope.h"

/* lib/json/json.h */
#define DEPTH_MAX  32
#define KEYS_MAX   1024
#define NUMBER_MAX 63 /* characters */

struct reader {
	const uint8_t *at, *end;
	bool refused; /* by a limit of ours */
};

/* A string as it means: UTF-8, and its size. */
struct string {
	char *text; /* owned */
	size_t size, room;
};

static bool read_value(struct reader *r, unsigned int depth);

static int peek(const struct reader *r)
{
	return r->at < r->end ? *r->at : -1;
}

static bool eat(struct reader *r, int c)
{
	if (peek(r) != c)
		return false;
	r->at++;
	return true;
}

static void skip_blanks(struct reader *r)
{
	while (eat(r, ' ') || eat(r, '\t') || eat(r, '\n') || eat(r, '\r'))
		continue;
}

static bool eat_word(struct reader *r, const char *word)
{
	while (*word)
		if (!eat(r, *word++))
			return false;
	return true;
}

static bool is_digit(int c)
{
	return c >= '0' && c <= '9';
}

static bool eat_digits(struct reader *r)
{
	if (!is_digit(peek(r)))
		return false;
	while (is_digit(peek(r)))
		r->at++;
	return true;
}

/* -9223372036854775808 … 9223372036854775807 */
static bool fits_int64(const char *digits)
{
	const bool negative = *digits == '-';
	const unsigned __int128 most =
		((unsigned __int128)1 << 63) - (negative ? 0 : 1);
	unsigned __int128 n = 0;

	for (digits += negative; *digits; digits++) {
		n = n * 10 + (unsigned int)(*digits - '0');
		if (n > most)
			return false;
	}
	return true;
}

static bool read_number(struct reader *r)
{
	const uint8_t *from = r->at;
	char copy[NUMBER_MAX + 1];
	bool whole = true;

	eat(r, '-');
	if (!eat(r, '0') && !eat_digits(r))
		return false;
	if (eat(r, '.')) {
		whole = false;
		if (!eat_digits(r))
			return false;
	}
	if (eat(r, 'e') || eat(r, 'E')) {
		whole = false;
		if (!eat(r, '-'))
			eat(r, '+');
		if (!eat_digits(r))
			return false;
	}
	if (r->at - from > NUMBER_MAX) {
		r->refused = true;
		return true;
	}
	memcpy(copy, from, (size_t)(r->at - from));
	copy[r->at - from] = '\0';
	if (whole ? !fits_int64(copy) : !isfinite(strtod(copy, NULL)))
		r->refused = true;
	return true;
}

static bool read_hex(struct reader *r, uint32_t *unit)
{
	int i;

	for (i = 0, *unit = 0; i < 4; i++) {
		const char *digits = "0123456789abcdef";
		int c = peek(r);
		const char *digit;

		if (c >= 'A' && c <= 'F')
			c += 'a' - 'A';
		digit = c > 0 ? strchr(digits, c) : NULL;
		if (!digit)
			return false;
		*unit = *unit * 16 + (uint32_t)(digit - digits);
		r->at++;
	}
	return true;
}

static void add_utf8(struct string *s, uint32_t c)
{
	char *to;

	if (s->room - s->size < 4) {
		s->room = 2 * s->room + 16;
		s->text = realloc(s->text, s->room);
	}
	to = s->text + s->size;
	if (c < 0x80) {
		to[0] = (char)c;
		s->size += 1;
	} else if (c < 0x800) {
		to[0] = (char)(0xc0 | c >> 6);
		to[1] = (char)(0x80 | (c & 63));
		s->size += 2;
	} else if (c < 0x10000) {
		to[0] = (char)(0xe0 | c >> 12);
		to[1] = (char)(0x80 | (c >> 6 & 63));
		to[2] = (char)(0x80 | (c & 63));
		s->size += 3;
	} else {
		to[0] = (char)(0xf0 | c >> 18);
		to[1] = (char)(0x80 | (c >> 12 & 63));
		to[2] = (char)(0x80 | (c >> 6 & 63));
		to[3] = (char)(0x80 | (c & 63));
		s->size += 4;
	}
}

/* After a backslash. */
static bool read_escape(struct reader *r, struct string *s)
{
	static const char letters[] = "\"\\/bfnrt";
	static const char meanings[] = "\"\\/\b\f\n\r\t";
	uint32_t unit, low;
	const char *letter;

	if (!eat(r, 'u')) {
		letter = peek(r) > 0 ? strchr(letters, peek(r)) : NULL;
		if (!letter)
			return false;
		r->at++;
		add_utf8(s, (uint8_t)meanings[letter - letters]);
		return true;
	}
	if (!read_hex(r, &unit))
		return false;
	if (unit >= 0xd800 && unit < 0xdc00 && r->end - r->at >= 6 &&
	    memcmp(r->at, "\\u", 2) == 0) {
		const uint8_t *back = r->at;

		r->at += 2;
		if (!read_hex(r, &low))
			return false;
		if (low >= 0xdc00 && low < 0xe000) {
			add_utf8(s, 0x10000 + (unit - 0xd800) * 0x400 + low -
					    0xdc00);
			return true;
		}
		r->at = back;
	}
	/* Half of a pair alone is JSON, and no character; nor is NUL ours. */
	if ((unit >= 0xd800 && unit < 0xe000) || unit == 0)
		r->refused = true;
	add_utf8(s, unit);
	return true;
}

/* One character of RFC 3629, of two bytes and more. */
static bool read_utf8(struct reader *r, struct string *s)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	uint8_t first = *r->at++;
	uint32_t c;
	int n, i;

	n = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
	if (first < 0xc0 || first > 0xf7)
		return false;
	c = first & (0x7fu >> n);
	for (i = 1; i < n; i++) {
		if ((peek(r) & ~0x3f) != 0x80)
			return false;
		c = c << 6 | (*r->at++ & 0x3f);
	}
	add_utf8(s, c);
	return c >= least[n] && c <= 0x10ffff && (c < 0xd800 || c > 0xdfff);
}

/* s->text is to be freed in any case. */
static bool read_string(struct reader *r, struct string *s)
{
	*s = (struct string){NULL, 0, 0};
	if (!eat(r, '"'))
		return false;
	while (!eat(r, '"')) {
		if (peek(r) < 0x20)
			return false;
		if (eat(r, '\\')) {
			if (!read_escape(r, s))
				return false;
		} else if (peek(r) >= 0x80) {
			if (!read_utf8(r, s))
				return false;
		} else {
			add_utf8(s, *r->at++);
		}
	}
	return true;
}

static bool read_array(struct reader *r, unsigned int depth)
{
	skip_blanks(r);
	if (eat(r, ']'))
		return true;
	do {
		if (!read_value(r, depth))
			return false;
	} while (eat(r, ','));
	return eat(r, ']');
}

struct keys {
	struct string *list; /* owned */
	size_t count;
};

static void keys_add(struct keys *keys, struct string *key)
{
	if ((keys->count & (keys->count - 1)) == 0)
		keys->list = reallocarray(keys->list, 2 * keys->count + 1,
					  sizeof(*keys->list));
	keys->list[keys->count++] = *key;
}

static bool read_member(struct reader *r, struct keys *keys, unsigned int depth)
{
	struct string key;
	size_t i;
	bool ok;

	skip_blanks(r);
	ok = read_string(r, &key);
	for (i = 0; i < keys->count; i++)
		if (keys->list[i].size == key.size &&
		    (key.size == 0 ||
		     memcmp(keys->list[i].text, key.text, key.size) == 0))
			r->refused = true;
	if (keys->count == KEYS_MAX) {
		r->refused = true;
		free(key.text);
	} else {
		keys_add(keys, &key);
	}
	skip_blanks(r);
	return ok && eat(r, ':') && read_value(r, depth);
}

static bool read_object(struct reader *r, unsigned int depth)
{
	struct keys keys = {NULL, 0};
	bool ok;

	skip_blanks(r);
	if (eat(r, '}'))
		return true;
	do {
		ok = read_member(r, &keys, depth);
	} while (ok && eat(r, ','));
	while (keys.count > 0)
		free(keys.list[--keys.count].text);
	free(keys.list);
	return ok && eat(r, '}');
}

/* With the blanks around it. depth: of lists that are open. */
static bool read_value(struct reader *r, unsigned int depth)
{
	struct string s = {NULL, 0, 0};
	bool ok;

	skip_blanks(r);
	if ((peek(r) == '[' || peek(r) == '{') && depth == DEPTH_MAX) {
		/* Too deep: whether the rest is JSON is not asked. */
		r->refused = true;
		r->at = r->end;
		return false;
	}
	if (eat(r, '['))
		ok = read_array(r, depth + 1);
	else if (eat(r, '{'))
		ok = read_object(r, depth + 1);
	else if (peek(r) == '"')
		ok = read_string(r, &s);
	else if (peek(r) == 't' || peek(r) == 'f' || peek(r) == 'n')
		ok = eat_word(r, peek(r) == 't'	  ? "true"
				 : peek(r) == 'f' ? "false"
						  : "null");
	else
		ok = read_number(r);
	free(s.text);
	skip_blanks(r);
	return ok;
}

enum model_json model_json(const char *text, size_t size)
{
	struct reader r = {(const uint8_t *)text, (const uint8_t *)text + size,
			   false};
	bool ok = read_value(&r, 0) && r.at == r.end;

	if (r.refused)
		return MODEL_JSON_REFUSED;
	return ok ? MODEL_JSON : MODEL_NOT_JSON;
}
