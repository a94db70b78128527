/* SPDX-License-Identifier: MIT */
/* Every domain's console, as xnd keeps it for xn-console. */
#include "daemon/worker/consoles.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <unistd.h>
#include <event2/event.h>

#include "base/err.h"
#include "base/log.h"
#include "base/scope.h"
#include "daemon/worker/process.h"
#include "daemon/worker/users.h"

#define CONSOLE_PROGRAM "xn-console"
/* A worker that keeps dying is started again after this long. */
#define CONSOLE_RESTART_S 1

struct console {
	LIST_ENTRY(console) link;
	struct consoles *all; /* borrowed */
	uint32_t domid;	      /* 0 until it is served */
	uint32_t port;
	uint32_t ring_ref;
	int pty;	       /* owned */
	int log;	       /* owned */
	struct event *overdue; /* owned: xn-console owes us an answer */
	console_cb *serving;
	void *serving_arg;
	bool removing;
	void (*removed)(void *arg);
	void *removed_arg;
};

struct consoles {
	struct event_base *base; /* borrowed */
	unsigned int timeout_s;
	uint32_t user;
	struct process *process; /* owned */
	struct event *restart;	 /* owned */
	LIST_HEAD(, console) list;
};

static struct console *console_find(struct consoles *cs, uint32_t domid)
{
	struct console *c;

	LIST_FOREACH(c, &cs->list, link)
		if (c->domid == domid)
			return c;
	return NULL;
}

static void console_free(struct console *c)
{
	void (*removed)(void *arg) = c->removed;
	void *arg = c->removed_arg;

	LIST_REMOVE(c, link);
	if (c->overdue)
		event_free(c->overdue);
	fd_drop(&c->pty);
	fd_drop(&c->log);
	free(c);
	if (removed)
		removed(arg);
}

static void console_answer(struct console *c, const struct err *e)
{
	console_cb *serving = c->serving;

	c->serving = NULL;
	if (!c->removing)
		evtimer_del(c->overdue);
	if (serving)
		serving(e, c->serving_arg);
	else if (e)
		log_warn("d%u/console: %s", c->domid, e->text);
}

static int console_send(struct console *c)
{
	int fds[2] = {c->pty, c->log};
	union msg m;

	msg_init(&m, MSG_CONSOLE_ADD);
	m.console_add.domid = c->domid;
	m.console_add.port = c->port;
	m.console_add.ring_ref = c->ring_ref;
	return process_send(c->all->process, &m, fds, 2);
}

static void on_message(const union msg *m, int *fds, unsigned int n, void *arg)
{
	struct consoles *cs = arg;
	struct console *c;
	struct err e;

	(void)fds;
	(void)n;
	if (m->head.type == MSG_READY)
		return;
	c = console_find(cs, m->plain.domid);
	if (!c)
		return;
	switch (m->head.type) {
	case MSG_CONSOLE_SERVING:
		console_answer(c, NULL);
		break;
	case MSG_FAILED:
		err_set(&e, (int)m->failed.code, "console: %s", m->failed.text);
		console_answer(c, &e);
		break;
	case MSG_CONSOLE_REMOVED:
		if (c->removing)
			console_free(c);
		break;
	default:
		log_warn(CONSOLE_PROGRAM ": unexpected message %s",
			 msg_name(m->head.type));
	}
}

static void on_exit_of(const char *why, void *arg)
{
	struct consoles *cs = arg;
	struct timeval pause = {CONSOLE_RESTART_S, 0};
	struct console *c;
	struct console *next;

	log_error("%s: it is started again", why);
	process_free(cs->process);
	cs->process = NULL;
	for (c = LIST_FIRST(&cs->list); c; c = next) {
		next = LIST_NEXT(c, link);
		if (c->removing)
			console_free(c);
	}
	evtimer_add(cs->restart, &pause);
}

static const struct process_ops console_ops = {on_message, on_exit_of};

/*
 * Whatever it is at, it does so for all guests: the next one may do better.
 * A console that is being removed goes when its process has gone.
 */
static void on_overdue(evutil_socket_t fd, short what, void *arg)
{
	struct console *c = arg;
	struct err e;

	(void)fd;
	(void)what;
	err_set(&e, ETIMEDOUT,
		"console: " CONSOLE_PROGRAM " has not answered in %u seconds",
		c->all->timeout_s);
	if (c->all->process)
		process_kill(c->all->process);
	if (c->removing)
		log_warn("d%u/%s", c->domid, e.text);
	else
		console_answer(c, &e);
}

