/* SPDX-License-Identifier: MIT */
/* From the keys of xl.cfg to the configuration of the protocol. */
#include "cli/cfg_domain.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/scope.h"
#include "base/text.h"
#include "cli/cfg.h"
#include "cli/cfg_disk.h"
#include "cli/cfg_keys.h"
#include "cli/cfg_vif.h"
#include "cli/notes.h"
#include "json/json.h"

struct build {
	const struct cfg *cfg;
	const char *cwd;
	struct json *config; /* being filled */
	struct notes *notes;
};

/* 0, "" and [] ask for nothing. */
static bool asks_for_nothing(const struct cfg_value *v)
{
	char *end;

	if (v->type == CFG_LIST)
		return v->count == 0;
	return v->text[0] == '\0' || (strtoull(v->text, &end, 0) == 0 && !*end);
}

static void check_key(const struct cfg_setting *s, struct notes *notes)
{
	const struct cfg_key *key = cfg_key_find(s->key);
	const char *near = key ? NULL : cfg_key_nearest(s->key);

	if (near)
		notes_warn(notes, &s->pos,
			   "%s is unknown and ignored; is %s meant?", s->key,
			   near);
	else if (!key)
		notes_warn(notes, &s->pos, "%s is unknown and ignored", s->key);
	else if (key->use == CFG_KEY_IGNORED)
		notes_warn(notes, &s->pos, "%s is ignored: %s", s->key,
			   key->note);
	else if (key->use == CFG_KEY_REFUSED && !asks_for_nothing(s->value))
		notes_error(notes, &s->pos, "not supported by xn yet: %s; %s",
			    s->key, key->note ? key->note : "remove it");
}

/* The text of a setting that is no list; NULL when absent or refused. */
static const char *get_text(const struct build *b, const char *key)
{
	const struct cfg_setting *s = cfg_find(b->cfg, key);

	if (!s)
		return NULL;
	if (s->value->type != CFG_LIST)
		return s->value->text;
	notes_error(b->notes, &s->value->pos,
		    "%s must be one value, not a list", key);
	return NULL;
}

static void put_text(const struct build *b, const char *key)
{
	const char *text = get_text(b, key);

	if (text && !*text)
		notes_error(b->notes, &cfg_find(b->cfg, key)->value->pos,
			    "%s is empty", key);
	else if (text)
		json_set_string(b->config, key, text);
}

/* Numbers are decimal, 0x… or octal with a leading 0, in quotes or not. */
static void put_number(const struct build *b, const char *key, const char *unit)
{
	const struct cfg_setting *s = cfg_find(b->cfg, key);
	const char *text = get_text(b, key);
	unsigned long long n;
	char *end = NULL;

	if (!text)
		return;
	if (s->extended) {
		notes_error(b->notes, &s->pos, "%s: += does not add numbers",
			    key);
		return;
	}
	errno = 0;
	n = strtoull(text, &end, 0);
	if (text[0] < '0' || text[0] > '9' || *end || errno || n == 0 ||
	    n > INT32_MAX)
		notes_error(b->notes, &s->value->pos,
			    "%s = \"%s\": must be a number from 1%s", key, text,
			    unit);
	else
		json_set_int(b->config, key, (int64_t)n);
}

static void put_path(const struct build *b, const char *key)
{
	const char *text = get_text(b, key);
	scoped_str whole = NULL;

	if (!text)
		return;
	if (!*text || *text == '/') {
		put_text(b, key);
		return;
	}
	whole = text_format("%s/%s", strcmp(b->cwd, "/") ? b->cwd : "", text);
	json_set_string(b->config, key, whole);
}

/* As in xl: cmdline= alone, or root= and extra= put together. */
static void put_cmdline(const struct build *b)
{
	const char *cmdline = get_text(b, "cmdline");
	const char *root = get_text(b, "root");
	const char *extra = get_text(b, "extra");
	scoped_str text = NULL;

	if (cmdline && (root || extra))
		notes_warn(b->notes,
			   &cfg_find(b->cfg, root ? "root" : "extra")->pos,
			   "root and extra are ignored: cmdline is given");
	if (cmdline)
		text = strdup(cmdline);
	else if (root)
		text = text_format("root=%s%s%s", root, extra ? " " : "",
				   extra ? extra : "");
	else if (extra)
		text = strdup(extra);
	else
		return;
	json_set_string(b->config, "cmdline", text);
}

static void put_type(const struct build *b, const char *key, const char *pv)
{
	const char *text = get_text(b, key);
	const struct cfg_pos *pos;

	if (!text)
		return;
	pos = &cfg_find(b->cfg, key)->value->pos;
	if (strcmp(text, pv) == 0)
		json_set_string(b->config, "type", "pv");
	else if (strcmp(text, "hvm") == 0 ||
		 (strcmp(text, "pvh") == 0 && strcmp(key, "type") == 0))
		notes_error(b->notes, pos,
			    "not supported by xn yet: %s = \"%s\"; only PV "
			    "guests are",
			    key, text);
	else
		notes_error(b->notes, pos, "%s = \"%s\": must be \"%s\"", key,
			    text, pv);
}

