/* SPDX-License-Identifier: MIT */
/* Through /proc, descriptor by descriptor. */
#include "tests/bench/ring/server.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"

#define PROGRAM "xn-blk"

static bool is_server(const char *pid)
{
	char path[280], name[32] = "";
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%s/comm", pid);
	file = fopen(path, "re");
	if (!file)
		return false;
	if (!fgets(name, sizeof(name), file))
		name[0] = '\0';
	fclose(file);
	return strcmp(name, PROGRAM "\n") == 0;
}

static bool is_same(const struct stat *a, const struct stat *b)
{
	if (S_ISBLK(a->st_mode) && S_ISBLK(b->st_mode))
		return a->st_rdev == b->st_rdev;
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static bool has_open(const char *pid, const struct stat *what)
{
	char path[540];
	struct dirent *entry;
	struct stat st;
	bool found = false;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%s/fd", pid);
	dir = opendir(path);
	if (!dir)
		return false;
	while (!found && (entry = readdir(dir))) {
		snprintf(path, sizeof(path), "/proc/%s/fd/%s", pid,
			 entry->d_name);
		found = stat(path, &st) == 0 && is_same(&st, what);
	}
	closedir(dir);
	return found;
}

pid_t server_find(const char *path, struct err *e)
{
	struct dirent *entry;
	struct stat st;
	pid_t pid = 0;
	DIR *dir;

	if (stat(path, &st) < 0)
		return err_errno(e, errno, "%s", path);
	dir = opendir("/proc");
	if (!dir)
		return err_errno(e, errno, "/proc");
	while (pid == 0 && (entry = readdir(dir)))
		if (is_server(entry->d_name) && has_open(entry->d_name, &st))
			pid = atoi(entry->d_name);
	closedir(dir);
	return pid ? pid
		   : err_set(e, ESRCH, "no " PROGRAM " has %s open", path);
}
