/* SPDX-License-Identifier: MIT */
/* A child with its listening socket in hand, as systemd would start it. */
#include "daemon/worker/nbd_server.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <event2/event.h>

#include "base/err.h"
#include "base/log.h"
#include "base/scope.h"
#include "base/text.h"

#define GRACE_S	   10
#define ARGS_MAX   16
#define WORDS	   240
#define PID_DIGITS 12

struct nbd_server {
	pid_t pid;
	int pidfd;	       /* owned */
	int words;	       /* owned: what it says on its stderr */
	struct event *exited;  /* owned */
	struct event *said;    /* owned */
	struct event *overdue; /* owned */
	bool ending;
	bool killed;
	char last[WORDS]; /* line that it said */
	char log_name[48];
	nbd_server_cb *cb; /* NULL: nobody wants to know */
	void *arg;
};

/* ---- the child ---- */

struct child {
	const char *program;
	const char *argv[ARGS_MAX];
	const char *environment[6];
	char *pid_digits; /* in the environment's LISTEN_PID */
	int fds[4];	  /* for 1, 2 and 3, and one to be kept; all above 9 */
};

/* No more than may be done between fork and exec of a process with threads. */
static void print_pid(char *digits)
{
	pid_t pid = getpid();
	char *at = digits + PID_DIGITS;

	while (at > digits) {
		*--at = (char)('0' + pid % 10);
		pid /= 10;
	}
}

