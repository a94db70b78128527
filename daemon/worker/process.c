/* SPDX-License-Identifier: MIT */
/* What all worker processes have: a channel, an owner, and a limit in time. */
#include "daemon/worker/process_inside.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include <event2/event.h>

#include "base/err.h"
#include "base/log.h"
#include "chan/chan.h"
#include "chan/worker.h"

const char *process_dir(void)
{
	const char *dir = getenv("XN_LIBEXECDIR");

	return dir ? dir : XN_LIBEXECDIR;
}

static void on_message(const union msg *m, int *fds, unsigned int n, void *arg)
{
	struct process *p = arg;

	p->ready |= m->head.type == MSG_READY;
	p->stopped |= m->head.type == MSG_STOPPED;
	p->ops->on_message(m, fds, n, p->arg);
}

static void on_end(void *arg)
{
	struct process *p = arg;

	chan_free(p->chan);
	p->chan = NULL;
	p->origin->unheard(p);
}

static const struct chan_ops chan_ops = {on_message, on_end};

static void on_overdue(evutil_socket_t fd, short what, void *arg)
{
	struct process *p = arg;

	(void)fd;
	(void)what;
	log_warn("%s (pid %d) does not %s: killed", p->program,
		 (int)process_pid(p), p->stopping ? "stop" : "answer");
	if (!p->stopping)
		p->late_s = p->awaited_s;
	process_kill(p);
}

int process_init(struct process *p, struct event_base *base,
		 const struct process_origin *origin, const char *program,
		 const struct process_ops *ops, void *arg, int *theirs,
		 struct err *e)
{
	int pair[2];

	p->origin = origin;
	p->program = program;
	p->ops = ops;
	p->arg = arg;
	p->overdue = evtimer_new(base, on_overdue, p);
	if (!p->overdue)
		return err_set(e, ENOMEM, "%s: no memory for a timer", program);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return err_errno(e, errno, "%s: cannot make a channel",
				 program);
	/* adddup2 of a descriptor onto itself would keep it close-on-exec. */
	*theirs = fcntl(pair[1], F_DUPFD_CLOEXEC, WORKER_CHANNEL_FD + 1);
	if (*theirs < 0)
		err_errno(e, errno, "%s: cannot make a channel", program);
	close(pair[1]);
	if (*theirs < 0) {
		close(pair[0]);
		return -e->code;
	}
	p->chan = chan_new(base, pair[0], &chan_ops, p, e);
	return p->chan ? 0 : -e->code;
}

void process_ended(struct process *p, const char *how)
{
	char late[80];

	evtimer_del(p->overdue);
	p->ended = true;
	if (p->late_s) {
		snprintf(late, sizeof(late),
			 "%s has not answered in %u seconds", p->program,
			 p->late_s);
		how = late;
	}
	p->ops->on_exit(how, p->arg);
}

void process_stop(struct process *p, unsigned int grace_ms)
{
	struct timeval grace = {grace_ms / 1000, (grace_ms % 1000) * 1000};

	if (p->ended || p->stopping)
		return;
	p->stopping = true;
	if (p->chan)
		chan_say(p->chan, MSG_STOP, 0);
	evtimer_add(p->overdue, &grace);
}

void process_await(struct process *p, unsigned int seconds)
{
	struct timeval limit = {seconds, 0};

	if (p->ended || p->stopping)
		return;
	p->awaited_s = seconds;
	if (seconds)
		evtimer_add(p->overdue, &limit);
	else
		evtimer_del(p->overdue);
}

void process_kill(struct process *p)
{
	if (!p->ended)
		p->origin->kill(p);
}

void process_free(struct process *p)
{
	if (!p)
		return;
	chan_free(p->chan);
	if (p->overdue)
		event_free(p->overdue);
	p->origin->free(p);
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
	return p->ended ? 0 : p->origin->pid(p);
}

bool process_was_bystander(const struct process *p)
{
	return p->origin->shares && !p->ready && !p->late_s;
}
