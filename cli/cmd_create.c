/* SPDX-License-Identifier: MIT */
/* xn create: a file and some arguments become a guest. */
#include "cli/commands.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/scope.h"
#include "cli/args.h"
#include "cli/cfg.h"
#include "cli/cfg_domain.h"
#include "cli/cfg_file.h"
#include "cli/cfg_parse.h"
#include "cli/console.h"
#include "cli/notes.h"
#include "cli/progress.h"
#include "cli/say.h"
#include "cli/xnd.h"
#include "json/json.h"

struct create {
	struct args args;
	const char *file;
	bool console, dry_run, paused, quiet;
	struct cfg *cfg;
	struct notes notes;
};

static bool read_options(struct create *c)
{
	static const struct option names[] = {
		{"defconfig", required_argument, NULL, 'f'},
		{"dryrun", no_argument, NULL, 'n'},
		{"dry-run", no_argument, NULL, 'n'},
		{"quiet", no_argument, NULL, 'q'},
		ARGS_JSON_ROWS};
	int letter;

	while ((letter = args_next(&c->args, "cf:npq", names)) > 0) {
		if (letter == 'f')
			c->file = optarg;
		c->console |= letter == 'c';
		c->dry_run |= letter == 'n';
		c->paused |= letter == 'p';
		c->quiet |= letter == 'q';
	}
	if (letter == 0 && c->console && (c->dry_run || c->args.json))
		args_misused(&c->args, "-c goes with neither -n nor --json");
	else
		return letter == 0;
	return false;
}

/* The words that are no settings: the file, if -f has not named it. */
static bool find_file(struct create *c)
{
	int i;

	for (i = 0; i < c->args.count; i++) {
		const char *word = c->args.rest[i];

		if (strchr(word, '='))
			continue;
		if (c->file) {
			args_misused(&c->args,
				     "\"%s\" is too much: the file "
				     "is %s and a setting is KEY=VALUE",
				     word, c->file);
			return false;
		}
		c->file = word;
	}
	if (!c->file)
		args_misused(&c->args, "no file is given");
	return c->file != NULL;
}

/* The configuration for xnd; NULL after saying what is wrong with it. */
static struct json *read_config(struct create *c)
{
	struct json *config = NULL;
	scoped_str text = NULL;
	char cwd[PATH_MAX];
	size_t size;
	struct err e;
	int i;

	if (cfg_file_read(c->file, &text, &size, &e)) {
		say("%s", e.text);
		return NULL;
	}
	if (!getcwd(cwd, sizeof(cwd))) {
		say("the working directory is not known: %s", strerror(errno));
		return NULL;
	}
	cfg_parse_text(c->cfg, c->file, text, size, &c->notes);
	for (i = 0; i < c->args.count; i++)
		if (strchr(c->args.rest[i], '='))
			cfg_parse_argument(c->cfg, c->args.rest[i], &c->notes);
	if (!c->notes.errors)
		config = cfg_domain_build(c->cfg, c->file, cwd, &c->notes);
	notes_print(&c->notes, !c->quiet);
	return config;
}

/*
 * Whether message names key itself: for "disks[1].target" one with "target"
 * in it does, and one that begins with "disk ".
 */
static bool names_key(const char *message, const char *key)
{
	const char *dot = strrchr(key, '.');
	size_t before = strcspn(key, "["), kind = before ? before - 1 : 0;

	if (key[before] && kind && strncmp(message, key, kind) == 0 &&
	    message[kind] == ' ')
		return true;
	return strstr(message, dot ? dot + 1 : key) != NULL;
}

static void say_refused(const struct create *c, const char *name,
			const struct err *e)
{
	bool named = !e->key[0] || names_key(e->text, e->key);
	const char *key = named ? "" : e->key, *colon = named ? "" : ": ";
	struct cfg_pos pos;

	if (e->key[0] && cfg_domain_where(c->cfg, e->key, &pos))
		say("%s:%u:%u: %s%s%s", pos.source, pos.line, pos.column, key,
		    colon, e->text);
	else if (e->key[0])
		say("%s: %s%s%s", c->file, key, colon, e->text);
	else if (e->code == ENOTCONN || strncmp(e->text, "domain ", 7) == 0)
		say("%s", e->text);
	else
		say("domain %s: %s", name, e->text);
}

/* Takes config. NULL after saying why. */
static struct json *ask(const struct create *c, struct rpc_client *xnd,
			struct json *config)
{
	scoped_str name = strdup(json_get_string(config, "name"));
	struct json *params = json_new_object(), *result;
	struct progress progress;
	struct rpc_waiter waiter = {progress_wait, &progress};
	struct err e;

	json_set(params, "config", config);
	if (c->paused || c->console)
		json_set_bool(params, "paused", true);
	if (c->dry_run)
		json_set_bool(params, "dry_run", true);
	progress_start(&progress, "creating the domain");
	if (c->quiet)
		progress.on = false;
	result =
		rpc_client_call(xnd, METHOD_DOMAIN_CREATE, params, &waiter, &e);
	progress_stop(&progress);
	if (!result)
		say_refused(c, name ? name : "", &e);
	return result;
}

/* The console is attached while the guest is paused: no byte is missed. */
static int enter_console(const struct create *c, struct rpc_client *xnd,
			 const struct json *result)
{
	struct console console;
	char domid[24];
	bool ok;

	snprintf(domid, sizeof(domid), "%" PRId64,
		 json_get_int(result, "domid", -1));
	ok = console_open(&console, domid);
	if (!c->paused &&
	    !xnd_tell(xnd, METHOD_DOMAIN_UNPAUSE, xnd_about(domid), domid))
		ok = false;
	if (ok)
		return console_run(&console, CONSOLE_ESCAPE);
	console_close(&console);
	return EXIT_FAILED;
}

/* Takes result and, for a dry run, prints config in its place. */
static int report(const struct create *c, struct rpc_client *xnd,
		  const struct json *config, struct json *result)
{
	char name[128];
	int status = EXIT_OK;

	if (c->dry_run) {
		json_free(result);
		return say_json(json_copy(config));
	}
	if (c->args.json)
		return say_json(result);
	say_safely(json_get_string(config, "name"), name, sizeof(name));
	if (!c->quiet)
		printf("created domain %s, number %" PRId64 "\n", name,
		       json_get_int(result, "domid", -1));
	if (c->console)
		status = enter_console(c, xnd, result);
	json_free(result);
	return status;
}

static int create(const struct create *c, const struct json *config)
{
	struct rpc_client *xnd = xnd_open();
	struct json *copy = xnd ? json_copy(config) : NULL;
	struct json *result = NULL;
	int status = EXIT_FAILED;

	if (copy)
		result = ask(c, xnd, copy);
	else if (xnd)
		say("out of memory");
	if (result)
		status = report(c, xnd, config, result);
	rpc_client_close(xnd);
	return status;
}

int cmd_create(int argc, char **argv)
{
	struct create c = {.args = {.argc = argc, .argv = argv}};
	struct json *config;
	int status = EXIT_FAILED;

	if (!read_options(&c) || !find_file(&c))
		return c.args.status;
	c.cfg = cfg_new();
	if (!c.cfg)
		return say("out of memory");
	config = read_config(&c);
	if (config)
		status = create(&c, config);
	json_free(config);
	notes_drop(&c.notes);
	cfg_free(c.cfg);
	return status;
}
