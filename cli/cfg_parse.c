/* SPDX-License-Identifier: MIT */
/* A recursive-descent parser for the xl.cfg dialect. */
#include "cli/cfg_parse.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/scope.h"
#include "base/text.h"
#include "cli/cfg.h"
#include "cli/notes.h"

/* vnuma, the deepest of xl's keys, has lists in a list. */
#define MAX_DEPTH 8

struct parser {
	struct cfg *cfg;
	struct notes *notes;
	struct cfg_lex lex;
	struct cfg_token token; /* the one looked at */
};

static bool fail(struct parser *p, const char *expected)
{
	char found[96];

	notes_error(p->notes, &p->token.pos, "expected %s, found %s", expected,
		    cfg_token_describe(&p->token, found, sizeof(found)));
	return false;
}

/* Looks at the next token. False when there is none that means anything. */
static bool advance(struct parser *p)
{
	struct err e;

	free(p->token.text);
	p->token.text = NULL;
	if (cfg_lex_next(&p->lex, &p->token, &e) == 0)
		return true;
	notes_error(p->notes, &p->token.pos, "%s", e.text);
	return false;
}

static bool skip_newlines(struct parser *p)
{
	while (p->token.type == CFG_TOKEN_NEWLINE)
		if (!advance(p))
			return false;
	return true;
}

static struct cfg_value *parse_value(struct parser *p, unsigned int depth);

/* The list's "[" has been seen. Newlines may stand between its items. */
static bool parse_items(struct parser *p, struct cfg_value *list,
			unsigned int depth)
{
	struct cfg_value *item;

	for (;;) {
		if (!skip_newlines(p))
			return false;
		if (p->token.type == CFG_TOKEN_CLOSE)
			return true;
		item = parse_value(p, depth);
		if (!item)
			return false;
		if (!cfg_value_push(list, item)) {
			notes_error(p->notes, &list->pos, "out of memory");
			return false;
		}
		if (!skip_newlines(p))
			return false;
		if (p->token.type == CFG_TOKEN_CLOSE)
			return true;
		if (p->token.type != CFG_TOKEN_COMMA)
			return fail(p, "\",\" or \"]\" in the list");
		if (!advance(p))
			return false;
	}
}

static struct cfg_value *parse_list(struct parser *p, unsigned int depth)
{
	struct cfg_value *list = cfg_value_new(CFG_LIST, &p->token.pos);

	if (!list || depth > MAX_DEPTH)
		notes_error(p->notes, &p->token.pos, "%s",
			    list ? "lists nest too deeply" : "out of memory");
	else if (advance(p) && parse_items(p, list, depth) && advance(p))
		return list;
	cfg_value_free(list);
	return NULL;
}

/* NULL with an error noted. */
static struct cfg_value *parse_value(struct parser *p, unsigned int depth)
{
	struct cfg_value *v;

	switch (p->token.type) {
	case CFG_TOKEN_OPEN:
		return parse_list(p, depth + 1);
	case CFG_TOKEN_STRING:
	case CFG_TOKEN_NUMBER:
		break;
	case CFG_TOKEN_WORD:
		fail(p, "a number, a [list] or a string in quotes");
		return NULL;
	default:
		fail(p, "a value");
		return NULL;
	}
	v = cfg_value_new(p->token.type == CFG_TOKEN_STRING ? CFG_STRING
							    : CFG_NUMBER,
			  &p->token.pos);
	if (!v) {
		notes_error(p->notes, &p->token.pos, "out of memory");
		return NULL;
	}
	v->text = str_take(&p->token.text);
	if (!advance(p)) {
		cfg_value_free(v);
		return NULL;
	}
	return v;
}

static bool ends_setting(enum cfg_token_type type)
{
	return type == CFG_TOKEN_NEWLINE || type == CFG_TOKEN_SEMICOLON ||
	       type == CFG_TOKEN_END;
}

static bool parse_setting(struct parser *p)
{
	scoped_str key = str_take(&p->token.text);
	struct cfg_pos pos = p->token.pos;
	struct cfg_value *value;
	bool add;

	if (!advance(p))
		return false;
	add = p->token.type == CFG_TOKEN_ADD;
	if (!add && p->token.type != CFG_TOKEN_SET)
		return fail(p, "\"=\" after the key");
	if (!advance(p))
		return false;
	value = parse_value(p, 0);
	if (!value)
		return false;
	if (!ends_setting(p->token.type)) {
		cfg_value_free(value);
		return fail(p, "the end of the line after the value");
	}
	cfg_set(p->cfg, &pos, key, add, value, p->notes);
	return true;
}

void cfg_parse_text(struct cfg *cfg, const char *source, const char *text,
		    size_t size, struct notes *notes)
{
	struct parser p = {.cfg = cfg, .notes = notes};
	bool ok;

	cfg_lex_start(&p.lex, source, text, size);
	ok = advance(&p);
	while (ok && p.token.type != CFG_TOKEN_END) {
		if (ends_setting(p.token.type))
			ok = advance(&p);
		else if (p.token.type == CFG_TOKEN_WORD)
			ok = parse_setting(&p);
		else
			ok = fail(&p, "a key");
	}
	free(p.token.text);
}

/* A number, and then nothing but blanks, a ';' or a comment. */
static bool is_number(const char *value)
{
	size_t digits = strspn(value, "0123456789abcdefx");

	value += digits;
	value += strspn(value, " \t");
	return digits && (*value == '\0' || strchr(";#\n", *value));
}

void cfg_parse_argument(struct cfg *cfg, const char *argument,
			struct notes *notes)
{
	static const char source[] = "command line";
	const char *equals = strchr(argument, '=');
	const char *start = equals ? equals + 1 : NULL;
	scoped_str quoted = NULL;
	char *out;

	if (start)
		start += strspn(start, " \t");
	if (!start || !*start || strchr("\"'[", *start) ||
	    (*start >= '0' && *start <= '9' && is_number(start))) {
		cfg_parse_text(cfg, source, argument, strlen(argument), notes);
		return;
	}
	quoted = malloc(2 * strlen(argument) + 3);
	if (!quoted) {
		notes_error(notes, &(struct cfg_pos){source, 1, 1},
			    "out of memory");
		return;
	}
	out = mempcpy(quoted, argument, (size_t)(start - argument));
	*out++ = '"';
	for (; *start; start++) {
		if (*start == '"' || *start == '\\')
			*out++ = '\\';
		*out++ = *start;
	}
	*out++ = '"';
	cfg_parse_text(cfg, source, quoted, (size_t)(out - quoted), notes);
}
