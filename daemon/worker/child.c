/* SPDX-License-Identifier: MIT */
/* Starting worker processes, and outliving them. */
#include "daemon/worker/process_inside.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <event2/event.h>

#include "base/err.h"
#include "base/log.h"
#include "base/scope.h"
#include "base/text.h"
#include "chan/worker.h"

#define CHILD_ARGS_MAX 5

struct child {
	struct process p; /* first */
	pid_t pid;
	int pidfd;	      /* owned */
	struct event *exited; /* owned */
};

extern char **environ;

static struct child *child_of(const struct process *p)
{
	return (struct child *)p;
}

static void child_kill(struct process *p)
{
	kill(child_of(p)->pid, SIGKILL);
}

/* A worker without its channel is on its way out, or must go. */
static void child_unheard(struct process *p)
{
	process_stop(p, 1000);
}

static pid_t child_pid(const struct process *p)
{
	return child_of(p)->pid;
}

static void child_free(struct process *p)
{
	struct child *c = child_of(p);

	if (c->exited)
		event_free(c->exited);
	fd_drop(&c->pidfd);
}

static const struct process_origin child_origin = {
	.kill = child_kill,
	.unheard = child_unheard,
	.pid = child_pid,
	.free = child_free,
};

static void on_exited(evutil_socket_t fd, short what, void *arg)
{
	struct child *c = arg;
	siginfo_t info = {0};
	char how[80];

	(void)fd;
	(void)what;
	if (waitid(P_PIDFD, (id_t)c->pidfd, &info, WEXITED | WNOHANG) < 0 ||
	    info.si_pid == 0)
		return;
	event_del(c->exited);
	if (info.si_code == CLD_EXITED)
		snprintf(how, sizeof(how), "%s exited with %d", c->p.program,
			 info.si_status);
	else
		snprintf(how, sizeof(how), "%s was killed by signal %d",
			 c->p.program, info.si_status);
	process_ended(&c->p, how);
}

/* The child's descriptors: null, null, our stderr, the channel. */
static int spawn(const char *path, const char *const *args, uint32_t user,
		 int chan_fd, pid_t *pid)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	char *argv[1 + CHILD_ARGS_MAX + 2] = {strrchr(path, '/') + 1};
	char become[24];
	unsigned int n;
	sigset_t none, all;
	int r;

	for (n = 0; args && args[n] && n < CHILD_ARGS_MAX; n++)
		argv[1 + n] = (char *)args[n];
	assert(!args || !args[n]);
	snprintf(become, sizeof(become), WORKER_USER_ARG "%u", user);
	if (user)
		argv[1 + n] = become;
	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&files);
	posix_spawnattr_init(&attr);
	posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDWR, 0);
	posix_spawn_file_actions_adddup2(&files, 0, 1);
	posix_spawn_file_actions_adddup2(&files, chan_fd, WORKER_CHANNEL_FD);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &all);
	/* A session of its own: the terminal's Ctrl-C is not for workers. */
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK |
						POSIX_SPAWN_SETSIGDEF |
						POSIX_SPAWN_SETSID);
	r = posix_spawn(pid, path, &files, &attr, argv, environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&files);
	return r;
}

/* From now on its end is noticed. */
static int watch(struct child *c, struct event_base *base, struct err *e)
{
	c->pidfd = (int)syscall(SYS_pidfd_open, c->pid, 0);
	c->exited =
		event_new(base, c->pidfd, EV_READ | EV_PERSIST, on_exited, c);
	if (c->pidfd >= 0 && c->exited && event_add(c->exited, NULL) == 0)
		return 0;
	err_errno(e, errno, "cannot watch %s", c->p.program);
	kill(c->pid, SIGKILL);
	waitpid(c->pid, NULL, 0);
	return -e->code;
}

struct process *process_start(struct event_base *base, const char *program,
			      const char *const *args, uint32_t user,
			      const struct process_ops *ops, void *arg,
			      struct err *e)
{
	struct child *c = calloc(1, sizeof(*c));
	scoped_str path = text_format("%s/%s", process_dir(), program);
	scoped_fd theirs = -1;
	int r;

	if (!c || !path) {
		err_set(e, ENOMEM, "no memory for a worker");
		free(c);
		return NULL;
	}
	c->pidfd = -1;
	if (process_init(&c->p, base, &child_origin, program, ops, arg, &theirs,
			 e) < 0)
		goto fail;
	r = spawn(path, args, user, theirs, &c->pid);
	if (r) {
		err_errno(e, r, "cannot start %s", path);
		goto fail;
	}
	if (watch(c, base, e) < 0)
		goto fail;
	log_debug("%s: started, pid %d", program, (int)c->pid);
	return &c->p;

fail:
	process_free(&c->p);
	return NULL;
}
