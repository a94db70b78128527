/* SPDX-License-Identifier: MIT */
/* Running hotplug scripts, listening to them, and ending them. */
#include "daemon/worker/script.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <event2/buffer.h>
#include <event2/event.h>

#include "base/err.h"
#include "base/log.h"
#include "base/scope.h"
#include "base/text.h"

#define LINE_BYTES_MAX 512
#define LINES_MAX      100 /* of one run */
#define READ_BYTES     4096

struct script {
	pid_t pid; /* 0 once it is reaped */
	int pidfd; /* owned */
	int out;   /* owned: what it says */
	unsigned int lines;
	unsigned int limit_s;
	bool late;
	bool killed; /* by order */
	struct evbuffer *text;
	struct event *heard, *exited, *overdue; /* owned */
	char name[128];				/* "block add" */
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

static void say_lines(struct script *s, bool all)
{
	char rest[LINE_BYTES_MAX];
	char *line;
	int n;

	while ((line = evbuffer_readln(s->text, NULL, EVBUFFER_EOL_LF))) {
		say_line(s, line);
		free(line);
	}
	while (evbuffer_get_length(s->text) >= (all ? 1 : sizeof(rest) - 1)) {
		n = evbuffer_remove(s->text, rest, sizeof(rest) - 1);
		if (n <= 0)
			break;
		rest[n] = '\0';
		say_line(s, rest);
	}
}

static void on_heard(evutil_socket_t fd, short what, void *arg)
{
	struct script *s = arg;

	(void)what;
	if (evbuffer_read(s->text, fd, READ_BYTES) == 0)
		event_del(s->heard);
	say_lines(s, false);
}

/* ---- its end ---- */

static int outcome(const struct script *s, const siginfo_t *info, struct err *e)
{
	if (s->late)
		return err_set(e, ETIMEDOUT,
			       "%s: has not ended in %u seconds, and was "
			       "killed",
			       s->name, s->limit_s);
	if (s->killed)
		return err_set(e, ECANCELED, "%s: was killed", s->name);
	if (info->si_code != CLD_EXITED)
		return err_set(e, EPIPE, "%s: was killed by signal %d", s->name,
			       info->si_status);
	if (info->si_status != 0)
		return err_set(e, EIO, "%s: ended with status %d", s->name,
			       info->si_status);
	return 0;
}

static void on_exited(evutil_socket_t fd, short what, void *arg)
{
	struct script *s = arg;
	siginfo_t info = {0};
	struct err e;
	int rc;

	(void)fd;
	(void)what;
	if (waitid(P_PIDFD, (id_t)s->pidfd, &info, WEXITED | WNOHANG) < 0 ||
	    info.si_pid == 0)
		return;
	s->pid = 0;
	event_del(s->exited);
	event_del(s->overdue);
	event_del(s->heard);
	/* What it has left running may hold the pipe: no waiting for its end. */
	while (s->lines <= LINES_MAX &&
	       evbuffer_read(s->text, s->out, READ_BYTES) > 0)
		say_lines(s, false);
	say_lines(s, true);
	rc = outcome(s, &info, &e);
	s->done(rc < 0 ? &e : NULL, s->arg);
}

static void kill_group(const struct script *s)
{
	if (s->pid > 0)
		kill(-s->pid, SIGKILL);
}

static void on_overdue(evutil_socket_t fd, short what, void *arg)
{
	struct script *s = arg;

	(void)fd;
	(void)what;
	s->late = true;
	kill_group(s);
}

void script_kill(struct script *s)
{
	s->killed = true;
	kill_group(s);
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

/* Its descriptors: null, and the pipe twice. */
static int spawn(struct script *s, const struct script_run *run, int out,
		 char **env)
{
	char *const argv[] = {(char *)run->path, (char *)run->verb,
			      (char *)run->word, NULL};
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none, all;
	int r;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&files);
	posix_spawnattr_init(&attr);
	posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&files, out, 1);
	posix_spawn_file_actions_adddup2(&files, out, 2);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &all);
	/* A session is a process group, too: killed as one. */
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK |
						POSIX_SPAWN_SETSIGDEF |
						POSIX_SPAWN_SETSID);
	r = posix_spawn(&s->pid, run->path, &files, &attr, argv, env);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&files);
	return r;
}

static int spawn_told(struct script *s, const struct script_run *run, int out)
{
	scoped_str script = text_format("script=%s", run->path);
	scoped_str type = text_format("XENBUS_TYPE=%s", run->type);
	scoped_str node = text_format("XENBUS_PATH=%s", run->node);
	char base[] = "XENBUS_BASE_PATH=backend";
	char *told[4 + SCRIPT_MORE] = {script, type, node, base};
	size_t n = 4, i;
	char **env;
	int r = ENOMEM;

	if (!script || !type || !node)
		return ENOMEM;
	for (i = 0; i < SCRIPT_MORE; i++)
		if (run->more[i])
			told[n++] = (char *)run->more[i];
	env = make_env(told, n);
	if (env)
		r = spawn(s, run, out, env);
	free(env);
	return r;
}

/* Its end, for the script, must wait when it is full; ours must not. */
static int open_pipe(struct script *s, int *theirs)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	s->out = ends[0];
	*theirs = ends[1];
	return fcntl(s->out, F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;
}

static int watch(struct script *s, struct event_base *base)
{
	struct timeval limit = {s->limit_s, 0};

	s->pidfd = (int)syscall(SYS_pidfd_open, s->pid, 0);
	if (s->pidfd < 0)
		return -errno;
	s->text = evbuffer_new();
	s->heard = event_new(base, s->out, EV_READ | EV_PERSIST, on_heard, s);
	s->overdue = evtimer_new(base, on_overdue, s);
	s->exited =
		event_new(base, s->pidfd, EV_READ | EV_PERSIST, on_exited, s);
	if (!s->text || !s->heard || !s->overdue || !s->exited ||
	    event_add(s->exited, NULL) < 0 || event_add(s->heard, NULL) < 0 ||
	    evtimer_add(s->overdue, &limit) < 0)
		return -ENOMEM;
	return 0;
}

static struct script *script_alloc(const struct script_run *run,
				   script_cb *done, void *arg)
{
	struct script *s = calloc(1, sizeof(*s));
	const char *slash = strrchr(run->path, '/');
	char shown[96];

	if (!s)
		return NULL;
	s->out = -1;
	s->pidfd = -1;
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
	scoped_fd theirs = -1;
	int rc;

	if (!s) {
		err_set(e, ENOMEM, "no memory for a script");
		return NULL;
	}
	rc = open_pipe(s, &theirs);
	if (rc == 0)
		rc = -spawn_told(s, run, theirs);
	if (rc < 0) {
		s->pid = 0;
		err_errno(e, -rc, "%s: cannot be started", s->name);
		goto fail;
	}
	rc = watch(s, base);
	if (rc < 0) {
		err_errno(e, -rc, "%s: cannot be watched", s->name);
		kill_group(s);
		waitpid(s->pid, NULL, 0);
		goto fail;
	}
	log_info("%s: %s: started", s->log_name, s->name);
	return s;

fail:
	script_free(s);
	return NULL;
}

void script_free(struct script *s)
{
	if (!s)
		return;
	if (s->heard)
		event_free(s->heard);
	if (s->exited)
		event_free(s->exited);
	if (s->overdue)
		event_free(s->overdue);
	if (s->text)
		evbuffer_free(s->text);
	fd_drop(&s->pidfd);
	fd_drop(&s->out);
	free(s);
}
