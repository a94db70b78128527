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

static int refuse_format(const libxl_device_disk *disk, struct err *e)
{
	const char *format = libxl_disk_format_to_string(disk->format);

	return err_set(e, ENOTSUP,
		       "not supported by xn yet: format %s; make it raw with "
		       "\"qemu-img convert -O raw\"",
		       format);
}

static bool is_empty(const libxl_device_disk *disk)
{
	return !disk->pdev_path || !disk->pdev_path[0];
}

static int check_served(const libxl_device_disk *disk, struct err *e)
{
	if (disk->format == LIBXL_DISK_FORMAT_EMPTY && !disk->is_cdrom)
		return refuse(e, "an empty drive that is no CD-ROM's");
	if (disk->format != LIBXL_DISK_FORMAT_EMPTY &&
	    disk->format != LIBXL_DISK_FORMAT_RAW)
		return refuse_format(disk, e);
	if (disk->script)
		return refuse(e, "script=");
	if (disk->backend_domname || disk->backend_domid)
		return refuse(e, "backend=");
	if (disk->backend == LIBXL_DISK_BACKEND_STANDALONE)
		return refuse(e, "backendtype=standalone");
	if (disk->specification == LIBXL_DISK_SPECIFICATION_VIRTIO)
		return refuse(e, "specification=virtio");
	if (!libxl_defbool_is_default(disk->colo_enable) &&
	    libxl_defbool_val(disk->colo_enable))
		return refuse(e, "colo");
	if (!libxl_defbool_is_default(disk->trusted) &&
	    !libxl_defbool_val(disk->trusted))
		return refuse(e, "untrusted");
	if (is_empty(disk) && !disk->is_cdrom)
		return err_set(e, EINVAL, "no target is given");
	return 0;
}

static struct json *to_json(const libxl_device_disk *disk)
{
	const char *path = is_empty(disk) ? "" : disk->pdev_path;
	bool named = path[0] && path[0] != '/';
	scoped_str target = text_format("%s%s", named ? "/dev/" : "", path);
	struct json *v = json_new_object();

	json_set_string(v, "vdev", disk->vdev);
	json_set_string(v, "target", target);
	json_set_string(v, "format", "raw");
	json_set_string(v, "access", disk->readwrite ? "rw" : "ro");
	if (disk->is_cdrom)
		json_set_bool(v, "cdrom", true);
	if (!libxl_defbool_is_default(disk->discard_enable) &&
	    !libxl_defbool_val(disk->discard_enable))
		json_set_bool(v, "discard", false);
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

struct json *cfg_disk_parse(size_t count, const char *const *specs,
			    struct err *e)
{
	scoped_str report = NULL;
	libxl_device_disk disk;
	struct json *v = NULL;
	int r;

	if (count > INT_MAX) {
		err_set(e, E2BIG, "too many words");
		return NULL;
	}
	libxl_device_disk_init(&disk);
	r = parse(count, specs, &disk, &report);
	if (r)
		read_report(report, r, e);
	else if (check_served(&disk, e) == 0)
		v = to_json(&disk);
	libxl_device_disk_dispose(&disk);
	return v;
}
