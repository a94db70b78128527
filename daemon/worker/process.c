/* SPDX-License-Identifier: MIT */
/* Starting, stopping and outliving worker processes. */
#include "daemon/worker/process.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <event2/event.h>

#include "base/err.h"
#include "base/log.h"
#include "base/scope.h"
#include "base/text.h"
#include "chan/chan.h"
#include "chan/worker.h"

#define PROCESS_ARGS_MAX 5

struct process {
	pid_t pid;
	int pidfd;	       /* owned */
	const char *program;   /* borrowed */
	struct chan *chan;     /* owned; NULL once it ended */
	struct event *exited;  /* owned */
	struct event *overdue; /* owned: to answer, or to stop */
	bool stopping;
	unsigned int awaited_s;
	unsigned int late_s; /* not 0: killed after so long without answer */
	const struct process_ops *ops;
	void *arg;
};

extern char **environ;

static void on_message(const union msg *m, int *fds, unsigned int n, void *arg)
{
	struct process *p = arg;

	p->ops->on_message(m, fds, n, p->arg);
}

static void on_end(void *arg)
{
	struct process *p = arg;

	/* A worker without its channel is on its way out, or must go. */
	chan_free(p->chan);
	p->chan = NULL;
	process_stop(p, 1000);
}

static const struct chan_ops chan_ops = {on_message, on_end};

static void on_exited(evutil_socket_t fd, short what, void *arg)
{
	struct process *p = arg;
	siginfo_t info = {0};
	char why[80];

	(void)fd;
	(void)what;
	if (waitid(P_PIDFD, (id_t)p->pidfd, &info, WEXITED | WNOHANG) < 0 ||
	    info.si_pid == 0)
		return;
	event_del(p->exited);
	event_del(p->overdue);
	if (p->late_s)
		snprintf(why, sizeof(why), "%s has not answered in %u seconds",
			 p->program, p->late_s);
	else if (info.si_code == CLD_EXITED)
		snprintf(why, sizeof(why), "%s exited with %d", p->program,
			 info.si_status);
	else
		snprintf(why, sizeof(why), "%s was killed by signal %d",
			 p->program, info.si_status);
	p->pid = 0;
	p->ops->on_exit(why, p->arg);
}

static void on_overdue(evutil_socket_t fd, short what, void *arg)
{
	struct process *p = arg;

	(void)fd;
	(void)what;
	log_warn("%s (pid %d) does not %s: killed", p->program, (int)p->pid,
		 p->stopping ? "stop" : "answer");
	if (!p->stopping)
		p->late_s = p->awaited_s;
	process_kill(p);
}

/* The child's descriptors: null, null, our stderr, the channel. */
static int spawn(const char *path, const char *const *args, int chan_fd,
		 pid_t *pid)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	char *argv[1 + PROCESS_ARGS_MAX + 1] = {strrchr(path, '/') + 1};
	unsigned int n;
	sigset_t none, all;
	int r;

	for (n = 0; args && args[n] && n < PROCESS_ARGS_MAX; n++)
		argv[1 + n] = (char *)args[n];
	assert(!args || !args[n]);
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

const char *process_dir(void)
{
	const char *dir = getenv("XN_LIBEXECDIR");

	return dir ? dir : XN_LIBEXECDIR;
}

struct process *process_start(struct event_base *base, const char *program,
			      const char *const *args,
			      const struct process_ops *ops, void *arg,
			      struct err *e)
{
	struct process *p = calloc(1, sizeof(*p));
	scoped_str path = text_format("%s/%s", process_dir(), program);
	scoped_fd theirs = -1;
	int pair[2];
	int r;

	if (!p || !path) {
		err_set(e, ENOMEM, "no memory for a worker");
		free(p);
		return NULL;
	}
	p->pidfd = -1;
	p->program = program;
	p->ops = ops;
	p->arg = arg;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
		err_errno(e, errno, "%s: cannot make a channel", program);
		goto fail;
	}
	/* adddup2 of a descriptor onto itself would keep it close-on-exec. */
	theirs = fcntl(pair[1], F_DUPFD_CLOEXEC, WORKER_CHANNEL_FD + 1);
	close(pair[1]);
	p->chan = chan_new(base, pair[0], &chan_ops, p, e);
	if (!p->chan)
		goto fail;
	r = theirs < 0 ? errno : spawn(path, args, theirs, &p->pid);
	if (r) {
		err_errno(e, r, "cannot start %s", path);
		goto fail;
	}
	p->pidfd = (int)syscall(SYS_pidfd_open, p->pid, 0);
	p->exited =
		event_new(base, p->pidfd, EV_READ | EV_PERSIST, on_exited, p);
	p->overdue = evtimer_new(base, on_overdue, p);
	if (p->pidfd < 0 || !p->exited || !p->overdue ||
	    event_add(p->exited, NULL) < 0) {
		err_errno(e, errno, "cannot watch %s", program);
		kill(p->pid, SIGKILL);
		waitpid(p->pid, NULL, 0);
		goto fail;
	}
	log_debug("%s: started, pid %d", program, (int)p->pid);
	return p;

fail:
	process_free(p);
	return NULL;
}

void process_stop(struct process *p, unsigned int grace_ms)
{
	struct timeval grace = {grace_ms / 1000, (grace_ms % 1000) * 1000};

	if (p->pid == 0 || p->stopping)
		return;
	p->stopping = true;
	if (p->chan)
		chan_say(p->chan, MSG_STOP, 0);
	evtimer_add(p->overdue, &grace);
}

void process_await(struct process *p, unsigned int seconds)
{
	struct timeval limit = {seconds, 0};

	if (p->pid == 0 || p->stopping)
		return;
	p->awaited_s = seconds;
	if (seconds)
		evtimer_add(p->overdue, &limit);
	else
		evtimer_del(p->overdue);
}

void process_kill(struct process *p)
{
	if (p->pid > 0)
		kill(p->pid, SIGKILL);
}

void process_free(struct process *p)
{
	if (!p)
		return;
	chan_free(p->chan);
	if (p->exited)
		event_free(p->exited);
	if (p->overdue)
		event_free(p->overdue);
	if (p->pidfd >= 0)
		close(p->pidfd);
	free(p);
}

int process_send(struct process *p, const union msg *m, const int *fds,
		 unsigned int n_fds)
{
	return p->chan ? chan_send(p->chan, m, fds, n_fds) : -EPIPE;
}

int process_say(struct process *p, enum msg_type type, uint32_t domid)
{
	return p->chan ? chan_say(p->chan, type, domid) : -EPIPE;
}

pid_t process_pid(const struct process *p)
{
	return p->pid;
}
