/* SPDX-License-Identifier: MIT */
/* Made once, looked at by each xnd. */
#include "daemon/host/empty.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/scope.h"

/* Takes fd. */
static int check_contents(int fd, const char *path, struct err *e)
{
	DIR *dir = fdopendir(fd);
	const struct dirent *entry;
	int rc = 0;

	if (!dir) {
		rc = err_errno(e, errno, "%s: cannot read the folder", path);
		close(fd);
		return rc;
	}
	while (rc == 0 && (entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0)
			rc = err_set(e, ENOTEMPTY,
				     "%s must be empty, and has something in "
				     "it",
				     path);
	closedir(dir);
	return rc;
}

int empty_make(const char *path, struct err *e)
{
	scoped_fd fd = -1;
	struct stat st;

	if (mkdir(path, 0555) < 0 && errno != EEXIST)
		return err_errno(e, errno, "%s: cannot make the folder", path);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return err_errno(e, errno, "%s: cannot open the folder", path);
	if (st.st_uid != geteuid() || st.st_mode & (S_IWGRP | S_IWOTH))
		return err_set(e, EPERM,
			       "%s: others may write to the folder, which must "
			       "stay empty",
			       path);
	return check_contents(fd_take(&fd), path, e);
}