static void on_restart(evutil_socket_t fd, short what, void *arg)
{
	struct consoles *cs = arg;
	struct timeval pause = {CONSOLE_RESTART_S, 0};
	struct console *c;
	struct err e;

	(void)fd;
	(void)what;
	cs->process = process_start(cs->base, CONSOLE_PROGRAM, NULL, cs->user,
				    &console_ops, cs, &e);
	if (!cs->process) {
		log_error("%s", e.text);
		evtimer_add(cs->restart, &pause);
		return;
	}
	LIST_FOREACH(c, &cs->list, link)
		if (c->domid && !c->removing)
			console_send(c);
}

struct consoles *consoles_new(struct event_base *base, unsigned int timeout_s,
			      uint32_t worker_uids, struct err *e)
{
	struct consoles *cs = calloc(1, sizeof(*cs));

	if (!cs) {
		err_set(e, ENOMEM, "no memory for consoles");
		return NULL;
	}
	LIST_INIT(&cs->list);
	cs->base = base;
	cs->timeout_s = timeout_s;
	cs->user = users_console(worker_uids);
	cs->restart = evtimer_new(base, on_restart, cs);
	if (!cs->restart) {
		err_set(e, ENOMEM, "no memory for a timer");
		consoles_free(cs);
		return NULL;
	}
	cs->process = process_start(base, CONSOLE_PROGRAM, NULL, cs->user,
				    &console_ops, cs, e);
	if (!cs->process) {
		consoles_free(cs);
		return NULL;
	}
	return cs;
}

void consoles_free(struct consoles *cs)
{
	struct console *c;

	if (!cs)
		return;
	while ((c = LIST_FIRST(&cs->list))) {
		c->removed = NULL;
		console_free(c);
	}
	process_free(cs->process);
	if (cs->restart)
		event_free(cs->restart);
	free(cs);
}

struct console *console_new(struct consoles *cs, int pty, int log,
			    struct err *e)
{
	struct console *c = calloc(1, sizeof(*c));

	if (c)
		c->overdue = evtimer_new(cs->base, on_overdue, c);
	if (!c || !c->overdue) {
		free(c);
		fd_drop(&pty);
		fd_drop(&log);
		err_set(e, ENOMEM, "no memory for a console");
		return NULL;
	}
	c->all = cs;
	c->pty = pty;
	c->log = log;
	LIST_INSERT_HEAD(&cs->list, c, link);
	return c;
}

int console_serve(struct console *c, uint32_t domid, uint32_t port,
		  uint32_t ring_ref, console_cb *serving, void *arg,
		  struct err *e)
{
	struct timeval limit = {c->all->timeout_s, 0};
	int rc;

	c->domid = domid;
	c->port = port;
	c->ring_ref = ring_ref;
	c->serving = serving;
	c->serving_arg = arg;
	evtimer_add(c->overdue, &limit);
	/* Without a process now, the next one is given it. */
	if (!c->all->process)
		return 0;
	rc = console_send(c);
	/* Nor with one that has died and not been seen to. */
	if (rc < 0 && rc != -EPIPE) {
		c->serving = NULL;
		evtimer_del(c->overdue);
		return err_errno(e, -rc, "xn-console cannot be reached");
	}
	return 0;
}

bool console_remove(struct console *c, void (*removed)(void *arg), void *arg)
{
	struct timeval limit;

	if (!c)
		return false;
	limit = (struct timeval){c->all->timeout_s, 0};
	c->serving = NULL;
	c->removing = true;
	c->removed = removed;
	c->removed_arg = arg;
	evtimer_add(c->overdue, &limit);
	if (c->domid && c->all->process &&
	    process_say(c->all->process, MSG_CONSOLE_REMOVE, c->domid) == 0)
		return true;
	/* Nobody serves it. */
	c->removed = NULL;
	console_free(c);
	return false;
}

int console_attach(struct console *c, int client, struct err *e)
{
	union msg m;
	int rc;

	if (!c->domid || !c->all->process)
		return err_set(e, EAGAIN,
			       "xn-console is starting again; "
			       "try in a second");
	msg_init(&m, MSG_CONSOLE_ATTACH);
	m.plain.domid = c->domid;
	rc = process_send(c->all->process, &m, &client, 1);
	if (rc < 0)
		return err_errno(e, -rc, "cannot pass the console on");
	return 0;
}
