/* SPDX-License-Identifier: MIT */
/* Finding, in /proc, what an earlier xnd started; ending it in time. */
#include "daemon/worker/orphans.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <event2/event.h>

#include "base/err.h"
#include "base/log.h"
#include "base/num.h"
#include "base/scope.h"
#include "base/text.h"
#include "daemon/host/journals.h"
#include "daemon/worker/process.h"

/* A guest that one serves. */
struct served {
	LIST_ENTRY(served) link;
	uint32_t domid;
	char uuid[JOURNAL_UUID_BYTES];
};

struct orphan {
	LIST_ENTRY(orphan) link;
	pid_t pid;
	int pidfd;		    /* owned */
	LIST_HEAD(, served) guests; /* owned; none: consoles, say */
	struct orphans *all;
	struct event *end; /* owned: pending until it has ended, or NULL */
	bool killed;
};

struct orphans {
	LIST_HEAD(, orphan) list;
	LIST_HEAD(, orphan) ending; /* killed, and not gone yet */
	void (*ended)(void *arg);
	void *arg;
};

/* Is this process one of our programs, whatever file that is by now? */
static bool is_worker(pid_t pid)
{
	char link[32];
	char exe[PATH_MAX];
	size_t dir = strlen(process_dir());
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/%d/exe", (int)pid);
	n = readlink(link, exe, sizeof(exe) - 1);
	if (n < 0 && errno != ENOENT && errno != ESRCH)
		log_warn("cannot tell whether pid %d is a worker: %s", (int)pid,
			 strerror(errno));
	if (n < 0)
		return false;
	exe[n] = '\0';
	return strncmp(exe, process_dir(), dir) == 0 && exe[dir] == '/' &&
	       text_begins(exe + dir + 1, "xn-");
}

static struct served *find_guest(const struct orphan *o, uint32_t domid,
				 const char *uuid)
{
	struct served *g;

	LIST_FOREACH(g, &o->guests, link)
		if (g->domid == domid && strcmp(g->uuid, uuid) == 0)
			return g;
	return NULL;
}

static int add_guest(struct orphan *o, uint32_t domid, const char *uuid)
{
	struct served *g;

	if (find_guest(o, domid, uuid))
		return 0;
	g = calloc(1, sizeof(*g));
	if (!g)
		return -ENOMEM;
	g->domid = domid;
	snprintf(g->uuid, sizeof(g->uuid), "%s", uuid);
	LIST_INSERT_HEAD(&o->guests, g, link);
	log_info("pid %d serves domain %u for an earlier xnd", (int)o->pid,
		 domid);
	return 0;
}

static void drop_guest(struct served *g)
{
	LIST_REMOVE(g, link);
	free(g);
}

/*
 * 0 if it has ended, which it may at any time. What else cannot be read must
 * not make it pass for one that serves nobody.
 */
static int unread(int error)
{
	return error == ENOENT || error == ESRCH ? 0 : -error;
}

/* Those of whom it has journals mapped that are still to be found. */
static int read_journals(struct orphan *o)
{
	scoped_str path = text_format("/proc/%d/maps", (int)o->pid);
	FILE *maps = path ? fopen(path, "re") : NULL;
	char uuid[JOURNAL_UUID_BYTES], *line = NULL, *name;
	uint32_t domid;
	size_t size = 0;
	int rc = 0;

	if (!maps)
		return path ? unread(errno) : -ENOMEM;
	while (rc == 0 && getline(&line, &size, maps) > 0) {
		line[strcspn(line, "\n")] = '\0';
		name = strrchr(line, '/');
		if (name && journals_parse_name(name + 1, uuid, &domid))
			rc = add_guest(o, domid, uuid);
	}
	if (rc == 0 && !feof(maps))
		rc = unread(errno);
	free(line);
	fclose(maps);
	return rc;
}

/* Reads whose it is out of its arguments. */
static int read_arguments(struct orphan *o)
{
	char uuid[JOURNAL_UUID_BYTES] = "";
	uint32_t domid = 0;
	char text[512];
	char path[40];
	scoped_fd fd = -1;
	const char *arg;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)o->pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (n < 0)
		return unread(errno);
	text[n] = '\0';
	for (arg = text; arg < text + n; arg += strlen(arg) + 1) {
		if (text_begins(arg, ORPHAN_SHARED_ARG))
			return read_journals(o);
		if (text_begins(arg, ORPHAN_DOMAIN_ARG))
			num_parse_u32(arg + strlen(ORPHAN_DOMAIN_ARG),
				      UINT16_MAX, &domid);
		else if (text_begins(arg, ORPHAN_UUID_ARG))
			snprintf(uuid, sizeof(uuid), "%.36s",
				 arg + strlen(ORPHAN_UUID_ARG));
	}
	return domid ? add_guest(o, domid, uuid) : 0;
}

