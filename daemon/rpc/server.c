/* SPDX-License-Identifier: MIT */
/* Listening on the control socket. */
#include "daemon/rpc/server.h"

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <event2/event.h>

#include "base/err.h"
#include "base/log.h"
#include "base/scope.h"

#define SERVER_SESSIONS_MAX 256
/* Out of descriptors: wait this long rather than spin on accept. */
#define SERVER_PAUSE_S 1

/* A session, as the server keeps it. */
struct client {
	LIST_ENTRY(client) link;
	struct session *session; /* frees itself; tells on_closed */
};

struct server {
	struct event_base *base;  /* borrowed */
	const char *path;	  /* borrowed */
	int fd;			  /* owned */
	struct event *acceptable; /* owned */
	struct event *resume;	  /* owned */
	LIST_HEAD(, client) clients;
	unsigned int n_clients;
	session_dispatch *dispatch;
	void *arg;
	struct log_limit limit;
};

static void on_closed(struct session *session, void *arg)
{
	struct server *s = arg;
	struct client *c;

	LIST_FOREACH(c, &s->clients, link)
		if (c->session == session)
			break;
	if (!c)
		return;
	LIST_REMOVE(c, link);
	s->n_clients--;
	free(c);
}

static bool is_root(int fd)
{
	struct ucred cred;
	socklen_t size = sizeof(cred);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &size) == 0 &&
	       cred.uid == 0;
}

/* Takes fd. */
static void server_admit(struct server *s, int fd)
{
	struct client *c;
	struct err e;

	if (!is_root(fd)) {
		log_limited(&s->limit,
			    "rpc: refused a client that is not root");
		close(fd);
		return;
	}
	c = s->n_clients < SERVER_SESSIONS_MAX ? calloc(1, sizeof(*c)) : NULL;
	if (!c) {
		log_limited(&s->limit, "rpc: too many clients: one refused");
		close(fd);
		return;
	}
	LIST_INSERT_HEAD(&s->clients, c, link);
	s->n_clients++;
	c->session =
		session_new(s->base, fd, s->dispatch, s->arg, on_closed, s, &e);
	if (!c->session) {
		log_warn("rpc: %s", e.text);
		on_closed(NULL, s);
	}
}

static void on_acceptable(evutil_socket_t listener, short what, void *arg)
{
	struct server *s = arg;
	struct timeval pause = {SERVER_PAUSE_S, 0};
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)what;
	if (fd >= 0) {
		server_admit(s, fd);
	} else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM) {
		log_warn("rpc: cannot accept: %s", strerror(errno));
		event_del(s->acceptable);
		evtimer_add(s->resume, &pause);
	}
}

static void on_resume(evutil_socket_t fd, short what, void *arg)
{
	struct server *s = arg;

	(void)fd;
	(void)what;
	event_add(s->acceptable, NULL);
}

/* A socket file that nobody answers on is a leftover. */
static int clear_leftover(const struct sockaddr_un *at, struct err *e)
{
	scoped_fd fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return err_errno(e, errno, "cannot make a socket");
	if (connect(fd, (const struct sockaddr *)at, sizeof(*at)) == 0)
		return err_set(e, EADDRINUSE,
			       "%s: another xnd is listening there",
			       at->sun_path);
	if (errno == ECONNREFUSED && unlink(at->sun_path) < 0)
		return err_errno(e, errno, "%s: cannot remove", at->sun_path);
	return 0;
}

static int listen_on(const char *path, int *out, struct err *e)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	scoped_str copy = strdup(path);
	scoped_fd fd = -1;
	mode_t was;
	int r;

	if (!copy)
		return err_set(e, ENOMEM, "no memory for a path");
	if (strlen(path) >= sizeof(at.sun_path))
		return err_set(e, ENAMETOOLONG, "%s: too long for a socket",
			       path);
	strcpy(at.sun_path, path);
	if (mkdir(dirname(copy), 0755) < 0 && errno != EEXIST)
		return err_errno(e, errno, "%s: cannot make its directory",
				 path);
	if (clear_leftover(&at, e) < 0)
		return -e->code;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return err_errno(e, errno, "cannot make a socket");
	was = umask(0177);
	r = bind(fd, (struct sockaddr *)&at, sizeof(at));
	umask(was);
	if (r < 0 || listen(fd, 64) < 0)
		return err_errno(e, errno, "%s: cannot listen", path);
	*out = fd_take(&fd);
	return 0;
}

struct server *server_new(struct event_base *base, const char *path,
			  session_dispatch *dispatch, void *arg, struct err *e)
{
	struct server *s = calloc(1, sizeof(*s));

	if (!s) {
		err_set(e, ENOMEM, "no memory for a server");
		return NULL;
	}
	LIST_INIT(&s->clients);
	s->base = base;
	s->path = path;
	s->dispatch = dispatch;
	s->arg = arg;
	s->fd = -1;
	if (listen_on(path, &s->fd, e) < 0)
		goto fail;
	s->acceptable =
		event_new(base, s->fd, EV_READ | EV_PERSIST, on_acceptable, s);
	s->resume = evtimer_new(base, on_resume, s);
	if (!s->acceptable || !s->resume ||
	    event_add(s->acceptable, NULL) < 0) {
		err_set(e, ENOMEM, "no memory for an event");
		goto fail;
	}
	return s;

fail:
	server_free(s);
	return NULL;
}

void server_stop(struct server *s)
{
	struct client *c;

	event_del(s->acceptable);
	event_del(s->resume);
	LIST_FOREACH(c, &s->clients, link)
		session_drop(c->session);
}

void server_free(struct server *s)
{
	if (!s)
		return;
	if (s->acceptable)
		event_free(s->acceptable);
	if (s->resume)
		event_free(s->resume);
	if (s->fd >= 0) {
		unlink(s->path);
		close(s->fd);
	}
	free(s);
}
