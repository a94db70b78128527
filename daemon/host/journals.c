/* SPDX-License-Identifier: MIT */
/* Files named UUID.DOMID.DEVID in one folder. */
#include "daemon/host/journals.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "base/num.h"
#include "base/scope.h"

#define NAME_BYTES 64
#define UUID_CHARS 36

struct journals {
	int dir;    /* owned */
	char *path; /* owned: for error texts */
};

static void name_print(char name[NAME_BYTES], const struct journal_owner *owner)
{
	snprintf(name, NAME_BYTES, "%.36s.%u.%u", owner->uuid, owner->domid,
		 owner->devid);
}

struct journals *journals_open(const char *dir, struct err *e)
{
	struct journals *j = calloc(1, sizeof(*j));

	if (!j)
		goto no_memory;
	j->dir = -1;
	j->path = strdup(dir);
	if (!j->path)
		goto no_memory;
	if (mkdir(j->path, 0700) < 0 && errno != EEXIST) {
		err_errno(e, errno, "%s: cannot make the folder", j->path);
		goto fail;
	}
	j->dir = open(j->path, O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (j->dir < 0) {
		err_errno(e, errno, "%s: cannot open the folder", j->path);
		goto fail;
	}
	return j;

no_memory:
	err_set(e, ENOMEM, "no memory for the journals' folder");
fail:
	journals_close(j);
	return NULL;
}

void journals_close(struct journals *j)
{
	if (!j)
		return;
	fd_drop(&j->dir);
	free(j->path);
	free(j);
}

int journals_make(struct journals *j, const struct journal_owner *owner,
		  size_t bytes, struct err *e)
{
	char name[NAME_BYTES];
	scoped_fd fd = -1;
	int r;

	journals_remove(j, owner);
	name_print(name, owner);
	fd = openat(j->dir, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_errno(e, errno, "%s/%s: cannot make the journal",
				 j->path, name);
	r = posix_fallocate(fd, 0, (off_t)bytes);
	if (r) {
		unlinkat(j->dir, name, 0);
		return err_errno(e, r, "%s/%s: no room for %zu bytes", j->path,
				 name, bytes);
	}
	return fd_take(&fd);
}

void journals_remove(struct journals *j, const struct journal_owner *owner)
{
	char name[NAME_BYTES];

	name_print(name, owner);
	if (unlinkat(j->dir, name, 0) < 0 && errno != ENOENT)
		log_warn("%s/%s: cannot be removed: %s", j->path, name,
			 strerror(errno));
}

bool journals_parse_name(const char *name, char uuid[JOURNAL_UUID_BYTES],
			 uint32_t *domid)
{
	char text[NAME_BYTES];
	uint32_t devid;
	char *dot;

	if (strlen(name) >= sizeof(text) || strlen(name) < UUID_CHARS + 4 ||
	    name[UUID_CHARS] != '.')
		return false;
	strcpy(text, name + UUID_CHARS + 1);
	dot = strchr(text, '.');
	if (!dot)
		return false;
	*dot = '\0';
	memcpy(uuid, name, UUID_CHARS);
	uuid[UUID_CHARS] = '\0';
	return num_parse_u32(text, UINT16_MAX, domid) == 0 &&
	       num_parse_u32(dot + 1, UINT32_MAX, &devid) == 0;
}

void journals_sweep(struct journals *j,
		    bool (*keep)(uint32_t domid, const char *uuid, void *arg),
		    void *arg)
{
	DIR *dir = fdopendir(fcntl(j->dir, F_DUPFD_CLOEXEC, 3));
	struct dirent *entry;

	if (!dir) {
		log_warn("%s: cannot be read: %s", j->path, strerror(errno));
		return;
	}
	rewinddir(dir); /* the place in it is shared with earlier sweeps */
	while ((entry = readdir(dir))) {
		char uuid[JOURNAL_UUID_BYTES];
		uint32_t domid;

		if (journals_parse_name(entry->d_name, uuid, &domid) &&
		    !keep(domid, uuid, arg))
			unlinkat(j->dir, entry->d_name, 0);
	}
	closedir(dir);
}