static void put_action(const struct build *b, const char *key)
{
	static const char *const later[] = {"rename-restart",
					    "coredump-destroy",
					    "coredump-restart", "soft-reset"};
	const char *text = get_text(b, key);
	const struct cfg_pos *pos;
	size_t i;

	if (!text)
		return;
	if (strcmp(text, "destroy") == 0 || strcmp(text, "restart") == 0 ||
	    strcmp(text, "preserve") == 0) {
		json_set_string(b->config, key, text);
		return;
	}
	pos = &cfg_find(b->cfg, key)->value->pos;
	for (i = 0; i < sizeof(later) / sizeof(later[0]); i++) {
		if (strcmp(text, later[i]) != 0)
			continue;
		notes_error(b->notes, pos,
			    "not supported by xn yet: %s = \"%s\"; there are "
			    "destroy, restart and preserve",
			    key, text);
		return;
	}
	notes_error(b->notes, pos,
		    "%s = \"%s\": must be destroy, restart or preserve", key,
		    text);
}

/* How the items of a list are read; note may be NULL. */
struct device_form {
	const char *key;  /* in the file */
	const char *name; /* in the protocol */
	struct json *(*parse)(size_t count, const char *const *specs,
			      struct err *e);
	const char *(*note)(const char *spec);
};

static void put_device(const struct build *b, const struct device_form *form,
		       const struct cfg_value *item, struct json *list)
{
	const char *spec = item->text;
	struct json *device;
	const char *note;
	struct err e;

	if (item->type == CFG_LIST) {
		notes_error(b->notes, &item->pos,
			    "%s: must be a string, not a list", form->key);
		return;
	}
	device = form->parse(1, &spec, &e);
	if (!device) {
		notes_error(b->notes, &item->pos, "%s: %s", form->key, e.text);
		return;
	}
	json_push(list, device);
	note = form->note ? form->note(spec) : NULL;
	if (note)
		notes_warn(b->notes, &item->pos, "%s: %s", form->key, note);
}

/* A list of strings, each of which becomes an object. */
static void put_devices(const struct build *b, const struct device_form *form)
{
	const char *key = form->key;
	const struct cfg_setting *s = cfg_find(b->cfg, key);
	struct json *list;
	size_t i;

	if (!s)
		return;
	if (s->value->type != CFG_LIST) {
		notes_error(b->notes, &s->value->pos,
			    "%s must be a list: %s = [ \"…\" ]", key, key);
		return;
	}
	list = json_new_array();
	for (i = 0; i < s->value->count; i++)
		put_device(b, form, s->value->items[i], list);
	json_set(b->config, form->name, list);
}

static void check_required(const struct build *b, const char *source)
{
	static const char *const required[] = {"name", "memory", "kernel"};
	const struct cfg_pos whole = {.source = source};
	size_t i;

	for (i = 0; i < sizeof(required) / sizeof(required[0]); i++)
		if (!cfg_find(b->cfg, required[i]))
			notes_error(b->notes, &whole, "%s is missing",
				    required[i]);
}

/* A tree that memory ran out for cannot be printed. */
static void check_whole(const struct build *b, const char *source)
{
	scoped_str text = json_print(b->config, false);

	if (!text)
		notes_error(b->notes, &(struct cfg_pos){.source = source},
			    "out of memory");
}

static const struct device_form disk_form = {"disk", "disks", cfg_disk_parse,
					     NULL};
static const struct device_form vif_form = {"vif", "vifs", cfg_vif_parse,
					    cfg_vif_note};

struct json *cfg_domain_build(const struct cfg *cfg, const char *source,
			      const char *cwd, struct notes *notes)
{
	struct build b = {cfg, cwd, json_new_object(), notes};
	const struct cfg_setting *s;

	TAILQ_FOREACH(s, cfg, link)
		check_key(s, notes);
	check_required(&b, source);
	put_text(&b, "name");
	put_text(&b, "uuid");
	put_type(&b, "builder", "generic");
	put_type(&b, "type", "pv");
	put_number(&b, "memory", ", in MiB");
	put_number(&b, "maxmem", ", in MiB");
	put_number(&b, "vcpus", "");
	put_number(&b, "maxvcpus", "");
	put_path(&b, "kernel");
	put_path(&b, "ramdisk");
	put_cmdline(&b);
	put_devices(&b, &disk_form);
	put_devices(&b, &vif_form);
	put_action(&b, "on_poweroff");
	put_action(&b, "on_reboot");
	put_action(&b, "on_crash");
	put_action(&b, "on_watchdog");
	check_whole(&b, source);
	if (!notes->errors)
		return b.config;
	json_free(b.config);
	return NULL;
}
