/* SPDX-License-Identifier: MIT */
/* From a path to a descriptor, in two steps. */
#include "daemon/host/path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/scope.h"
#include "base/text.h"

int path_find(const char *path, struct stat *st, struct err *e)
{
	char shown[PATH_SHOWN_BYTES];
	scoped_fd fd = -1;

	path_show(path, shown);
	if (path[0] != '/')
		return err_set(e, EINVAL, "%s: not an absolute path", shown);
	fd = open(path, O_PATH | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return err_set(e, ENOENT, "%s: no such file", shown);
	if (fd < 0 || fstat(fd, st) < 0)
		return err_errno(e, errno, "%s: cannot open", shown);
	return fd_take(&fd);
}

int path_reopen(int fd, int flags)
{
	char link[32];
	int again;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	again = open(link, flags | O_CLOEXEC | O_NOCTTY);
	return again < 0 ? -errno : again;
}

void path_show(const char *path, char shown[PATH_SHOWN_BYTES])
{
	/* Room for one escape more than is shown, to see that it was cut. */
	char text[PATH_SHOWN_BYTES + 4];

	text_escape(path, text, sizeof(text));
	if (strlen(text) >= PATH_SHOWN_BYTES)
		strcpy(text + PATH_SHOWN_BYTES - 4, "...");
	memcpy(shown, text, PATH_SHOWN_BYTES);
}

const char *path_kind(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG:
		return "a regular file";
	case S_IFDIR:
		return "a directory";
	case S_IFBLK:
		return "a block device";
	case S_IFCHR:
		return "a character device";
	case S_IFIFO:
		return "a FIFO";
	case S_IFSOCK:
		return "a socket";
	}
	return "a special file";
}
