/* SPDX-License-Identifier: MIT */
/* The loop behind xn console. */
#include "cli/console.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/scope.h"
#include "cli/say.h"
#include "cli/tty.h"
#include "cli/xnd.h"
#include "json/json.h"

/* How long bytes typed before the escape may take to reach the guest. */
#define DRAIN_MS 1000

struct pump {
	int fd;
	int escape;
	bool terminal; /* stdin is one, in raw mode */
	bool input;    /* stdin has not ended */
	bool leaving;  /* the escape has come */
	bool done;
	int status;
	size_t used; /* of pending: read from stdin, not yet sent */
	char pending[65536];
};

static volatile sig_atomic_t caught;

static void on_signal(int number)
{
	caught = number;
}

bool console_open(struct console *c, const char *domain)
{
	struct rpc_client *xnd = xnd_open();
	struct json *result = NULL;

	c->fd = -1;
	c->rest = NULL;
	if (xnd)
		result = xnd_call(xnd, METHOD_CONSOLE_ATTACH, xnd_about(domain),
				  domain);
	if (result)
		c->fd = rpc_client_detach(xnd, &c->rest, &c->size);
	else
		rpc_client_close(xnd);
	json_free(result);
	return c->fd >= 0;
}

void console_close(struct console *c)
{
	fd_drop(&c->fd);
	free(c->rest);
	c->rest = NULL;
}

/* False when nobody takes our output any more. */
static bool print(const char *data, size_t size)
{
	while (size) {
		ssize_t r = write(STDOUT_FILENO, data, size);

		if (r < 0 && errno == EAGAIN) {
			struct pollfd out = {STDOUT_FILENO, POLLOUT, 0};

			poll(&out, 1, -1);
			continue;
		}
		if (r < 0 && errno != EINTR)
			return false;
		if (r > 0) {
			data += r;
			size -= (size_t)r;
		}
	}
	return true;
}

static void on_output(struct pump *p)
{
	char data[16384];
	ssize_t r = recv(p->fd, data, sizeof(data), MSG_DONTWAIT);

	if (r < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (r <= 0) {
		p->done = true;
	} else if (!print(data, (size_t)r)) {
		p->done = true;
		p->status = EXIT_FAILED;
	}
}

static void send_pending(struct pump *p)
{
	ssize_t r =
		send(p->fd, p->pending, p->used, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (r > 0) {
		p->used -= (size_t)r;
		memmove(p->pending, p->pending + r, p->used);
	} else if (r < 0 && errno != EAGAIN && errno != EINTR) {
		p->used = 0; /* the end is read next, after the last output */
	}
}

/*
 * A person must be able to leave a guest that reads nothing, so a terminal is
 * read even when there is no room, for the escape alone.
 */
static void on_input(struct pump *p)
{
	size_t room = sizeof(p->pending) - p->used;
	char data[4096], *escape;
	ssize_t r;

	if (!p->terminal && room < sizeof(data))
		r = read(STDIN_FILENO, data, room);
	else
		r = read(STDIN_FILENO, data, sizeof(data));
	if (r < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (r <= 0) {
		p->input = false;
		return;
	}
	escape = memchr(data, p->escape, (size_t)r);
	if (escape) {
		r = escape - data;
		p->leaving = true;
		p->input = false;
	}
	if ((size_t)r > room)
		r = (ssize_t)room;
	memcpy(p->pending + p->used, data, (size_t)r);
	p->used += (size_t)r;
	if (p->used)
		send_pending(p);
}

static void pump_once(struct pump *p, const sigset_t *unblocked)
{
	static const struct timespec drain = {DRAIN_MS / 1000, 0};
	bool listen = p->input && (p->terminal || p->used < sizeof(p->pending));
	struct pollfd fds[2] = {
		{p->fd, (short)(POLLIN | (p->used ? POLLOUT : 0)), 0},
		{listen ? STDIN_FILENO : -1, POLLIN, 0},
	};
	int r = ppoll(fds, 2, p->leaving ? &drain : NULL, unblocked);

	if (r < 0)
		return; /* a signal: console_run sees which */
	if (fds[0].revents & POLLOUT)
		send_pending(p);
	if (fds[0].revents & (POLLIN | POLLHUP | POLLERR))
		on_output(p);
	if (fds[1].revents)
		on_input(p);
	if (p->leaving && (p->used == 0 || r == 0))
		p->done = true;
}

static void stop_here(struct pump *p)
{
	tty_restore();
	raise(SIGSTOP);
	if (p->terminal)
		tty_raw();
}

/* Signals wait until ppoll lets them in, so that none is missed. */
static void catch_signals(sigset_t *before)
{
	static const int numbers[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM,
				      SIGTSTP};
	struct sigaction action = {.sa_handler = on_signal};
	sigset_t set;
	size_t i;

	sigemptyset(&set);
	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		sigaddset(&set, numbers[i]);
		sigaction(numbers[i], &action, NULL);
	}
	sigprocmask(SIG_BLOCK, &set, before);
	signal(SIGPIPE, SIG_IGN);
}

int console_run(struct console *c, int escape)
{
	struct pump p = {.fd = c->fd,
			 .escape = escape,
			 .input = true,
			 .status = EXIT_OK};
	sigset_t before;

	fflush(stdout);
	catch_signals(&before);
	p.terminal = tty_raw();
	p.done = !print(c->rest, c->rest ? c->size : 0);
	while (!p.done) {
		pump_once(&p, &before);
		if (caught == SIGTSTP)
			stop_here(&p);
		else if (caught)
			break;
		caught = 0;
	}
	tty_restore();
	if (p.terminal)
		fputc('\n', stderr);
	console_close(c);
	if (caught) {
		signal(caught, SIG_DFL);
		raise(caught);
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	return p.status;
}
