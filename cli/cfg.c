/* SPDX-License-Identifier: MIT */
/* The tree of a configuration. */
#include "cli/cfg.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/notes.h"

struct cfg *cfg_new(void)
{
	struct cfg *cfg = malloc(sizeof(*cfg));

	if (cfg)
		TAILQ_INIT(cfg);
	return cfg;
}

static void setting_free(struct cfg_setting *s)
{
	if (!s)
		return;
	free(s->key);
	cfg_value_free(s->value);
	free(s);
}

void cfg_free(struct cfg *cfg)
{
	struct cfg_setting *s;

	if (!cfg)
		return;
	while ((s = TAILQ_FIRST(cfg))) {
		TAILQ_REMOVE(cfg, s, link);
		setting_free(s);
	}
	free(cfg);
}

static struct cfg_setting *find(const struct cfg *cfg, const char *key)
{
	struct cfg_setting *s;

	TAILQ_FOREACH(s, cfg, link)
		if (strcmp(s->key, key) == 0)
			return s;
	return NULL;
}

const struct cfg_setting *cfg_find(const struct cfg *cfg, const char *key)
{
	return find(cfg, key);
}

struct cfg_value *cfg_value_new(enum cfg_type type, const struct cfg_pos *pos)
{
	struct cfg_value *v = calloc(1, sizeof(*v));

	if (v) {
		v->type = type;
		v->pos = *pos;
	}
	return v;
}

void cfg_value_free(struct cfg_value *v)
{
	size_t i;

	if (!v)
		return;
	for (i = 0; i < v->count; i++)
		cfg_value_free(v->items[i]);
	free(v->items);
	free(v->text);
	free(v);
}

bool cfg_value_push(struct cfg_value *list, struct cfg_value *item)
{
	struct cfg_value **items = NULL;

	if (item)
		items = reallocarray(list->items, list->count + 1,
				     sizeof(struct cfg_value *));
	if (!items) {
		cfg_value_free(item);
		return false;
	}
	list->items = items;
	list->items[list->count++] = item;
	return true;
}

/* Puts the content of more behind that of v; more is left to be freed. */
static bool extend(struct cfg_value *v, struct cfg_value *more)
{
	size_t i;
	char *text;

	if (v->type != CFG_LIST) {
		text = text_format("%s%s", v->text, more->text);
		if (!text)
			return false;
		free(v->text);
		v->text = text;
		return true;
	}
	for (i = 0; i < more->count; i++) {
		if (!cfg_value_push(v, more->items[i])) {
			more->items[i] = NULL;
			return false;
		}
		more->items[i] = NULL;
	}
	return true;
}

static void add_to(struct cfg_setting *s, const struct cfg_pos *pos,
		   struct cfg_value *value, struct notes *notes)
{
	if ((s->value->type == CFG_LIST) != (value->type == CFG_LIST))
		notes_error(notes, pos,
			    "%s: += must add a list to a list or a string to "
			    "a string",
			    s->key);
	else if (!extend(s->value, value))
		notes_error(notes, pos, "out of memory");
	cfg_value_free(value);
	s->pos = *pos;
	s->extended = true;
}

static void replace(struct cfg_setting *s, const struct cfg_pos *pos,
		    struct cfg_value *value, struct notes *notes)
{
	if (s->pos.source == pos->source)
		notes_warn(notes, pos,
			   "%s was set on line %u already; this value counts",
			   s->key, s->pos.line);
	cfg_value_free(s->value);
	s->value = value;
	s->pos = *pos;
	s->extended = false;
}

void cfg_set(struct cfg *cfg, const struct cfg_pos *pos, const char *key,
	     bool add, struct cfg_value *value, struct notes *notes)
{
	struct cfg_setting *s = find(cfg, key);

	if (s && add) {
		add_to(s, pos, value, notes);
		return;
	}
	if (s) {
		replace(s, pos, value, notes);
		return;
	}
	s = calloc(1, sizeof(*s));
	if (s)
		s->key = strdup(key);
	if (!s || !s->key) {
		setting_free(s);
		cfg_value_free(value);
		notes_error(notes, pos, "out of memory");
		return;
	}
	s->pos = *pos;
	s->value = value;
	s->extended = add;
	TAILQ_INSERT_TAIL(cfg, s, link);
}