__attribute__((noreturn)) static void run(struct child *c)
{
	struct sigaction fresh = {.sa_handler = SIG_DFL};
	sigset_t none;
	int i;

	setsid();
	for (i = 1; i < NSIG; i++)
		if (i != SIGPIPE) /* we may be gone when it has words */
			sigaction(i, &fresh, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	dup2(c->fds[0], 0);
	dup2(c->fds[0], 1);
	dup2(c->fds[1], 2);
	dup2(c->fds[2], 3);
	if (c->fds[3] >= 0)
		dup2(c->fds[3], 4);
	print_pid(c->pid_digits);
	execve(c->program, (char **)c->argv, (char **)c->environment);
	_exit(127);
}

/*
 * Written through: a guest is not told that a qemu-nbd has died, and counts
 * on what it has been answered. What QEMU would keep in its own memory until
 * a flush, the tables of a format among it, would be lost with it.
 */
static const char *cache_of(const struct nbd_serve *what)
{
	return what->direct ? "--cache=directsync" : "--cache=writethrough";
}

static void fill_arguments(struct child *c, const struct nbd_serve *what,
			   const char *format)
{
	const char **arg = c->argv;

	*arg++ = "qemu-nbd";
	*arg++ = format;
	*arg++ = cache_of(what);
	*arg++ = "--aio=threads";
	*arg++ = what->discards ? "--discard=unmap" : "--discard=ignore";
	*arg++ = "--detect-zeroes=off";
	*arg++ = "--shared=1";
	if (what->read_only)
		*arg++ = "--read-only";
	*arg++ = what->path;
	*arg = NULL;
}

/* fds: null, stderr, socket, lock. 0 or a negative errno. */
static int spawn(struct nbd_server *s, const struct nbd_serve *what,
		 const int fds[4])
{
	char pid[] = "LISTEN_PID=000000000000";
	scoped_str format = text_format("--format=%s", what->format);
	struct child c = {
		.program = what->program,
		.environment = {pid, "LISTEN_FDS=1", "LC_ALL=C",
				"PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL},
		.pid_digits = pid + strlen("LISTEN_PID="),
	};
	int rc = format ? 0 : -ENOMEM;
	int i;

	fill_arguments(&c, what, format);
	/* Above those that are being filled. */
	for (i = 0; i < 4; i++) {
		c.fds[i] = fds[i] < 0 ? -1 : fcntl(fds[i], F_DUPFD_CLOEXEC, 10);
		if (c.fds[i] < 0 && fds[i] >= 0)
			rc = -errno;
	}
	if (rc == 0) {
		s->pid = fork();
		if (s->pid == 0)
			run(&c);
		rc = s->pid < 0 ? -errno : 0;
	}
	for (i = 0; i < 4; i++)
		fd_drop(&c.fds[i]);
	return rc;
}

/* ---- its end ---- */

static void nbd_server_scrap(struct nbd_server *s)
{
	if (s->exited)
		event_free(s->exited);
	if (s->said)
		event_free(s->said);
	if (s->overdue)
		event_free(s->overdue);
	fd_drop(&s->pidfd);
	fd_drop(&s->words);
	free(s);
}

/* Keeps the last line of what it says, and logs each. */
static void hear(struct nbd_server *s)
{
	char text[1024], shown[WORDS];
	ssize_t n = read(s->words, text, sizeof(text) - 1);
	char *line, *rest = NULL;

	if (n <= 0) {
		if (n == 0 || errno != EAGAIN)
			event_del(s->said);
		return;
	}
	text[n] = '\0';
	for (line = strtok_r(text, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest)) {
		snprintf(s->last, sizeof(s->last), "%s",
			 text_escape(line, shown, sizeof(shown)));
		log_debug("%s: %s", s->log_name, s->last);
	}
}

static void on_said(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	hear(arg);
}

static void on_exited(evutil_socket_t fd, short what, void *arg)
{
	struct nbd_server *s = arg;
	siginfo_t info = {0};
	char why[WORDS + 40];
	bool failed;

	(void)fd;
	(void)what;
	if (waitid(P_PIDFD, (id_t)s->pidfd, &info, WEXITED | WNOHANG) < 0 ||
	    info.si_pid == 0)
		return;
	hear(s);
	event_del(s->exited);
	event_del(s->said);
	event_del(s->overdue);
	s->pid = 0;
	failed = !s->ending &&
		 (info.si_code != CLD_EXITED || info.si_status != 0);
	if (info.si_code == CLD_EXITED && s->last[0])
		snprintf(why, sizeof(why), "%s", s->last);
	else if (info.si_code == CLD_EXITED)
		snprintf(why, sizeof(why), "qemu-nbd exited with %d",
			 info.si_status);
	else
		snprintf(why, sizeof(why), "qemu-nbd was killed by signal %d",
			 info.si_status);
	if (s->cb)
		s->cb(failed, why, s->arg);
	else
		nbd_server_scrap(s);
}

static void on_overdue(evutil_socket_t fd, short what, void *arg)
{
	struct nbd_server *s = arg;

	(void)fd;
	(void)what;
	log_warn("%s: qemu-nbd (pid %d) does not end: killed", s->log_name,
		 (int)s->pid);
	kill(s->pid, SIGKILL);
}

void nbd_server_end(struct nbd_server *s)
{
	struct timeval grace = {GRACE_S, 0};

	if (s->pid == 0 || s->ending)
		return;
	s->ending = true;
	kill(s->pid, SIGTERM);
	evtimer_add(s->overdue, &grace);
}

void nbd_server_free(struct nbd_server *s)
{
	if (!s)
		return;
	if (s->pid == 0) {
		nbd_server_scrap(s);
		return;
	}
	/* Reaped by the loop, which frees it then. */
	s->cb = NULL;
	kill(s->pid, SIGKILL);
}

pid_t nbd_server_pid(const struct nbd_server *s)
{
	return s->pid;
}

/* ---- its start ---- */

/*
 * A listening socket, and a connection to it that waits there. The name that
 * a socket must have for that is gone before anybody else could use it; the
 * folder is ours alone besides.
 */
static int make_sockets(const char *dir, int *listener, int *connection,
			struct err *e)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	const struct sockaddr *address = (const struct sockaddr *)&at;
	const int kind = SOCK_STREAM | SOCK_CLOEXEC;
	int n = snprintf(at.sun_path, sizeof(at.sun_path), "%s/starting", dir);
	int r = -1;

	if (n < 0 || (size_t)n >= sizeof(at.sun_path))
		return err_set(e, ENAMETOOLONG, "%s: too long a path", dir);
	unlink(at.sun_path);
	*listener = socket(AF_UNIX, kind, 0);
	*connection = socket(AF_UNIX, kind | SOCK_NONBLOCK, 0);
	if (*listener >= 0 && *connection >= 0 &&
	    bind(*listener, address, sizeof(at)) == 0 &&
	    listen(*listener, 1) == 0)
		r = connect(*connection, address, sizeof(at));
	if (r < 0)
		err_errno(e, errno, "%s: cannot make a socket", at.sun_path);
	unlink(at.sun_path);
	return r < 0 ? -e->code : 0;
}

static int watch(struct nbd_server *s, struct event_base *base)
{
	s->pidfd = (int)syscall(SYS_pidfd_open, s->pid, 0);
	if (s->pidfd < 0)
		return -errno;
	s->exited =
		event_new(base, s->pidfd, EV_READ | EV_PERSIST, on_exited, s);
	s->said = event_new(base, s->words, EV_READ | EV_PERSIST, on_said, s);
	s->overdue = evtimer_new(base, on_overdue, s);
	if (!s->exited || !s->said || !s->overdue ||
	    event_add(s->exited, NULL) < 0 || event_add(s->said, NULL) < 0)
		return -ENOMEM;
	return 0;
}

static int start(struct nbd_server *s, struct event_base *base,
		 const struct nbd_serve *what, int listener, struct err *e)
{
	scoped_fd null = open("/dev/null", O_RDWR | O_CLOEXEC);
	scoped_fd theirs = -1;
	int ends[2];
	int rc;

	if (null < 0 || pipe2(ends, O_CLOEXEC) < 0)
		return err_errno(e, errno, "%s: cannot start", what->program);
	s->words = ends[0];
	theirs = ends[1];
	fcntl(s->words, F_SETFL, O_NONBLOCK);
	rc = spawn(s, what, (int[]){null, theirs, listener, what->lock});
	if (rc < 0)
		return err_errno(e, -rc, "%s: cannot start", what->program);
	rc = watch(s, base);
	if (rc == 0)
		return 0;
	kill(s->pid, SIGKILL);
	waitpid(s->pid, NULL, 0);
	return err_errno(e, -rc, "cannot watch %s", what->program);
}

struct nbd_server *nbd_server_start(struct event_base *base,
				    const struct nbd_serve *what,
				    nbd_server_cb *cb, void *arg,
				    int *connection, struct err *e)
{
	struct nbd_server *s = calloc(1, sizeof(*s));
	scoped_fd listener = -1;
	scoped_fd ours = -1;

	if (!s) {
		err_set(e, ENOMEM, "no memory for a qemu-nbd");
		return NULL;
	}
	s->pidfd = -1;
	s->words = -1;
	s->cb = cb;
	s->arg = arg;
	snprintf(s->log_name, sizeof(s->log_name), "%s", what->log_name);
	if (access(what->program, X_OK) < 0) {
		err_errno(e, errno,
			  "%s, which serves format %s (package qemu-utils; "
			  "qemu_nbd in xnd.conf says where it is)",
			  what->program, what->format);
		goto fail;
	}
	if (make_sockets(what->dir, &listener, &ours, e) < 0 ||
	    start(s, base, what, listener, e) < 0)
		goto fail;
	*connection = fd_take(&ours);
	log_debug("%s: qemu-nbd started, pid %d", s->log_name, (int)s->pid);
	return s;

fail:
	nbd_server_scrap(s);
	return NULL;
}
