/* SPDX-License-Identifier: MIT */
/* Runs of xn-nft in a queue: started, and their answers read. */
#include "daemon/net/nft.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <event2/buffer.h>
#include <event2/event.h>

#include "base/err.h"
#include "base/scope.h"
#include "base/text.h"
#include "daemon/host/run.h"

#define LIMIT_S	       10
#define TEXT_BYTES_MAX (4u << 20) /* of a list of tables */

STAILQ_HEAD(nft_list, nft);

struct nft_queue {
	struct event_base *base; /* borrowed */
	struct nft_list waiting;
	struct nft *running; /* borrowed; NULL: none */
	struct event *next;  /* owned: the first of waiting is due */
};

struct nft {
	STAILQ_ENTRY(nft) link;
	struct nft_queue *queue; /* borrowed */
	char *commands;		 /* owned */
	struct run *run;	 /* owned */
	bool waits;		 /* is in the queue */
	nft_cb *done;
	void *arg;
};

extern char **environ;

/* The next one's turn, if it had its own. */
static void give_way(const struct nft *n)
{
	if (n->queue->running != n)
		return;
	n->queue->running = NULL;
	event_active(n->queue->next, EV_TIMEOUT, 0);
}

/* ---- its end ---- */

static bool on_heard(struct evbuffer *text, bool ended, void *arg)
{
	(void)ended;
	(void)arg;
	return evbuffer_get_length(text) <= TEXT_BYTES_MAX;
}

/* The first line, as nft(8) prints "FILE:LINE:COLUMNS: Error: WORDS". */
static const char *words_of(char *text)
{
	static const char mark[] = "Error: ";
	char *words;

	text[strcspn(text, "\n")] = '\0';
	words = strstr(text, mark);
	return words ? words + strlen(mark) : text;
}

static int outcome(enum run_outcome how, int number, char *text, struct err *e)
{
	char shown[240];

	if (how == RUN_LATE)
		return err_set(e, ETIMEDOUT,
			       "nftables: no answer in %d seconds", LIMIT_S);
	if (how == RUN_SIGNALED)
		return err_set(e, EPIPE,
			       "nftables: xn-nft was killed by signal %d",
			       number);
	if (number == 0)
		return 0;
	if (!*text)
		return err_set(e, EIO, "nftables: xn-nft exited with %d",
			       number);
	return err_set(e, EIO, "nftables: %s",
		       text_escape(words_of(text), shown, sizeof(shown)));
}

static void on_ended(enum run_outcome how, int number, struct evbuffer *said,
		     void *arg)
{
	struct nft *n = arg;
	struct err e;
	char *text;
	int rc;

	give_way(n);
	text = evbuffer_add(said, "", 1) < 0
		       ? NULL
		       : (char *)evbuffer_pullup(said, -1);
	rc = text ? outcome(how, number, text, &e)
		  : err_set(&e, ENOMEM, "nftables: no memory for its answer");
	n->done(rc < 0 ? &e : NULL, rc < 0 ? "" : text, n->arg);
}

/* ---- its start ---- */

static int start(struct nft *n, struct err *e)
{
	static const struct run_ops ops = {on_heard, on_ended};
	const char *dir = getenv("XN_LIBEXECDIR");
	scoped_str path = text_format("%s/xn-nft", dir ? dir : XN_LIBEXECDIR);
	char *const argv[] = {(char *)"xn-nft", n->commands, NULL};
	const struct run_command command = {path, argv, environ, LIMIT_S};
	int rc = path ? run_start(&n->run, n->queue->base, &command, &ops, n)
		      : -ENOMEM;

	if (rc < 0)
		return err_errno(e, -rc, "nftables: xn-nft cannot be started");
	n->queue->running = n;
	return 0;
}

static void on_next(evutil_socket_t fd, short what, void *arg)
{
	struct nft_queue *q = arg;
	struct nft *n = STAILQ_FIRST(&q->waiting);
	struct err e;

	(void)fd;
	(void)what;
	if (!n || q->running)
		return;
	STAILQ_REMOVE_HEAD(&q->waiting, link);
	n->waits = false;
	if (start(n, &e) == 0)
		return;
	event_active(q->next, EV_TIMEOUT, 0);
	n->done(&e, "", n->arg);
}

struct nft *nft_start(struct nft_queue *q, const char *commands, nft_cb *done,
		      void *arg, struct err *e)
{
	struct nft *n = calloc(1, sizeof(*n));

	if (n)
		n->commands = strdup(commands);
	if (!n || !n->commands) {
		err_set(e, ENOMEM, "no memory for nftables");
		free(n);
		return NULL;
	}
	n->queue = q;
	n->done = done;
	n->arg = arg;
	n->waits = true;
	STAILQ_INSERT_TAIL(&q->waiting, n, link);
	event_active(q->next, EV_TIMEOUT, 0);
	return n;
}

void nft_free(struct nft *n)
{
	if (!n)
		return;
	if (n->waits)
		STAILQ_REMOVE(&n->queue->waiting, n, nft, link);
	if (n->run)
		run_stop(n->run);
	give_way(n);
	run_free(n->run);
	free(n->commands);
	free(n);
}

/* ---- the queue ---- */

struct nft_queue *nft_queue_new(struct event_base *base, struct err *e)
{
	struct nft_queue *q = calloc(1, sizeof(*q));

	if (q)
		q->next = evtimer_new(base, on_next, q);
	if (!q || !q->next) {
		err_set(e, ENOMEM, "no memory for nftables");
		free(q);
		return NULL;
	}
	q->base = base;
	STAILQ_INIT(&q->waiting);
	return q;
}

void nft_queue_free(struct nft_queue *q)
{
	if (!q)
		return;
	event_free(q->next);
	free(q);
}
