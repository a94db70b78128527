/* SPDX-License-Identifier: MIT */
/* Handing builds and destructions to xn-build processes. */
#include "daemon/worker/builders.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <unistd.h>
#include <event2/event.h>

#include "base/err.h"
#include "base/log.h"
#include "daemon/worker/process.h"

#define BUILDER "xn-build"

struct build {
	STAILQ_ENTRY(build) link;
	union msg m;
	int fds[MSG_MAX_FDS]; /* owned */
	unsigned int n_fds;
	build_cb *done;
	void *arg;
};

struct builder {
	TAILQ_ENTRY(builder) link;
	struct builders *pool;	 /* borrowed */
	struct process *process; /* owned; NULL while it cannot be started */
	struct event *overdue;	 /* owned: a request takes too long */
	struct build *build;	 /* owned: what it works at */
	bool ready;		 /* has said MSG_READY */
	bool late;		 /* was killed for taking too long */
};

struct builders {
	struct event_base *base; /* borrowed */
	unsigned int timeout_s;
	TAILQ_HEAD(builder_list, builder) all; /* the longest idle first */
	STAILQ_HEAD(, build) queue;
};

static void build_free(struct build *b)
{
	unsigned int i;

	for (i = 0; i < b->n_fds; i++)
		close(b->fds[i]);
	free(b);
}

static void builder_give(struct builder *w, struct build *b)
{
	struct timeval timeout = {w->pool->timeout_s, 0};
	int rc = process_send(w->process, &b->m, b->fds, b->n_fds);

	/* When that fails the process is at its end, and on_exit tells. */
	if (rc < 0)
		log_warn(BUILDER ": cannot be given work (%d)", -rc);
	w->build = b;
	evtimer_add(w->overdue, &timeout);
}

static void builders_next(struct builders *bs)
{
	struct builder *w;
	struct build *b;

	TAILQ_FOREACH(w, &bs->all, link) {
		b = STAILQ_FIRST(&bs->queue);
		if (!b)
			return;
		if (!w->process || !w->ready || w->build)
			continue;
		STAILQ_REMOVE_HEAD(&bs->queue, link);
		builder_give(w, b);
	}
}

static void builder_finish(struct builder *w, const union msg *answer,
			   const struct err *e)
{
	struct build *b = w->build;

	w->build = NULL;
	evtimer_del(w->overdue);
	/* It answers before it has unmapped all: another may begin sooner. */
	TAILQ_REMOVE(&w->pool->all, w, link);
	TAILQ_INSERT_TAIL(&w->pool->all, w, link);
	b->done(answer, e, b->arg);
	build_free(b);
}

static void on_message(const union msg *m, int *fds, unsigned int n, void *arg)
{
	struct builder *w = arg;
	struct err e;

	(void)fds;
	(void)n;
	switch (m->head.type) {
	case MSG_READY:
		w->ready = true;
		process_await(w->process, 0);
		break;
	case MSG_BUILT:
	case MSG_DESTROYED:
		if (w->build)
			builder_finish(w, m, NULL);
		break;
	case MSG_FAILED:
		err_set(&e, (int)m->failed.code, "%s", m->failed.text);
		if (w->build)
			builder_finish(w, NULL, &e);
		else
			log_error(BUILDER ": %s", e.text);
		break;
	default:
		log_warn(BUILDER ": unexpected message %s",
			 msg_name(m->head.type));
	}
	builders_next(w->pool);
}

/* With nobody left to do the work, what waits fails now. */
static void builders_give_up(struct builders *bs, const struct err *e)
{
	struct builder *w;
	struct build *b;

	TAILQ_FOREACH(w, &bs->all, link)
		if (w->process)
			return;
	while ((b = STAILQ_FIRST(&bs->queue))) {
		STAILQ_REMOVE_HEAD(&bs->queue, link);
		b->done(NULL, e, b->arg);
		build_free(b);
	}
}

static int builder_start(struct builder *w, struct err *e);

