/* SPDX-License-Identifier: MIT */
/* Records of domains: written aside, then renamed. */
#include "daemon/host/record.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/log.h"
#include "base/num.h"
#include "base/scope.h"
#include "base/text.h"
#include "daemon/host/uuid.h"

#define ASIDE	     ".new" /* no record has a dot in its name */
#define RECORD_BYTES 32
#define DOMID_MAX    0x7fef /* below DOMID_FIRST_RESERVED */

struct records {
	int dir; /* owned */
};

static int make_dir(const char *path, struct err *e)
{
	if (mkdir(path, 0755) < 0 && errno != EEXIST)
		return err_errno(e, errno, "%s: cannot make", path);
	return 0;
}

struct records *records_open(const char *dir, struct err *e)
{
	scoped_str copy = strdup(dir);
	struct records *r = calloc(1, sizeof(*r));

	if (!copy || !r) {
		err_set(e, ENOMEM, "no memory for the records of domains");
		free(r);
		return NULL;
	}
	r->dir = -1;
	if (make_dir(dirname(copy), e) < 0 || make_dir(dir, e) < 0)
		goto fail;
	r->dir = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (r->dir < 0) {
		err_errno(e, errno, "%s: cannot open", dir);
		goto fail;
	}
	return r;

fail:
	records_close(r);
	return NULL;
}

void records_close(struct records *r)
{
	if (!r)
		return;
	if (r->dir >= 0)
		close(r->dir);
	free(r);
}

int record_write(struct records *r, const char *uuid, uint32_t domid, bool made,
		 struct err *e)
{
	scoped_fd fd = openat(r->dir, ASIDE,
			      O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	char text[RECORD_BYTES];
	int n = snprintf(text, sizeof(text), "%u %s\n", domid,
			 made ? "made" : "making");

	if (fd < 0 || write(fd, text, (size_t)n) != n ||
	    renameat(r->dir, ASIDE, r->dir, uuid) < 0)
		return err_errno(e, errno ? errno : ENOSPC,
				 "cannot record domain %s in %s", uuid,
				 RECORD_DIR);
	return 0;
}

void record_remove(struct records *r, const char *uuid)
{
	if (unlinkat(r->dir, uuid, 0) < 0 && errno != ENOENT)
		log_error("cannot remove the record of domain %s: %s", uuid,
			  strerror(errno));
}

/* 0 or -EINVAL. */
static int record_parse(char *text, uint32_t *domid, bool *made)
{
	char *word = strchr(text, ' ');

	if (!word)
		return -EINVAL;
	*word++ = '\0';
	*made = strcmp(word, "made\n") == 0;
	if (!*made && strcmp(word, "making\n") != 0)
		return -EINVAL;
	return num_parse_u32(text, DOMID_MAX, domid) < 0 ? -EINVAL : 0;
}

static int record_read(int dir, const char *uuid, uint32_t *domid, bool *made)
{
	scoped_fd fd = openat(dir, uuid, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	char text[RECORD_BYTES];
	uint8_t bytes[UUID_BYTES];
	struct err ignored;
	ssize_t n;

	if (fd < 0 || uuid_parse(uuid, bytes, &ignored) < 0)
		return -EINVAL;
	n = read(fd, text, sizeof(text) - 1);
	if (n <= 0)
		return -EINVAL;
	text[n] = '\0';
	return record_parse(text, domid, made);
}

int records_each(struct records *r, record_cb *cb, void *arg, struct err *e)
{
	/* A description of its own: reading moves it. */
	int fd = openat(r->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!dir) {
		int code = errno;

		if (fd >= 0)
			close(fd);
		return err_errno(e, code, "cannot read %s", RECORD_DIR);
	}
	while ((entry = readdir(dir))) {
		uint32_t domid;
		bool made;

		if (entry->d_name[0] == '.' && strcmp(entry->d_name, ASIDE))
			continue;
		if (record_read(r->dir, entry->d_name, &domid, &made) == 0) {
			cb(entry->d_name, domid, made, arg);
			continue;
		}
		log_warn("%s/%s is no record of a domain: removed", RECORD_DIR,
			 entry->d_name);
		record_remove(r, entry->d_name);
	}
	closedir(dir);
	return 0;
}
