/* SPDX-License-Identifier: MIT */
/* An xnd of the test's own: started, asked, stopped, waited for. */
#include "tests/sim/runs/world.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <event2/event.h>

#include "base/err.h"
#include "base/scope.h"
#include "json/json.h"
#include "rpc/client.h"

#define START_MS 10000
#define STOP_MS	 15000
#define END_MS	 1000

extern char **environ;

/* ---- its life ---- */

static int spawn(struct world *w, struct err *e)
{
	scoped_str config = world_path(w, "xnd.conf");
	const char *path = getenv("XND");
	const char *const argv[] = {"xnd", "--foreground", "--config", config,
				    NULL};
	const char *preload = getenv("XN_PRELOAD");
	posix_spawn_file_actions_t files;
	int r;

	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDWR, 0);
	posix_spawn_file_actions_adddup2(&files, w->log, 1);
	posix_spawn_file_actions_adddup2(&files, w->log, 2);
	if (preload)
		setenv("LD_PRELOAD", preload, 1);
	r = posix_spawn(&w->xnd, path, &files, NULL, (char *const *)argv,
			environ);
	unsetenv("LD_PRELOAD");
	posix_spawn_file_actions_destroy(&files);
	if (r) {
		w->xnd = 0;
		return err_errno(e, r, "%s", path);
	}
	w->xnd_pidfd = (int)syscall(SYS_pidfd_open, w->xnd, 0);
	return 0;
}

static bool ends_within(const struct world *w, int ms)
{
	struct pollfd p = {.fd = w->xnd_pidfd, .events = POLLIN};

	return poll(&p, 1, ms) == 1;
}

static int reap(struct world *w)
{
	int status = -1;

	waitpid(w->xnd, &status, 0);
	fd_drop(&w->xnd_pidfd);
	w->xnd = 0;
	w->xnd_status = status;
	return status;
}

/* 0; or how it ended, with -ECHILD; or another -errno, and it lives. */
static int await_answer(struct world *w, int *how, struct err *e)
{
	int rc = xnd_ask(w, METHOD_XND_VERSION, json_new_object(), START_MS, e);

	/* Asked too much of its memory: that is for the asking. */
	if (rc == -ENOMEM)
		rc = xnd_ask(w, METHOD_XND_VERSION, json_new_object(), START_MS,
			     e);
	/* It listens early, and may find only later that it cannot go on. */
	if (rc < 0 && ends_within(w, END_MS)) {
		*how = reap(w);
		return err_set(e, ECHILD, "xnd ended with status 0x%x", *how);
	}
	return rc;
}

int xnd_start(struct world *w, int *status, struct err *e)
{
	double limit = world_now() + START_MS / 1e3;
	int how = 0;

	if (spawn(w, e) < 0)
		return -e->code;
	while (world_now() < limit) {
		struct rpc_client *c = rpc_client_open(getenv("XN_SOCKET"), e);
		int rc;

		if (c) {
			rpc_client_close(c);
			rc = await_answer(w, &how, e);
			if (rc == -ECHILD && status)
				*status = how;
			return rc;
		}
		if (!ends_within(w, 2))
			continue;
		how = reap(w);
		if (status)
			*status = how;
		return err_set(e, ECHILD, "xnd ended with status 0x%x", how);
	}
	return err_set(e, ETIME, "xnd does not listen");
}

int xnd_stop(struct world *w)
{
	if (!w->xnd)
		return -1;
	kill(w->xnd, SIGTERM);
	if (!ends_within(w, STOP_MS)) {
		kill(w->xnd, SIGKILL);
		reap(w);
		return -1;
	}
	return reap(w);
}

bool xnd_wait_dead(struct world *w, unsigned int ms)
{
	if (!w->xnd)
		return true;
	if (!ends_within(w, (int)ms))
		return false;
	reap(w);
	return true;
}

bool xnd_lives(const struct world *w)
{
	return w->xnd && !ends_within(w, 0);
}

/* ---- asking it ---- */

struct call {
	enum method method;
	struct json *params; /* the thread's */
	struct json *result;
	struct err err;
	int done; /* eventfd */
	pthread_t thread;
	struct event_base *base;
	bool over;
};

static void *call_main(void *arg)
{
	struct call *c = arg;
	struct rpc_client *client =
		rpc_client_open(getenv("XN_SOCKET"), &c->err);

	if (client) {
		c->result = rpc_client_call(client, c->method, c->params, NULL,
					    &c->err);
		rpc_client_close(client);
	} else {
		json_free(c->params);
	}
	eventfd_write(c->done, 1);
	return NULL;
}

struct call *xnd_begin(struct world *w, enum method method, struct json *params)
{
	struct call *c = calloc(1, sizeof(*c));

	c->method = method;
	c->params = params;
	c->base = w->base;
	c->done = eventfd(0, EFD_CLOEXEC);
	if (pthread_create(&c->thread, NULL, call_main, c) != 0)
		abort();
	return c;
}

static void on_call_done(evutil_socket_t fd, short what, void *arg)
{
	struct call *c = arg;

	(void)fd;
	c->over = what & EV_READ;
	event_base_loopbreak(c->base);
}

struct json *xnd_end(struct world *w, struct call *c, unsigned int ms,
		     struct err *e)
{
	const struct timeval limit = {ms / 1000, (ms % 1000) * 1000};
	struct event *done =
		event_new(w->base, c->done, EV_READ, on_call_done, c);
	struct json *result;

	event_add(done, &limit);
	event_base_dispatch(w->base);
	/* Whoever does not answer in time is not asked again. */
	if (!c->over && w->xnd)
		kill(w->xnd, SIGKILL);
	pthread_join(c->thread, NULL);
	result = c->result;
	*e = c->err;
	if (!c->over) {
		json_free(result);
		result = NULL;
		err_set(e, ETIME, "%s: no answer in %u ms; xnd was killed",
			method_name(c->method), ms);
	}
	event_free(done);
	close(c->done);
	free(c);
	return result;
}

struct json *xnd_call(struct world *w, enum method method, struct json *params,
		      unsigned int ms, struct err *e)
{
	return xnd_end(w, xnd_begin(w, method, params), ms, e);
}

int xnd_ask(struct world *w, enum method method, struct json *params,
	    unsigned int ms, struct err *e)
{
	struct json *result = xnd_call(w, method, params, ms, e);

	if (!result)
		return -e->code;
	json_free(result);
	return 0;
}

struct json *xnd_params(const char *key, ...)
{
	struct json *params = json_new_object();
	va_list args;

	va_start(args, key);
	while (key) {
		json_set_string(params, key, va_arg(args, const char *));
		key = va_arg(args, const char *);
	}
	va_end(args);
	return params;
}
