/* SPDX-License-Identifier: MIT */
/* Short-lived programs: started, listened to, and ended. */
#include "daemon/host/run.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <event2/buffer.h>
#include <event2/event.h>

#include "base/scope.h"

#define READ_BYTES 4096

struct run {
	pid_t pid; /* its group's, too; 0: not yet, or reaped */
	int pidfd; /* owned */
	int out;   /* owned: what it says */
	bool late;
	struct evbuffer *text;			/* owned */
	struct event *heard, *exited, *overdue; /* owned */
	const struct run_ops *ops;		/* borrowed */
	void *arg;
};

/* ---- what it says ---- */

/* What cannot be read for want of memory is left to hear_rest. */
static void on_heard(evutil_socket_t fd, short what, void *arg)
{
	struct run *r = arg;
	int n = evbuffer_read(r->text, fd, READ_BYTES);

	(void)what;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0 || !r->ops->heard(r->text, false, r->arg))
		event_del(r->heard);
}

/* What it has left running may hold the pipe: no waiting for its end. */
static void hear_rest(struct run *r)
{
	while (evbuffer_read(r->text, r->out, READ_BYTES) > 0)
		if (!r->ops->heard(r->text, true, r->arg))
			return;
}

/* ---- its end ---- */

static void on_exited(evutil_socket_t fd, short what, void *arg)
{
	struct run *r = arg;
	enum run_outcome how = RUN_SIGNALED;
	siginfo_t info = {0};

	(void)fd;
	(void)what;
	if (waitid(P_PIDFD, (id_t)r->pidfd, &info, WEXITED | WNOHANG) < 0 ||
	    info.si_pid == 0)
		return;
	r->pid = 0;
	event_del(r->exited);
	event_del(r->overdue);
	event_del(r->heard);
	hear_rest(r);
	if (r->late)
		how = RUN_LATE;
	else if (info.si_code == CLD_EXITED)
		how = RUN_EXITED;
	r->ops->ended(how, info.si_status, r->text, r->arg);
}

void run_kill(struct run *r)
{
	if (r->pid > 0)
		kill(-r->pid, SIGKILL);
}

void run_stop(struct run *r)
{
	run_kill(r);
	if (r->pid > 0)
		waitpid(r->pid, NULL, 0);
	r->pid = 0;
}

static void on_overdue(evutil_socket_t fd, short what, void *arg)
{
	struct run *r = arg;

	(void)fd;
	(void)what;
	r->late = true;
	run_kill(r);
}

/* ---- its start ---- */

/* Its descriptors: null, and the pipe twice. */
static int spawn(struct run *run, const struct run_command *c, int out)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none, all;
	pid_t pid;
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
	/*
	 * A session is a process group, too: killed as one. And the terminal's
	 * Ctrl-C is not for it.
	 */
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK |
						POSIX_SPAWN_SETSIGDEF |
						POSIX_SPAWN_SETSID);
	r = posix_spawn(&pid, c->path, &files, &attr, c->argv, c->env);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&files);
	if (r == 0)
		run->pid = pid;
	return -r;
}

/* Its end, for the program, must wait when it is full; ours must not. */
static int open_pipe(struct run *r, int *theirs)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	r->out = ends[0];
	*theirs = ends[1];
	return fcntl(r->out, F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;
}

static int watch(struct run *r, struct event_base *base, unsigned int limit_s)
{
	const struct timeval limit = {limit_s, 0};

	r->pidfd = (int)syscall(SYS_pidfd_open, r->pid, 0);
	if (r->pidfd < 0)
		return -errno;
	r->text = evbuffer_new();
	r->heard = event_new(base, r->out, EV_READ | EV_PERSIST, on_heard, r);
	r->overdue = evtimer_new(base, on_overdue, r);
	r->exited =
		event_new(base, r->pidfd, EV_READ | EV_PERSIST, on_exited, r);
	if (!r->text || !r->heard || !r->overdue || !r->exited ||
	    event_add(r->exited, NULL) < 0 || event_add(r->heard, NULL) < 0 ||
	    evtimer_add(r->overdue, &limit) < 0)
		return -ENOMEM;
	return 0;
}

int run_start(struct run **run, struct event_base *base,
	      const struct run_command *command, const struct run_ops *ops,
	      void *arg)
{
	struct run *r = calloc(1, sizeof(*r));
	scoped_fd theirs = -1;
	int rc;

	if (!r)
		return -ENOMEM;
	r->out = -1;
	r->pidfd = -1;
	r->ops = ops;
	r->arg = arg;
	rc = open_pipe(r, &theirs);
	if (rc == 0)
		rc = spawn(r, command, theirs);
	if (rc == 0)
		rc = watch(r, base, command->limit_s);
	if (rc == 0) {
		*run = r;
		return 0;
	}
	run_stop(r);
	run_free(r);
	return rc;
}

void run_free(struct run *r)
{
	if (!r)
		return;
	if (r->heard)
		event_free(r->heard);
	if (r->exited)
		event_free(r->exited);
	if (r->overdue)
		event_free(r->overdue);
	if (r->text)
		evbuffer_free(r->text);
	fd_drop(&r->pidfd);
	fd_drop(&r->out);
	free(r);
}
