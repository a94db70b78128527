/* SPDX-License-Identifier: MIT */
/*
 * xn-console: the primary consoles of all guests. This file turns xnd's
 * messages into guests that come, are attached to and leave. Memory that runs
 * out costs the guest or client it was wanted for, never the others.
 */
#include "console/guest.h"
#include "xen/abi.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/socket.h>
#include <event2/event.h>

#include "base/err.h"
#include "base/log.h"
#include "base/scope.h"
#include "chan/worker.h"
#include "xen/evtchn.h"

/* How soon one who opens a pty sees what is waiting there. */
#define PTY_RETRY_MS 500

struct consoles {
	struct worker worker;
	struct guest_host host;
	struct event *retry; /* owned; added while there are guests */
	struct guest_list serving;
	struct guest_list leaving;
	bool stopping;
	bool stuck;
};

/* What follows from a guest being gone: perhaps nothing is left to do. */
static void consoles_check(struct consoles *cs)
{
	if (LIST_EMPTY(&cs->serving))
		event_del(cs->retry);
	if (!cs->stopping || !LIST_EMPTY(&cs->leaving))
		return;
	worker_say(&cs->worker, MSG_STOPPED, 0);
	worker_stop(&cs->worker);
}

static void on_failed(struct guest *g, const struct err *e, void *arg)
{
	struct consoles *cs = arg;

	log_warn("d%u/console: %s", guest_domid(g), e->text);
	worker_say_failed(&cs->worker, guest_domid(g), e);
}

static void on_left(struct guest *g, void *arg)
{
	guest_free(g);
	consoles_check(arg);
}

/* The next one serves the others on. */
static void on_stuck(void *arg)
{
	struct consoles *cs = arg;

	log_error("cannot give back what was a guest's: ending, to be started "
		  "again");
	cs->stuck = true;
	event_base_loopexit(cs->worker.base, NULL);
}

static void on_retry(evutil_socket_t fd, short what, void *arg)
{
	struct consoles *cs = arg;

	(void)fd;
	(void)what;
	guest_retry_ptys(&cs->serving);
}

static int console_add(struct consoles *cs, const struct msg_console_add *add,
		       int *fds, struct err *e)
{
	struct timeval period = {.tv_usec = PTY_RETRY_MS * 1000};

	if (cs->stopping)
		return err_set(e, ESHUTDOWN, "the console worker is stopping");
	if (guest_find(&cs->serving, add->domid))
		return err_set(e, EEXIST, "domain %u has its console already",
			       add->domid);
	if (!guest_new(&cs->host, &cs->serving, add, fd_take(&fds[0]),
		       fd_take(&fds[1]), e))
		return -e->code;
	event_add(cs->retry, &period);
	return 0;
}

static void on_add(struct consoles *cs, const struct msg_console_add *add,
		   int *fds)
{
	struct err e;

	if (console_add(cs, add, fds, &e) < 0)
		worker_say_failed(&cs->worker, add->domid, &e);
	else
		worker_say(&cs->worker, MSG_CONSOLE_SERVING, add->domid);
}

static void on_remove(struct consoles *cs, uint32_t domid)
{
	struct guest *g = guest_find(&cs->serving, domid);

	if (g) {
		guest_leave(g, &cs->leaving);
		consoles_check(cs);
	}
	worker_say(&cs->worker, MSG_CONSOLE_REMOVED, domid);
}

/* A client that cannot be served reads why, and then the end. */
static void client_refuse(int fd, const struct err *e)
{
	char line[sizeof(e->text) + 16];
	int n = snprintf(line, sizeof(line), "[xn: %s]\r\n", e->text);

	if (send(fd, line, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		log_debug("a refused client is gone already");
}

static void on_attach(struct consoles *cs, uint32_t domid, int *fd)
{
	struct guest *g = guest_find(&cs->serving, domid);
	struct err e;

	if (!g)
		err_set(&e, ENOENT, "domain %u has no console here", domid);
	else if (guest_attach(g, fd, &e) == 0)
		return;
	log_warn("d%u/console: a client was refused: %s", domid, e.text);
	if (*fd >= 0)
		client_refuse(*fd, &e);
}

static void on_stop(struct consoles *cs)
{
	if (cs->stopping)
		return;
	cs->stopping = true;
	while (!LIST_EMPTY(&cs->serving))
		guest_leave(LIST_FIRST(&cs->serving), &cs->leaving);
	consoles_check(cs);
}

static void on_message(const union msg *m, int *fds, unsigned int n_fds,
		       void *arg)
{
	struct consoles *cs = arg;

	(void)n_fds;
	switch (m->head.type) {
	case MSG_CONSOLE_ADD:
		on_add(cs, &m->console_add, fds);
		break;
	case MSG_CONSOLE_REMOVE:
		on_remove(cs, m->plain.domid);
		break;
	case MSG_CONSOLE_ATTACH:
		on_attach(cs, m->plain.domid, &fds[0]);
		break;
	case MSG_STOP:
		on_stop(cs);
		break;
	default:
		log_error("xnd sent %s, which is not for a console worker",
			  msg_name(m->head.type));
	}
}

/* Nobody can give us a guest any more. */
static void on_end(void *arg)
{
	struct consoles *cs = arg;

	if (LIST_EMPTY(&cs->serving) && LIST_EMPTY(&cs->leaving))
		worker_stop(&cs->worker);
	else
		log_warn("xnd is gone; guests are served all the same");
}

static const struct chan_ops chan_ops = {on_message, on_end};

static int consoles_open(struct consoles *cs, struct err *e)
{
	LIST_INIT(&cs->serving);
	LIST_INIT(&cs->leaving);
	cs->host.base = cs->worker.base;
	cs->host.on_failed = on_failed;
	cs->host.on_left = on_left;
	cs->host.on_stuck = on_stuck;
	cs->host.arg = cs;
	cs->retry = event_new(cs->worker.base, -1, EV_PERSIST, on_retry, cs);
	if (!cs->retry)
		return err_set(e, ENOMEM, "no memory for an event");
	cs->host.gnttab = xengnttab_open(NULL, 0);
	if (!cs->host.gnttab)
		return err_errno(e, errno, "cannot open the grant device");
	cs->host.evtchn = evtchn_open(cs->worker.base, e);
	return cs->host.evtchn ? 0 : -e->code;
}

/* Guests are left here only when the loop failed. */
static void consoles_close(struct consoles *cs)
{
	while (!LIST_EMPTY(&cs->serving))
		guest_free(LIST_FIRST(&cs->serving));
	while (!LIST_EMPTY(&cs->leaving))
		guest_free(LIST_FIRST(&cs->leaving));
	evtchn_close(cs->host.evtchn);
	if (cs->host.gnttab)
		xengnttab_close(cs->host.gnttab);
	if (cs->retry)
		event_free(cs->retry);
}

int main(int argc, char **argv)
{
	struct consoles cs = {0};
	struct err e;
	int status = 1;

	(void)argc;
	worker_open(&cs.worker, "xn-console", &chan_ops, &cs);
	if (consoles_open(&cs, &e) == 0) {
		status = worker_run(&cs.worker, argv);
	} else {
		log_error("%s", e.text);
		worker_say_failed(&cs.worker, 0, &e);
	}
	if (cs.stuck)
		status = 1;
	consoles_close(&cs);
	worker_close(&cs.worker);
	return status;
}
