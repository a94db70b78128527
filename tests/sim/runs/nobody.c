/* SPDX-License-Identifier: MIT */
/* Looking at processes by /proc. */
#include "tests/sim/runs/nobody.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/scope.h"
#include "base/text.h"

#define EMPTY "/run/xn/empty"

/* Calls look with each entry of a folder of /proc that is a number. */
static int each_number(const char *dir,
		       int (*look)(const char *path, void *arg, struct err *e),
		       void *arg, struct err *e)
{
	DIR *all = opendir(dir);
	struct dirent *entry;
	int rc = 0;

	if (!all)
		return err_errno(e, errno, "%s", dir);
	while (rc == 0 && (entry = readdir(all))) {
		scoped_str path = text_format("%s/%s", dir, entry->d_name);

		if (isdigit((unsigned char)entry->d_name[0]))
			rc = look(path, arg, e);
	}
	closedir(all);
	return rc;
}

/* The value of a line of path's status; "" when there is none. */
static void status_of(const char *path, const char *key, char value[80])
{
	scoped_str name = text_format("%s/status", path);
	FILE *f = fopen(name, "re");
	char line[256];
	size_t length = strlen(key);

	value[0] = '\0';
	while (f && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, key, length) == 0 && line[length] == ':')
			snprintf(value, 80, "%s", line + length + 2);
	}
	if (f)
		fclose(f);
}

static int same(const char *path, const char *key, const char *wanted,
		struct err *e)
{
	char value[80];

	status_of(path, key, value);
	if (strcmp(value, wanted) == 0)
		return 0;
	return err_set(e, EPERM, "%s: %s is \"%s\", not \"%s\"", path, key,
		       value, wanted);
}

/* Its user as its parent's thread has it, in arg. */
static int look_at_thread(const char *path, void *arg, struct err *e)
{
	static const char none[] = "0000000000000000";
	const char *const *ids = arg;
	int rc = same(path, "Uid", *ids, e);

	if (rc == 0)
		rc = same(path, "Gid", *ids, e);
	if (rc == 0)
		rc = same(path, "Groups", " ", e);
	if (rc == 0)
		rc = same(path, "CapInh", none, e);
	if (rc == 0)
		rc = same(path, "CapPrm", none, e);
	if (rc == 0)
		rc = same(path, "CapEff", none, e);
	if (rc == 0)
		rc = same(path, "CapAmb", none, e);
	if (rc == 0)
		rc = same(path, "NoNewPrivs", "1", e);
	return rc < 0 ? rc : same(path, "Seccomp", "2", e);
}

static int look_at_link(const char *path, const char *name, struct err *e)
{
	scoped_str link = text_format("%s/%s", path, name);
	char to[300];
	ssize_t n = readlink(link, to, sizeof(to) - 1);

	to[n < 0 ? 0 : n] = '\0';
	if (strcmp(to, EMPTY) == 0)
		return 0;
	return err_set(e, EPERM, "%s is %s, not " EMPTY, link, to);
}

static int look_at_descriptor(const char *path, void *arg, struct err *e)
{
	struct stat st;

	(void)arg;
	if (stat(path, &st) < 0 || !S_ISDIR(st.st_mode))
		return 0;
	return err_set(e, EPERM, "%s is a folder", path);
}

static int look_at_process(const char *path, uint32_t user, struct err *e)
{
	scoped_str threads = text_format("%s/task", path);
	scoped_str fds = text_format("%s/fd", path);
	scoped_str ids =
		text_format("%" PRIu32 "\t%" PRIu32 "\t%" PRIu32 "\t%" PRIu32,
			    user, user, user, user);
	int rc = each_number(threads, look_at_thread, &ids, e);

	if (rc == 0)
		rc = look_at_link(path, "root", e);
	if (rc == 0)
		rc = look_at_link(path, "cwd", e);
	return rc < 0 ? rc : each_number(fds, look_at_descriptor, NULL, e);
}

struct looking {
	const char *program;
	unsigned int found;
	uint32_t user;
};

static int look_at_any(const char *path, void *arg, struct err *e)
{
	struct looking *l = arg;
	char value[80];
	uint32_t user;

	status_of(path, "Name", value);
	if (strcmp(value, l->program) != 0)
		return 0;
	status_of(path, "Uid", value);
	user = (uint32_t)strtoul(value, NULL, 10);
	if (l->found++ && user != l->user)
		return err_set(e, EPERM, "%s is user %u, and another one %u",
			       l->program, user, l->user);
	l->user = user;
	return look_at_process(path, user, e);
}

int nobody_look(const char *program, uint32_t *user, struct err *e)
{
	struct looking l = {.program = program};
	int rc = each_number("/proc", look_at_any, &l, e);

	*user = l.user;
	if (rc == 0 && !l.found)
		rc = err_set(e, ESRCH, "there is no %s", program);
	if (rc == 0 && l.user < NOBODY_FIRST)
		rc = err_set(e, EPERM, "%s is user %u", program, l.user);
	return rc;
}
