/* SPDX-License-Identifier: MIT */
/*
 * Watches: set and taken back by the requests thread (each is a round trip),
 * heard in the loop. Tokens are short numbers (XSA-324) that are never used
 * twice, so that a late event of a dead watch finds nobody.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <xenstore.h>

#include "base/log.h"
#include "base/text.h"
#include "daemon/xs/job.h"

#define WATCH_BUDGET 64

struct xs_watch {
	LIST_ENTRY(xs_watch) link;
	struct xs *xs; /* borrowed */
	char *path;    /* owned */
	char *token;   /* owned */
	xs_watch_cb *cb;
	void *arg;
};

struct watches {
	LIST_HEAD(, xs_watch) list;
	uint64_t next;
};

struct watches *watches_new(void)
{
	struct watches *ws = calloc(1, sizeof(*ws));

	if (ws)
		LIST_INIT(&ws->list);
	return ws;
}

static void watch_drop(struct xs_watch *w)
{
	LIST_REMOVE(w, link);
	free(w->path);
	free(w->token);
	free(w);
}

void watches_free(struct watches *ws)
{
	struct xs_watch *w;

	if (!ws)
		return;
	while ((w = LIST_FIRST(&ws->list)))
		watch_drop(w);
	free(ws);
}

void watches_dispatch(struct watches *ws, struct xs_handle *handle)
{
	unsigned int left = WATCH_BUDGET;

	while (left--) {
		char **event = xs_check_watch(handle);
		struct xs_watch *w;

		if (!event)
			return;
		LIST_FOREACH(w, &ws->list, link)
			if (strcmp(w->token, event[XS_WATCH_TOKEN]) == 0)
				break;
		free(event);
		if (w)
			w->cb(w->arg);
	}
}

static int run_watch(struct xs_job *job, struct xs_handle *requests,
		     struct xs_handle *watches)
{
	(void)requests;
	if (xs_watch(watches, job->path, job->token))
		return 0;
	log_error("xenstore: %s: cannot watch: %s", job->path, strerror(errno));
	return -errno;
}

static int run_unwatch(struct xs_job *job, struct xs_handle *requests,
		       struct xs_handle *watches)
{
	(void)requests;
	return xs_unwatch(watches, job->path, job->token) ? 0 : -errno;
}

static bool watch_queue(struct xs_watch *w,
			int (*run)(struct xs_job *, struct xs_handle *,
				   struct xs_handle *))
{
	struct xs_job *job = calloc(1, sizeof(*job));

	if (!job)
		return false;
	job->run = run;
	job->path = strdup(w->path);
	job->token = strdup(w->token);
	if (!job->path || !job->token) {
		free(job->path);
		free(job->token);
		free(job);
		return false;
	}
	xs_queue(w->xs, job);
	return true;
}

void watches_set(struct watches *ws)
{
	struct xs_watch *w;

	LIST_FOREACH(w, &ws->list, link)
		if (!watch_queue(w, run_watch))
			log_error("xenstore: %s: no memory for a watch",
				  w->path);
}

struct xs_watch *xs_watch_new(struct xs *xs, const char *path, xs_watch_cb *cb,
			      void *arg)
{
	struct watches *ws = xs_watches(xs);
	struct xs_watch *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	LIST_INSERT_HEAD(&ws->list, w, link);
	w->xs = xs;
	w->cb = cb;
	w->arg = arg;
	w->path = strdup(path);
	w->token = text_format("%" PRIx64, ws->next++);
	if (!w->path || !w->token || !watch_queue(w, run_watch)) {
		watch_drop(w);
		return NULL;
	}
	return w;
}

void xs_watch_free(struct xs_watch *w)
{
	if (!w)
		return;
	watch_queue(w, run_unwatch);
	watch_drop(w);
}
