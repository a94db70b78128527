/* SPDX-License-Identifier: MIT */
/*
 * A thread for each question. It and the loop share the question's memory,
 * and the last to need it frees it: a thread whose answer nobody waits for
 * any more ends when getaddrinfo does.
 */
#include "daemon/host/resolve.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <event2/event.h>

#include "base/err.h"
#include "base/scope.h"

struct question {
	atomic_int holders;
	char host[NI_MAXHOST];
	char port[8];
	int wake; /* owned: the thread's end of a pipe */
	struct addrinfo *found;
	int error; /* getaddrinfo's */
};

struct resolve {
	struct question *question; /* held */
	int woken;		   /* owned: the loop's end */
	struct event *answered;	   /* owned */
	resolve_cb *cb;
	void *arg;
};

static void question_release(struct question *q)
{
	if (!q || atomic_fetch_sub(&q->holders, 1) > 1)
		return;
	if (q->found)
		freeaddrinfo(q->found);
	fd_drop(&q->wake);
	free(q);
}

static void *ask(void *arg)
{
	static const struct addrinfo hints = {
		.ai_flags = AI_NUMERICSERV,
		.ai_socktype = SOCK_STREAM,
	};
	struct question *q = arg;

	q->error = getaddrinfo(q->host, q->port, &hints, &q->found);
	/* Nobody at the other end is as well: then it is not waited for. */
	if (write(q->wake, "", 1) < 0)
		q->error = q->error ? q->error : EAI_SYSTEM;
	question_release(q);
	return NULL;
}

static void on_answered(evutil_socket_t fd, short what, void *arg)
{
	struct resolve *r = arg;
	const struct question *q = r->question;

	(void)fd;
	(void)what;
	r->cb(q->error ? NULL : q->found,
	      q->error ? gai_strerror(q->error) : NULL, r->arg);
}

/* Signals are the loop's. */
static int start_thread(struct question *q)
{
	pthread_attr_t attr;
	sigset_t all, was;
	pthread_t thread;
	int r;

	sigfillset(&all);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_sigmask(SIG_SETMASK, &all, &was);
	r = pthread_create(&thread, &attr, ask, q);
	pthread_sigmask(SIG_SETMASK, &was, NULL);
	pthread_attr_destroy(&attr);
	return r;
}

static struct question *question_new(const char *host, const char *port)
{
	struct question *q = calloc(1, sizeof(*q));

	if (!q)
		return NULL;
	q->wake = -1;
	atomic_init(&q->holders, 1);
	snprintf(q->host, sizeof(q->host), "%s", host);
	snprintf(q->port, sizeof(q->port), "%s", port);
	return q;
}

struct resolve *resolve_start(struct event_base *base, const char *host,
			      const char *port, resolve_cb *cb, void *arg,
			      struct err *e)
{
	struct resolve *r = calloc(1, sizeof(*r));
	int ends[2];
	int code = ENOMEM;

	if (!r)
		goto fail;
	r->woken = -1;
	r->cb = cb;
	r->arg = arg;
	r->question = question_new(host, port);
	if (!r->question)
		goto fail;
	if (pipe2(ends, O_CLOEXEC) < 0) {
		code = errno;
		goto fail;
	}
	r->woken = ends[0];
	r->question->wake = ends[1];
	r->answered = event_new(base, r->woken, EV_READ, on_answered, r);
	if (!r->answered || event_add(r->answered, NULL) < 0)
		goto fail;
	atomic_fetch_add(&r->question->holders, 1);
	code = start_thread(r->question);
	if (code == 0)
		return r;
	question_release(r->question);

fail:
	err_errno(e, code, "cannot look for its address");
	resolve_free(r);
	return NULL;
}

void resolve_free(struct resolve *r)
{
	if (!r)
		return;
	if (r->answered)
		event_free(r->answered);
	fd_drop(&r->woken);
	question_release(r->question);
	free(r);
}