static void on_exit_of(const char *why, void *arg)
{
	struct builder *w = arg;
	bool was_ready = w->ready;
	struct err failed;
	struct err e;

	process_free(w->process);
	w->process = NULL;
	w->ready = false;
	log_warn("%s", why);
	err_set(&failed, EPIPE, "%s in the middle of its work", why);
	if (w->late)
		err_set(&failed, ETIMEDOUT, "it took longer than %u seconds",
			w->pool->timeout_s);
	w->late = false;
	/* One that cannot even begin is not started over and over. */
	if (was_ready && builder_start(w, &e) < 0)
		log_error("%s", e.text);
	if (w->build)
		builder_finish(w, NULL, &failed);
	builders_give_up(w->pool, &failed);
}

static const struct process_ops builder_ops = {on_message, on_exit_of};

static int builder_start(struct builder *w, struct err *e)
{
	w->process = process_start(w->pool->base, BUILDER, NULL, 0,
				   &builder_ops, w, e);
	if (!w->process)
		return -e->code;
	process_await(w->process, w->pool->timeout_s);
	return 0;
}

static void on_overdue(evutil_socket_t fd, short what, void *arg)
{
	struct builder *w = arg;

	(void)fd;
	(void)what;
	w->late = true;
	process_kill(w->process);
}

struct builders *builders_new(struct event_base *base, unsigned int count,
			      unsigned int timeout_s, struct err *e)
{
	struct builders *bs = calloc(1, sizeof(*bs));

	if (!bs)
		goto no_memory;
	bs->base = base;
	bs->timeout_s = timeout_s;
	TAILQ_INIT(&bs->all);
	STAILQ_INIT(&bs->queue);
	while (count--) {
		struct builder *w = calloc(1, sizeof(*w));

		if (!w)
			goto no_memory;
		w->pool = bs;
		TAILQ_INSERT_TAIL(&bs->all, w, link);
		w->overdue = evtimer_new(base, on_overdue, w);
		if (!w->overdue)
			goto no_memory;
		if (builder_start(w, e) < 0)
			goto fail;
	}
	return bs;

no_memory:
	err_set(e, ENOMEM, "no memory for the builders");
fail:
	builders_free(bs);
	return NULL;
}

void builders_free(struct builders *bs)
{
	struct builder *w;
	struct build *b;

	if (!bs)
		return;
	while ((w = TAILQ_FIRST(&bs->all))) {
		TAILQ_REMOVE(&bs->all, w, link);
		/* The end of its channel ends a builder. */
		process_free(w->process);
		if (w->overdue)
			event_free(w->overdue);
		if (w->build)
			build_free(w->build);
		free(w);
	}
	while ((b = STAILQ_FIRST(&bs->queue))) {
		STAILQ_REMOVE_HEAD(&bs->queue, link);
		build_free(b);
	}
	free(bs);
}

/* A dead builder is tried again when there is work for it. */
static bool builders_revive(struct builders *bs, struct err *e)
{
	bool any = false;
	struct builder *w;

	TAILQ_FOREACH(w, &bs->all, link) {
		any |= w->process || builder_start(w, e) == 0;
	}
	return any;
}

int builders_request(struct builders *bs, const union msg *m, const int *fds,
		     unsigned int n_fds, build_cb *done, void *arg,
		     struct err *e)
{
	struct build *b;

	if (!builders_revive(bs, e))
		return -e->code;
	b = calloc(1, sizeof(*b));
	if (!b)
		return err_set(e, ENOMEM, "no memory for a build");
	memcpy(&b->m, m, m->head.length);
	b->done = done;
	b->arg = arg;
	for (; b->n_fds < n_fds; b->n_fds++) {
		b->fds[b->n_fds] = fcntl(fds[b->n_fds], F_DUPFD_CLOEXEC, 3);
		if (b->fds[b->n_fds] < 0) {
			err_errno(e, errno, "cannot keep a kernel open");
			build_free(b);
			return -e->code;
		}
	}
	STAILQ_INSERT_TAIL(&bs->queue, b, link);
	builders_next(bs);
	return 0;
}
