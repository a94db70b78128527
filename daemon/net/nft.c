/* SPDX-License-Identifier: MIT */
/* Runs of xn-nft in a queue: started, listened to, and ended. */
#include "daemon/net/nft.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <event2/buffer.h>
#include <event2/event.h>

#include "base/err.h"
#include "base/scope.h"
#include "base/text.h"

#define LIMIT_S	       10
#define READ_BYTES     4096
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
	pid_t pid;		 /* 0: not yet, or reaped */
	int pidfd;		 /* owned */
	int out;		 /* owned: what it says */
	bool waits;		 /* is in the queue */
	bool late;
	struct evbuffer *text;
	struct event *heard, *exited, *overdue; /* owned */
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

static int hear(struct nft *n)
{
	if (evbuffer_get_length(n->text) > TEXT_BYTES_MAX)
		return 0;
	return evbuffer_read(n->text, n->out, READ_BYTES);
}

static void on_heard(evutil_socket_t fd, short what, void *arg)
{
	struct nft *n = arg;

	(void)fd;
	(void)what;
	if (hear(n) == 0)
		event_del(n->heard);
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

static int outcome(const struct nft *n, const siginfo_t *info, char *text,
		   struct err *e)
{
	char shown[240];

	if (n->late)
		return err_set(e, ETIMEDOUT,
			       "nftables: no answer in %d seconds", LIMIT_S);
	if (info->si_code != CLD_EXITED)
		return err_set(e, EPIPE,
			       "nftables: xn-nft was killed by signal %d",
			       info->si_status);
	if (info->si_status == 0)
		return 0;
	if (!*text)
		return err_set(e, EIO, "nftables: xn-nft exited with %d",
			       info->si_status);
	return err_set(e, EIO, "nftables: %s",
		       text_escape(words_of(text), shown, sizeof(shown)));
}

static void on_exited(evutil_socket_t fd, short what, void *arg)
{
	struct nft *n = arg;
	siginfo_t info = {0};
	struct err e;
	char *text;
	int rc;

	(void)fd;
	(void)what;
	if (waitid(P_PIDFD, (id_t)n->pidfd, &info, WEXITED | WNOHANG) < 0 ||
	    info.si_pid == 0)
		return;
	n->pid = 0;
	give_way(n);
	event_del(n->exited);
	event_del(n->overdue);
	event_del(n->heard);
	while (hear(n) > 0)
		;
	text = evbuffer_add(n->text, "", 1) < 0
		       ? NULL
		       : (char *)evbuffer_pullup(n->text, -1);
	rc = text ? outcome(n, &info, text, &e)
		  : err_set(&e, ENOMEM, "nftables: no memory for its answer");
	n->done(rc < 0 ? &e : NULL, rc < 0 ? "" : text, n->arg);
}

static void on_overdue(evutil_socket_t fd, short what, void *arg)
{
	struct nft *n = arg;

	(void)fd;
	(void)what;
	n->late = true;
	kill(n->pid, SIGKILL);
}

/* ---- its start ---- */

/* Its descriptors: null, and the pipe twice. */
static int spawn(struct nft *n, const char *path, int out)
{
	char *const argv[] = {(char *)"xn-nft", n->commands, NULL};
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none, all;
	int r;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&files);
	posix_spawnattr_init(&attr);
	posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&files, out, 1);
	posix_spawn_file_actions_adddup2(&files, out, 2);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &all);
	/* The terminal's Ctrl-C is not for it. */
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK |
						POSIX_SPAWN_SETSIGDEF |
						POSIX_SPAWN_SETSID);
	r = posix_spawn(&n->pid, path, &files, &attr, argv, environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&files);
	if (r != 0)
		n->pid = 0;
	return -r;
}

static int spawn_from_dir(struct nft *n, int out)
{
	const char *dir = getenv("XN_LIBEXECDIR");
	scoped_str path = text_format("%s/xn-nft", dir ? dir : XN_LIBEXECDIR);

	return path ? spawn(n, path, out) : -ENOMEM;
}

/* Its end, for xn-nft, must wait when it is full; ours must not. */
static int open_pipe(struct nft *n, int *theirs)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	n->out = ends[0];
	*theirs = ends[1];
	return fcntl(n->out, F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;
}

static int watch(struct nft *n, struct event_base *base)
{
	const struct timeval limit = {LIMIT_S, 0};

	n->pidfd = (int)syscall(SYS_pidfd_open, n->pid, 0);
	if (n->pidfd < 0)
		return -errno;
	n->text = evbuffer_new();
	n->heard = event_new(base, n->out, EV_READ | EV_PERSIST, on_heard, n);
	n->overdue = evtimer_new(base, on_overdue, n);
	n->exited =
		event_new(base, n->pidfd, EV_READ | EV_PERSIST, on_exited, n);
	if (!n->text || !n->heard || !n->overdue || !n->exited ||
	    event_add(n->exited, NULL) < 0 || event_add(n->heard, NULL) < 0 ||
	    evtimer_add(n->overdue, &limit) < 0)
		return -ENOMEM;
	return 0;
}

static int start(struct nft *n, struct err *e)
{
	scoped_fd theirs = -1;
	int rc = open_pipe(n, &theirs);

	if (rc == 0)
		rc = spawn_from_dir(n, theirs);
	if (rc == 0)
		rc = watch(n, n->queue->base);
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
	n->out = -1;
	n->pidfd = -1;
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
	if (n->pid) {
		kill(n->pid, SIGKILL);
		waitpid(n->pid, NULL, 0);
	}
	give_way(n);
	if (n->heard)
		event_free(n->heard);
	if (n->exited)
		event_free(n->exited);
	if (n->overdue)
		event_free(n->overdue);
	if (n->text)
		evbuffer_free(n->text);
	fd_drop(&n->pidfd);
	fd_drop(&n->out);
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