static void orphan_free(struct orphan *o)
{
	struct served *g;

	while ((g = LIST_FIRST(&o->guests)))
		drop_guest(g);
	LIST_REMOVE(o, link);
	if (o->end)
		event_free(o->end);
	close(o->pidfd);
	free(o);
}

static void orphan_end(struct orphan *o)
{
	log_info("ending pid %d, which an earlier xnd has left", (int)o->pid);
	syscall(SYS_pidfd_send_signal, o->pidfd, SIGKILL, NULL, 0);
	if (!o->end || !event_pending(o->end, EV_READ, NULL)) {
		orphan_free(o);
		return;
	}
	o->killed = true;
	LIST_REMOVE(o, link);
	LIST_INSERT_HEAD(&o->all->ending, o, link);
}

/* One that has ended unasked is listed for as long as its guests live. */
static void on_ended(evutil_socket_t fd, short what, void *arg)
{
	struct orphan *o = arg;
	struct orphans *all = o->all;

	(void)fd;
	(void)what;
	log_debug("pid %d, which an earlier xnd has left, is gone",
		  (int)o->pid);
	if (o->killed)
		orphan_free(o);
	all->ended(all->arg);
}

/* The descriptor first: it cannot come to mean another process. */
static int add(struct orphans *all, pid_t pid)
{
	scoped_fd pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	struct orphan *o;

	if (pidfd < 0)
		return unread(errno);
	if (!is_worker(pid))
		return 0;
	o = calloc(1, sizeof(*o));
	if (!o)
		return -ENOMEM;
	o->pid = pid;
	o->pidfd = fd_take(&pidfd);
	o->all = all;
	LIST_INIT(&o->guests);
	LIST_INSERT_HEAD(&all->list, o, link);
	return read_arguments(o);
}

struct orphans *orphans_find(struct err *e)
{
	struct orphans *all = calloc(1, sizeof(*all));
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	uint32_t pid;
	int rc = 0;

	if (!all || !proc) {
		err_errno(e, all ? errno : ENOMEM,
			  "cannot look for an earlier xnd's workers");
		goto fail;
	}
	LIST_INIT(&all->list);
	LIST_INIT(&all->ending);
	while (rc == 0 && (entry = readdir(proc)))
		if (num_parse_u32(entry->d_name, INT_MAX, &pid) == 0 &&
		    is_worker((pid_t)pid))
			rc = add(all, (pid_t)pid);
	if (rc < 0) {
		err_errno(e, -rc,
			  "cannot read what an earlier xnd's workers do");
		goto fail;
	}
	closedir(proc);
	return all;

fail:
	if (proc)
		closedir(proc);
	orphans_free(all);
	return NULL;
}

void orphans_free(struct orphans *all)
{
	struct orphan *o;

	if (!all)
		return;
	while ((o = LIST_FIRST(&all->list)))
		orphan_free(o);
	while ((o = LIST_FIRST(&all->ending)))
		orphan_free(o);
	free(all);
}

int orphans_watch(struct orphans *all, struct event_base *base,
		  void (*ended)(void *arg), void *arg, struct err *e)
{
	struct orphan *o;

	all->ended = ended;
	all->arg = arg;
	LIST_FOREACH(o, &all->list, link) {
		/* A pidfd can be read from when all of its threads are gone. */
		o->end = event_new(base, o->pidfd, EV_READ, on_ended, o);
		if (!o->end || event_add(o->end, NULL) < 0)
			return err_set(e, ENOMEM,
				       "no memory to watch an earlier xnd's "
				       "workers");
	}
	return 0;
}

void orphans_each(struct orphans *all, orphan_cb *cb, void *arg)
{
	const struct orphan *o;
	const struct served *g;

	LIST_FOREACH(o, &all->list, link)
		LIST_FOREACH(g, &o->guests, link)
			cb(g->domid, g->uuid, arg);
}

bool orphans_have(uint32_t domid, const char *uuid, void *o)
{
	const struct orphans *all = o;
	const struct orphan *one;

	LIST_FOREACH(one, &all->list, link)
		if (find_guest(one, domid, uuid))
			return true;
	return false;
}

void orphans_end_guest(struct orphans *all, uint32_t domid, const char *uuid)
{
	struct orphan *o;
	struct orphan *next;
	struct served *g;

	for (o = LIST_FIRST(&all->list); o; o = next) {
		next = LIST_NEXT(o, link);
		g = find_guest(o, domid, uuid);
		if (!g)
			continue;
		drop_guest(g);
		if (LIST_EMPTY(&o->guests))
			orphan_end(o);
	}
}

void orphans_end_consoles(struct orphans *all)
{
	struct orphan *o;
	struct orphan *next;

	for (o = LIST_FIRST(&all->list); o; o = next) {
		next = LIST_NEXT(o, link);
		if (LIST_EMPTY(&o->guests))
			orphan_end(o);
	}
}
