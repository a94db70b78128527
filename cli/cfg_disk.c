/* SPDX-License-Identifier: MIT */
/* Disk specifications: the only file that knows libxlutil. */
#include "cli/cfg_disk.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <libxlutil.h>

#include "base/err.h"
#include "base/scope.h"
#include "base/text.h"
#include "json/json.h"

static int refuse(struct err *e, const char *what)
{
	return err_set(e, ENOTSUP, "not supported by xn yet: %s", what);
}

/*
 * "nbd:" before a target is, to libxlutil, the old way to ask for the script
 * block-nbd; but what goes on with two slashes is a URI.
 */
static bool is_cut_uri(const libxl_device_disk *disk)
{
	return disk->script && strcmp(disk->script, "block-nbd") == 0 &&
	       disk->pdev_path && text_begins(disk->pdev_path, "//");
}

static bool is_empty(const libxl_device_disk *disk)
{
	return !disk->pdev_path || !disk->pdev_path[0];
}

static int check_served(const libxl_device_disk *disk, struct err *e)
{
	if (disk->script && disk->format != LIBXL_DISK_FORMAT_RAW)
		return err_set(e, EINVAL,
			       "script= makes a block device: format is raw");
	if (disk->format == LIBXL_DISK_FORMAT_EMPTY && !disk->is_cdrom)
		return refuse(e, "an empty drive that is no CD-ROM's");
	if (disk->backend_domname || disk->backend_domid)
		return refuse(e, "backend=: dom0 serves all disks");
	if (disk->backend == LIBXL_DISK_BACKEND_STANDALONE)
		return refuse(e, "backendtype=standalone");
	if (disk->specification == LIBXL_DISK_SPECIFICATION_VIRTIO)
		return refuse(e, "specification=virtio");
	if (!libxl_defbool_is_default(disk->colo_enable) &&
	    libxl_defbool_val(disk->colo_enable))
		return refuse(e, "colo");
	if (is_empty(disk) && (!disk->is_cdrom || disk->script))
		return err_set(e, EINVAL, "no target is given");
	return 0;
}

static bool is_off(libxl_defbool b)
{
	return !libxl_defbool_is_default(b) && !libxl_defbool_val(b);
}

/*
 * What goes before a target: what a script takes may look like anything, and
 * a URI goes to xnd as it is, which knows the schemes.
 */
static const char *prefix_of(const libxl_device_disk *disk)
{
	if (is_cut_uri(disk))
		return "nbd:";
	if (disk->script || disk->pdev_path[0] == '/' ||
	    strstr(disk->pdev_path, "://"))
		return "";
	return "/dev/";
}

/* There is nothing in an empty drive that would have a format. */
static const char *format_of(const libxl_device_disk *disk)
{
	if (disk->format == LIBXL_DISK_FORMAT_EMPTY)
		return "raw";
	return libxl_disk_format_to_string(disk->format);
}

static struct json *to_json(const libxl_device_disk *disk, bool unchecked,
			    bool untrusted)
{
	scoped_str target =
		is_empty(disk)
			? text_format("%s", "")
			: text_format("%s%s", prefix_of(disk), disk->pdev_path);
	struct json *v = json_new_object();
	const char *access = disk->readwrite ? "rw" : "ro";

	json_set_string(v, "vdev", disk->vdev);
	json_set_string(v, "target", target);
	json_set_string(v, "format", format_of(disk));
	json_set_string(v, "access", unchecked ? "w!" : access);
	if (disk->is_cdrom)
		json_set_bool(v, "cdrom", true);
	if (is_off(disk->discard_enable))
		json_set_bool(v, "discard", false);
	if (disk->direct_io_safe)
		json_set_bool(v, "direct_io_safe", true);
	if (untrusted)
		json_set_bool(v, "trusted", false);
	if (disk->script && !is_cut_uri(disk))
		json_set_string(v, "script", disk->script);
	return v;
}

/*
 * libxlutil reports "NAME: config parsing error in disk specification: WHAT";
 * the WHAT is for our reader.
 */
static void read_report(const char *report, int error, struct err *e)
{
	static const char preamble[] = "disk specification: ";
	const char *what = report ? strstr(report, preamble) : NULL;

	if (!what) {
		err_errno(e, error, "the disk cannot be understood");
		return;
	}
	what += strlen(preamble);
	err_set(e, EINVAL, "%.*s", (int)strcspn(what, "\n"), what);
}

/* The parser's report, whatever came of it, is in *report. */
static int parse(size_t count, const char *const *specs,
		 libxl_device_disk *disk, char **report)
{
	size_t size;
	FILE *out = open_memstream(report, &size);
	XLU_Config *xlu = NULL;
	int r = ENOMEM;

	if (!out)
		return ENOMEM;
	xlu = xlu_cfg_init(out, "disk");
	if (xlu)
		r = xlu_disk_parse(xlu, (int)count, specs, disk);
	if (xlu)
		xlu_cfg_destroy(xlu);
	fclose(out);
	return r;
}

