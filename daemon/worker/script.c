/* SPDX-License-Identifier: MIT */
/* Running hotplug scripts, telling them things, and saying what they say. */
#include "daemon/worker/script.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <event2/buffer.h>

#include "base/err.h"
#include "base/log.h"
#include "base/text.h"
#include "daemon/host/run.h"

#define LINE_BYTES_MAX 512
#define LINES_MAX      100 /* of one run */

struct script {
	struct run *run; /* owned */
	unsigned int lines;
	unsigned int limit_s;
	bool killed;	/* by order */
	char name[128]; /* "block add" */
	char log_name[64];
	script_cb *done;
	void *arg;
};

extern char **environ;

int script_check(const char *path, struct err *e)
{
	char shown[128];
	struct stat st;

	text_escape(path, shown, sizeof(shown));
	if (stat(path, &st) < 0)
		return err_errno(e, errno, "script %s", shown);
	if (!S_ISREG(st.st_mode) || access(path, X_OK) < 0)
		return err_set(e, EACCES, "script %s: not a program", shown);
	return 0;
}

/* ---- what it says ---- */

static void say_line(struct script *s, const char *line)
{
	char shown[LINE_BYTES_MAX];

	if (s->lines++ < LINES_MAX)
		log_info("%s: %s: %s", s->log_name, s->name,
			 text_escape(line, shown, sizeof(shown)));
	else if (s->lines == LINES_MAX + 1)
		log_info("%s: %s: says more, which is left out", s->log_name,
			 s->name);
}

static void say_lines(struct script *s, struct evbuffer *text, bool all)
{
	char rest[LINE_BYTES_MAX];
	char *line;
	int n;

	while ((line = evbuffer_readln(text, NULL, EVBUFFER_EOL_LF))) {
		say_line(s, line);
		free(line);
	}
	while (evbuffer_get_length(text) >= (all ? 1 : sizeof(rest) - 1)) {
		n = evbuffer_remove(text, rest, sizeof(rest) - 1);
		if (n <= 0)
			break;
		rest[n] = '\0';
		say_line(s, rest);
	}
}

static bool on_heard(struct evbuffer *text, bool ended, void *arg)
{
	struct script *s = arg;

	say_lines(s, text, false);
	return !ended || s->lines <= LINES_MAX;
}

/* ---- its end ---- */

static int outcome(const struct script *s, enum run_outcome how, int number,
		   struct err *e)
{
	if (how == RUN_LATE)
		return err_set(e, ETIMEDOUT,
			       "%s: has not ended in %u seconds, and was "
			       "killed",
			       s->name, s->limit_s);
	if (s->killed)
		return err_set(e, ECANCELED, "%s: was killed", s->name);
	if (how == RUN_SIGNALED)
		return err_set(e, EPIPE, "%s: was killed by signal %d", s->name,
			       number);
	if (number != 0)
		return err_set(e, EIO, "%s: ended with status %d", s->name,
			       number);
	return 0;
}

static void on_ended(enum run_outcome how, int number, struct evbuffer *text,
		     void *arg)
{
	struct script *s = arg;
	struct err e;
	int rc;

	say_lines(s, text, true);
	rc = outcome(s, how, number, &e);
	s->done(rc < 0 ? &e : NULL, s->arg);
}

void script_kill(struct script *s)
{
	s->killed = true;
	run_kill(s->run);
}

int script_verdict(const struct err *ended, const char *status,
		   const char *words, struct err *e)
{
	char shown[160];

	/* What the script says in words goes before how it ended. */
	if (words && *words)
		return err_set(e, ended ? ended->code : EIO, "its script: %s",
			       text_escape(words, shown, sizeof(shown)));
	if (ended) {
		*e = *ended;
		return -e->code;
	}
	if (status && strcmp(status, "connected") != 0)
		return err_set(e, EIO, "its script says in hotplug-status: %s",
			       text_escape(status, shown, sizeof(shown)));
	return 0;
}

/* ---- its start ---- */

/* Ours, but for what it is told by name. The strings of told are borrowed. */
static char **make_env(char *const *told, size_t n)
{
	size_t count = 0, used = 0, i;
	char **env;

	while (environ[count])
		count++;
	env = calloc(count + n + 1, sizeof(*env));
	if (!env)
		return NULL;
	for (count = 0; environ[count]; count++) {
		for (i = 0; i < n; i++)
			if (strncmp(environ[count], told[i],
				    strcspn(told[i], "=") + 1) == 0)
				break;
		if (i == n)
			env[used++] = environ[count];
	}
	memcpy(env + used, told, n * sizeof(*env));
	return env;
}

static int run_told(struct script *s, struct event_base *base,
		    const struct script_run *run, char *const *told, size_t n)
{
	static const struct run_ops ops = {on_heard, on_ended};
	char *const argv[] = {(char *)run->path, (char *)run->verb,
			      (char *)run->word, NULL};
	char **env = make_env(told, n);
	const struct run_command command = {run->path, argv, env, run->limit_s};
	int rc = env ? run_start(&s->run, base, &command, &ops, s) : -ENOMEM;

	free(env);
	return rc;
}

static int run_script(struct script *s, struct event_base *base,
		      const struct script_run *run)
{
	const struct script_word words[4 + SCRIPT_MORE] = {
		{"script", run->path},
		{"XENBUS_TYPE", run->type},
		{"XENBUS_PATH", run->node},
		{"XENBUS_BASE_PATH", "backend"},
		run->more[0],
		run->more[1],
	};
	char *told[4 + SCRIPT_MORE];
	size_t n = 0, i;
	int rc = 0;

	for (i = 0; rc == 0 && i < 4 + SCRIPT_MORE; i++) {
		if (!words[i].value)
			continue;
		told[n] = text_format("%s=%s", words[i].name, words[i].value);
		if (told[n])
			n++;
		else
			rc = -ENOMEM;
	}
	if (rc == 0)
		rc = run_told(s, base, run, told, n);
	while (n > 0)
		free(told[--n]);
	return rc;
}

static struct script *script_alloc(const struct script_run *run,
				   script_cb *done, void *arg)
{
	struct script *s = calloc(1, sizeof(*s));
	const char *slash = strrchr(run->path, '/');
	char shown[96];

	if (!s)
		return NULL;
	s->limit_s = run->limit_s;
	s->done = done;
	s->arg = arg;
	text_escape(slash ? slash + 1 : run->path, shown, sizeof(shown));
	snprintf(s->name, sizeof(s->name), "%s %s", shown, run->verb);
	snprintf(s->log_name, sizeof(s->log_name), "%s", run->log_name);
	return s;
}

struct script *script_start(struct event_base *base,
			    const struct script_run *run, script_cb *done,
			    void *arg, struct err *e)
{
	struct script *s = script_alloc(run, done, arg);
	int rc;

	if (!s) {
		err_set(e, ENOMEM, "no memory for a script");
		return NULL;
	}
	rc = run_script(s, base, run);
	if (rc < 0) {
		err_errno(e, -rc, "%s: cannot be started", s->name);
		script_free(s);
		return NULL;
	}
	log_info("%s: %s: started", s->log_name, s->name);
	return s;
}

void script_free(struct script *s)
{
	if (!s)
		return;
	run_free(s->run);
	free(s);
}
