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

#define ASIDE	  ".new" /* no record has a dot in its name */
#define DOMID_MAX 0x7fef /* below DOMID_FIRST_RESERVED */
/* "7 made 00:16:3e:01:02:03", each MAC with the blank before it. */
#define RECORD_BYTES (32 + RECORD_MACS_MAX * MAC_TEXT_BYTES)

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

/* Its length. */
static int record_print(const struct record *record, char text[RECORD_BYTES])
{
	char mac[MAC_TEXT_BYTES];
	unsigned int i;
	int n = snprintf(text, RECORD_BYTES, "%u %s", record->domid,
			 record->made ? "made" : "making");

	for (i = 0; i < record->n_macs; i++) {
		mac_print(record->macs[i], mac);
		n += snprintf(text + n, RECORD_BYTES - (size_t)n, " %s", mac);
	}
	return n + snprintf(text + n, RECORD_BYTES - (size_t)n, "\n");
}

int record_write(struct records *r, const char *uuid,
		 const struct record *record, struct err *e)
{
	scoped_fd fd = openat(r->dir, ASIDE,
			      O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	char text[RECORD_BYTES];
	int n = record_print(record, text);

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
static int record_parse(char *text, struct record *record)
{
	char *end = strchr(text, '\n');
	const char *word;

	if (!end || end[1])
		return -EINVAL;
	*end = '\0';
	word = strsep(&text, " ");
	if (!text || num_parse_u32(word, DOMID_MAX, &record->domid) < 0)
		return -EINVAL;
	word = strsep(&text, " ");
	record->made = strcmp(word, "made") == 0;
	if (!record->made && strcmp(word, "making") != 0)
		return -EINVAL;
	while ((word = strsep(&text, " ")))
		if (record->n_macs == RECORD_MACS_MAX ||
		    mac_parse(word, record->macs[record->n_macs++], NULL) < 0)
			return -EINVAL;
	return 0;
}

static int record_read(int dir, const char *uuid, struct record *record)
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
	memset(record, 0, sizeof(*record));
	return record_parse(text, record);
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
		struct record record;

		if (entry->d_name[0] == '.' && strcmp(entry->d_name, ASIDE))
			continue;
		if (record_read(r->dir, entry->d_name, &record) == 0) {
			cb(entry->d_name, &record, arg);
			continue;
		}
		log_warn("%s/%s is no record of a domain: removed", RECORD_DIR,
			 entry->d_name);
		record_remove(r, entry->d_name);
	}
	closedir(dir);
	return 0;
}
