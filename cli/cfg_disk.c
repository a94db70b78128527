/* SPDX-License-Identifier: MIT */
/* What libxlutil has read of a disk's specification, as JSON, or refused. */
#include "cli/cfg_disk.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <libxlutil.h>

#include "base/err.h"
#include "base/scope.h"
#include "base/text.h"
#include "cli/disk_words.h"
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
static const char *format_of(const libxl_device_disk *disk,
			     const struct disk_words *w)
{
	if (w->format)
		return w->format;
	if (disk->format == LIBXL_DISK_FORMAT_EMPTY)
		return "raw";
	return libxl_disk_format_to_string(disk->format);
}

static struct json *to_json(const libxl_device_disk *disk,
			    const struct disk_words *w)
{
	scoped_str target =
		is_empty(disk)
			? text_format("%s", "")
			: text_format("%s%s", prefix_of(disk), disk->pdev_path);
	struct json *v = json_new_object();
	const char *access = disk->readwrite ? "rw" : "ro";

	json_set_string(v, "vdev", disk->vdev);
	json_set_string(v, "target", target);
	json_set_string(v, "format", format_of(disk, w));
	json_set_string(v, "access", w->unchecked ? "w!" : access);
	if (disk->is_cdrom)
		json_set_bool(v, "cdrom", true);
	if (is_off(disk->discard_enable))
		json_set_bool(v, "discard", false);
	if (disk->direct_io_safe)
		json_set_bool(v, "direct_io_safe", true);
	if (w->untrusted)
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

struct json *cfg_disk_parse(size_t count, const char *const *specs,
			    struct err *e)
{
	scoped_str report = NULL;
	libxl_device_disk disk;
	struct disk_words w;
	struct json *v = NULL;
	int r;

	if (disk_words_take(&w, count, specs, e) < 0) {
		disk_words_drop(&w);
		return NULL;
	}
	libxl_device_disk_init(&disk);
	r = disk_words_parse(&w, &disk, &report);
	if (r)
		read_report(report, r, e);
	else if (check_served(&disk, e) == 0)
		v = to_json(&disk, &w);
	libxl_device_disk_dispose(&disk);
	disk_words_drop(&w);
	return v;
}