/* ---- what libxlutil does not know: "untrusted" (of newer ones), "w!" ---- */

/* Is the word that begins there, and is so long, this flag? */
static bool is_flag(const char *at, size_t length, const char *flag)
{
	size_t blanks = strspn(at, " \t\n");

	return blanks <= length && length - blanks == strlen(flag) &&
	       memcmp(at + blanks, flag, strlen(flag)) == 0;
}

/* spec without "trusted" and "untrusted"; the caller frees it. */
static char *without_flags(const char *spec, bool *untrusted)
{
	char *copy = strdup(spec);
	char *to = copy;

	while (copy && *spec) {
		size_t length = strcspn(spec, ",");

		/* By this name the target is all the rest. */
		if (text_begins(spec + strspn(spec, " \t\n"), "target="))
			length = strlen(spec);
		if (is_flag(spec, length, "trusted"))
			*untrusted = false;
		else if (is_flag(spec, length, "untrusted"))
			*untrusted = true;
		else
			to = mempcpy(to, spec, length + (spec[length] == ','));
		spec += length + (spec[length] == ',');
	}
	if (copy)
		*to = '\0';
	return copy;
}

/*
 * Where the word that begins there says "w!" or "!", and in *length how much
 * of it; NULL when it says something else.
 */
static const char *find_mark(const char *at, size_t *length)
{
	static const char key[] = "access=";
	const char *end = at + strcspn(at, ",");

	at += strspn(at, " \t\n");
	if (text_begins(at, key))
		at += strlen(key);
	*length = (size_t)(end - at);
	return (*length == 2 && at[0] == 'w' && at[1] == '!') ||
			       (*length == 1 && *at == '!')
		       ? at
		       : NULL;
}

/* Does that letter, made "r" and then "w", say how the disk is accessed? */
static bool says_access(size_t count, const char *const *specs, char *letter)
{
	bool writes[2];
	size_t i;

	for (i = 0; i < 2; i++) {
		scoped_str report = NULL;
		libxl_device_disk disk;
		int r;

		*letter = "rw"[i];
		libxl_device_disk_init(&disk);
		r = parse(count, specs, &disk, &report);
		writes[i] = disk.readwrite;
		libxl_device_disk_dispose(&disk);
		if (r)
			return false;
	}
	return !writes[0] && writes[1];
}

/* The words of a disk, and what was taken out of them. */
struct words {
	size_t count;
	char **specs; /* owned, as is each; more room than count */
	bool unchecked, untrusted;
};

static void words_drop(struct words *w)
{
	size_t i;

	for (i = 0; w->specs && i < w->count; i++)
		free(w->specs[i]);
	free(w->specs);
}

/*
 * Makes "w" of the "w!" or "!" in one of the specifications that stands for
 * access: which word does, libxlutil says.
 */
static bool take_mark(struct words *w, size_t of)
{
	char *spec = w->specs[of];
	const char *at = spec, *mark;
	size_t length;
	char *copy;

	while (at) {
		mark = find_mark(at, &length);
		at = strchr(at, ',');
		at = at ? at + 1 : NULL;
		if (!mark)
			continue;
		copy = text_format("%.*sw%s", (int)(mark - spec), spec,
				   mark + length);
		if (!copy)
			continue;
		w->specs[of] = copy;
		if (says_access(w->count, (const char *const *)w->specs,
				copy + (mark - spec))) {
			free(spec);
			return true;
		}
		w->specs[of] = spec;
		free(copy);
	}
	return false;
}

static int words_take(struct words *w, size_t count, const char *const *specs,
		      struct err *e)
{
	size_t i;

	if (count > INT_MAX)
		return err_set(e, E2BIG, "too many words");
	w->count = count;
	w->specs = calloc(count + 1, sizeof(*w->specs));
	for (i = 0; w->specs && i < count; i++) {
		w->specs[i] = without_flags(specs[i], &w->untrusted);
		if (!w->specs[i])
			break;
	}
	if (!w->specs || i < count)
		return err_set(e, ENOMEM, "no memory for a disk");
	for (i = 0; i < count && !w->unchecked; i++)
		w->unchecked = take_mark(w, i);
	return 0;
}

struct json *cfg_disk_parse(size_t count, const char *const *specs,
			    struct err *e)
{
	scoped_str report = NULL;
	libxl_device_disk disk;
	struct words w = {0};
	struct json *v = NULL;
	int r;

	if (words_take(&w, count, specs, e) < 0) {
		words_drop(&w);
		return NULL;
	}
	libxl_device_disk_init(&disk);
	r = parse(count, (const char *const *)w.specs, &disk, &report);
	if (r)
		read_report(report, r, e);
	else if (check_served(&disk, e) == 0)
		v = to_json(&disk, w.unchecked, w.untrusted);
	libxl_device_disk_dispose(&disk);
	words_drop(&w);
	return v;
}
