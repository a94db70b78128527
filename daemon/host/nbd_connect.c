/* SPDX-License-Identifier: MIT */
/* In order of time: address, connection, greeting. */
#include "daemon/host/nbd_connect.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <event2/event.h>

#include "base/err.h"
#include "base/scope.h"
#include "daemon/host/nbd_uri.h"
#include "daemon/host/resolve.h"

#define GREETING "NBDMAGIC"
/* A server that acknowledges nothing for so long has gone. */
#define SILENCE_MS 15000
#define IDLE_S	   10

struct nbd_connect {
	struct event_base *base;     /* borrowed */
	int fd;			     /* owned */
	struct event *io;	     /* owned: for fd */
	struct event *limit;	     /* owned: of all of it */
	struct resolve *resolve;     /* owned */
	const struct addrinfo *next; /* of resolve's, still to be tried */
	unsigned int each_ms;	     /* of the time, for one address */
	unsigned int seconds;
	char socket[NBD_SOCKET_BYTES];
	struct err why; /* of the last address that failed */
	nbd_connect_cb *cb;
	void *arg;
};

static void connect_next(struct nbd_connect *c);

static void fail(struct nbd_connect *c, const struct err *e)
{
	struct err why = *e;

	event_del(c->limit);
	c->cb(-1, &why, c->arg);
}

static void stop_io(struct nbd_connect *c)
{
	if (c->io)
		event_free(c->io);
	c->io = NULL;
}

/* Waits for what on c->fd, at most ms, 0 for as long as it all may take. */
static void await(struct nbd_connect *c, short what, unsigned int ms,
		  event_callback_fn cb)
{
	struct timeval tv = {ms / 1000, (ms % 1000) * 1000};
	struct err e;

	stop_io(c);
	c->io = event_new(c->base, c->fd, what, cb, c);
	if (c->io && event_add(c->io, ms ? &tv : NULL) == 0)
		return;
	err_set(&e, ENOMEM, "no memory for a connection");
	fail(c, &e);
}

static void on_limit(evutil_socket_t fd, short what, void *arg)
{
	struct nbd_connect *c = arg;
	struct err e;

	(void)fd;
	(void)what;
	stop_io(c);
	err_set(&e, ETIMEDOUT, "does not answer within %u seconds", c->seconds);
	fail(c, &e);
}

/* ---- 3. the greeting ---- */

static void on_greeting(evutil_socket_t fd, short what, void *arg)
{
	struct nbd_connect *c = arg;
	char text[sizeof(GREETING) - 1];
	struct err e;
	ssize_t n;

	(void)what;
	n = recv(fd, text, sizeof(text), MSG_PEEK | MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
		event_add(c->io, NULL);
		return;
	}
	stop_io(c);
	if (n > 0 && memcmp(text, GREETING, (size_t)n) == 0) {
		event_del(c->limit);
		c->cb(fd_take(&c->fd), NULL, c->arg);
		return;
	}
	if (n < 0)
		err_errno(&e, errno, "the connection has failed");
	else if (n == 0)
		err_set(&e, ECONNRESET, "hangs up before it has said a word");
	else
		err_set(&e, EPROTO, "is no NBD server, by its greeting");
	fail(c, &e);
}

/* ---- 2. the connection ---- */

static void tune(int fd)
{
	int on = 1, idle = IDLE_S, silence = SILENCE_MS;

	/* On a socket that is not of TCP these do nothing, as they should. */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
	setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &silence,
		   sizeof(silence));
}

static void connected(struct nbd_connect *c)
{
	tune(c->fd);
	await(c, EV_READ, 0, on_greeting);
}

static void on_connected(evutil_socket_t fd, short what, void *arg)
{
	struct nbd_connect *c = arg;
	socklen_t size = sizeof(int);
	int code = ETIMEDOUT;

	if (what & EV_WRITE)
		getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &size);
	if (code == 0) {
		connected(c);
		return;
	}
	err_errno(&c->why, code, "cannot connect");
	connect_next(c);
}

