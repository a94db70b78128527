/* SPDX-License-Identifier: MIT */
/* Opening a guest's log file, and nothing else that stands in its place. */
#include "daemon/host/logfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/scope.h"
#include "daemon/host/path.h"

static int open_dir(const char *dir, struct err *e)
{
	char shown[PATH_SHOWN_BYTES];
	int fd;

	path_show(dir, shown);
	if (mkdir(dir, 0750) < 0 && errno != EEXIST)
		return err_errno(e, errno, "%s: cannot make", shown);
	fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(e, errno, "%s: cannot open", shown);
	return fd;
}

int logfile_open(const char *dir, const char *guest_name,
		 char path[LOGFILE_PATH_BYTES], struct err *e)
{
	char shown[PATH_SHOWN_BYTES];
	scoped_fd in = -1, fd = -1;
	struct stat st;
	int n;

	n = snprintf(path, LOGFILE_PATH_BYTES, "%s/guest-%s.log", dir,
		     guest_name);
	path_show(path, shown);
	if (n < 0 || n >= LOGFILE_PATH_BYTES)
		return err_set(e, ENAMETOOLONG, "%s: too long a name", shown);
	if (!*guest_name || strchr(guest_name, '/'))
		return err_set(e, EINVAL, "%s: not a guest's log file", shown);
	in = open_dir(dir, e);
	if (in < 0)
		return in;
	/* O_NONBLOCK: a FIFO that nobody reads is refused, not waited for. */
	fd = openat(in, path + strlen(dir) + 1,
		    O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK |
			    O_NOCTTY | O_CLOEXEC,
		    0640);
	if (fd < 0 && errno == ELOOP)
		return err_set(e, ELOOP, "%s: a symbolic link, not a log file",
			       shown);
	if (fd < 0 || fstat(fd, &st) < 0)
		return err_errno(e, errno, "%s: cannot open", shown);
	if (!S_ISREG(st.st_mode))
		return err_set(e, EINVAL, "%s: %s, not a log file", shown,
			       path_kind(st.st_mode));
	return fd_take(&fd);
}