static void connect_to(struct nbd_connect *c, const struct sockaddr *address,
		       socklen_t size)
{
	stop_io(c);
	fd_drop(&c->fd);
	c->fd = socket(address->sa_family,
		       SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (c->fd >= 0 && connect(c->fd, address, size) == 0) {
		connected(c);
	} else if (c->fd >= 0 && errno == EINPROGRESS) {
		await(c, EV_WRITE, c->each_ms, on_connected);
	} else {
		err_errno(&c->why, errno, "cannot connect");
		connect_next(c);
	}
}

static void connect_next(struct nbd_connect *c)
{
	const struct addrinfo *at = c->next;

	if (!at) {
		stop_io(c);
		fail(c, &c->why);
		return;
	}
	c->next = at->ai_next;
	connect_to(c, at->ai_addr, at->ai_addrlen);
}

/* ---- 1. its address ---- */

static void on_resolved(const struct addrinfo *found, const char *why,
			void *arg)
{
	struct nbd_connect *c = arg;
	const struct addrinfo *at;
	unsigned int n = 0;

	for (at = found; at; at = at->ai_next)
		n++;
	err_set(&c->why, EHOSTUNREACH, "cannot find its host: %s",
		why ? why : "it has no address");
	c->each_ms = n ? c->seconds * 1000 / n : 0;
	c->next = found;
	connect_next(c);
}

/* From the loop, so that nobody is called back before he knows of it. */
static void on_unix(evutil_socket_t fd, short what, void *arg)
{
	struct nbd_connect *c = arg;
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	(void)fd;
	(void)what;
	memcpy(address.sun_path, c->socket, sizeof(address.sun_path));
	connect_to(c, (const struct sockaddr *)&address, sizeof(address));
}

/* fd is taken, in either case. */
static struct nbd_connect *new_connect(struct event_base *base, int fd,
				       unsigned int seconds, nbd_connect_cb *cb,
				       void *arg, struct err *e)
{
	struct nbd_connect *c = calloc(1, sizeof(*c));
	struct timeval limit = {seconds, 0};

	if (!c) {
		scope_close_fd(&fd);
		goto fail;
	}
	c->base = base;
	c->fd = fd;
	c->seconds = seconds;
	c->cb = cb;
	c->arg = arg;
	c->limit = evtimer_new(base, on_limit, c);
	if (c->limit && evtimer_add(c->limit, &limit) == 0)
		return c;

fail:
	err_set(e, ENOMEM, "no memory for a connection");
	nbd_connect_free(c);
	return NULL;
}

struct nbd_connect *nbd_connect_start(struct event_base *base,
				      const struct nbd_uri *uri,
				      unsigned int seconds, nbd_connect_cb *cb,
				      void *arg, struct err *e)
{
	struct nbd_connect *c = new_connect(base, -1, seconds, cb, arg, e);

	if (!c)
		return NULL;
	memcpy(c->socket, uri->socket, sizeof(c->socket));
	if (uri->host[0]) {
		c->resolve = resolve_start(base, uri->host, uri->port,
					   on_resolved, c, e);
		if (c->resolve)
			return c;
	} else {
		c->io = event_new(base, -1, 0, on_unix, c);
		if (c->io) {
			event_active(c->io, EV_TIMEOUT, 0);
			return c;
		}
		err_set(e, ENOMEM, "no memory for a connection");
	}
	nbd_connect_free(c);
	return NULL;
}

struct nbd_connect *nbd_connect_greet(struct event_base *base, int fd,
				      unsigned int seconds, nbd_connect_cb *cb,
				      void *arg, struct err *e)
{
	struct nbd_connect *c = new_connect(base, fd, seconds, cb, arg, e);

	if (!c)
		return NULL;
	c->io = event_new(base, fd, EV_READ, on_greeting, c);
	if (c->io && event_add(c->io, NULL) == 0)
		return c;
	err_set(e, ENOMEM, "no memory for a connection");
	nbd_connect_free(c);
	return NULL;
}

void nbd_connect_free(struct nbd_connect *c)
{
	if (!c)
		return;
	stop_io(c);
	if (c->limit)
		event_free(c->limit);
	resolve_free(c->resolve);
	fd_drop(&c->fd);
	free(c);
}
