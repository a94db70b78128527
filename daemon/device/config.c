/* SPDX-License-Identifier: MIT */
/* Reading the configuration of one disk. */
#include "daemon/device/config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/scope.h"
#include "base/text.h"
#include "daemon/device/config_read.h"
#include "daemon/host/nbd_uri.h"
#include "daemon/worker/script.h"
#include "json/json.h"

static const char not_a_cap[] = "must be a whole number, 0 for no cap";

static int read_vdev(void *into, const struct json *v, struct config_place at,
		     struct err *e)
{
	struct disk_config *d = into;
	const char *vdev = json_string(v);

	if (!vdev || vdev_number(vdev, &d->devid) < 0)
		return config_bad(e, at,
				  "must name a virtual disk, such as xvda");
	strcpy(d->vdev, vdev);
	return 0;
}

#define MUST_BE_TARGET                                    \
	"must be an absolute path, nbd://host/export or " \
	"nbd+unix:///export?socket=/path"

/* Of a disk without a script. */
static int check_target(const char *target, const char *key, struct err *e)
{
	struct config_place at = {key, "target"};
	struct nbd_uri uri;
	char shown[160];

	if (!nbd_uri_is(target))
		return target[0] == '/' ? 0 : config_bad(e, at, MUST_BE_TARGET);
	if (nbd_uri_parse(target, &uri, e) == 0)
		return 0;
	err_wrap(e, "%s.target: %s", key,
		 text_escape(target, shown, sizeof(shown)));
	return err_key(e, "%s.target", key);
}

static int read_target(void *into, const struct json *v, struct config_place at,
		       struct err *e)
{
	struct disk_config *d = into;
	const char *target = json_string(v);

	if (!target)
		return config_bad(e, at, MUST_BE_TARGET);
	if (!*target)
		return 0; /* a drive without a medium */
	d->target = strdup(target);
	return d->target ? 0 : err_set(e, ENOMEM, "no memory for a path");
}

static int read_script(void *into, const struct json *v, struct config_place at,
		       struct err *e)
{
	struct disk_config *d = into;
	const char *name = json_string(v);

	if (!name || !*name)
		return config_bad(e, at,
				  "must be the name or the path of a script");
	d->script =
		text_format("%s%s", *name == '/' ? "" : SCRIPT_DIR "/", name);
	return d->script ? 0 : err_set(e, ENOMEM, "no memory for a path");
}

static int read_format(void *into, const struct json *v, struct config_place at,
		       struct err *e)
{
	const char *format = json_string(v);

	if (!format ||
	    format_parse(format, &((struct disk_config *)into)->format) < 0)
		return config_bad(e, at, "must be one of " FORMAT_NAMES);
	return 0;
}

static int read_access(void *into, const struct json *v, struct config_place at,
		       struct err *e)
{
	struct disk_config *d = into;
	const char *access = json_string(v);

	if (!access || (strcmp(access, "rw") != 0 &&
			strcmp(access, "ro") != 0 && strcmp(access, "w!") != 0))
		return config_bad(e, at, "must be \"rw\", \"ro\" or \"w!\"");
	d->read_only = access[0] == 'r' && access[1] == 'o';
	d->unchecked = access[1] == '!';
	return 0;
}

static int read_bool(bool *out, const struct json *v, struct config_place at,
		     struct err *e)
{
	if (json_type(v) != JSON_BOOL)
		return config_bad(e, at, "must be true or false");
	*out = json_bool(v, false);
	return 0;
}

static int read_cdrom(void *into, const struct json *v, struct config_place at,
		      struct err *e)
{
	return read_bool(&((struct disk_config *)into)->cdrom, v, at, e);
}

static int read_discard(void *into, const struct json *v,
			struct config_place at, struct err *e)
{
	bool discard = true;
	int rc = read_bool(&discard, v, at, e);

	((struct disk_config *)into)->no_discard = !discard;
	return rc;
}

static int read_iops(void *into, const struct json *v, struct config_place at,
		     struct err *e)
{
	struct disk_config *d = into;

	return disk_cap_read(&d->caps.iops, v) < 0
		       ? config_bad(e, at, not_a_cap)
		       : 0;
}

static int read_bytes_per_second(void *into, const struct json *v,
				 struct config_place at, struct err *e)
{
	struct disk_config *d = into;

	return disk_cap_read(&d->caps.bytes_per_second, v) < 0
		       ? config_bad(e, at, not_a_cap)
		       : 0;
}

static int read_direct(void *into, const struct json *v, struct config_place at,
		       struct err *e)
{
	return read_bool(&((struct disk_config *)into)->direct_io_safe, v, at,
			 e);
}

static int read_trusted(void *into, const struct json *v,
			struct config_place at, struct err *e)
{
	bool trusted = true;
	int rc = read_bool(&trusted, v, at, e);

	((struct disk_config *)into)->untrusted = !trusted;
	return rc;
}

static const struct config_member disk_members[] = {
	{"vdev", read_vdev},
	{"target", read_target},
	{"format", read_format},
	{"access", read_access},
	{"cdrom", read_cdrom},
	{"discard", read_discard},
	{"iops", read_iops},
	{"bytes_per_second", read_bytes_per_second},
	{"direct_io_safe", read_direct},
	{"trusted", read_trusted},
	{"script", read_script},
	{NULL, NULL},
};

int disk_config_read(struct disk_config *d, const struct json *from,
		     const char *key, struct err *e)
{
	memset(d, 0, sizeof(*d));
	if (config_read_members(disk_members, d, from, key, e) < 0)
		goto fail;
	if (!d->vdev[0]) {
		config_bad(e, (struct config_place){key, "vdev"}, "is missing");
		goto fail;
	}
	if (!d->target && (!d->cdrom || d->script)) {
		config_bad(e, (struct config_place){key, "target"},
			   "is missing");
		goto fail;
	}
	/* A script knows best what its target means: it may be no path. */
	if (d->target && !d->script && check_target(d->target, key, e) < 0)
		goto fail;
	if (d->format != FORMAT_RAW &&
	    (!d->target || d->script || nbd_uri_is(d->target))) {
		config_bad(e, (struct config_place){key, "format"},
			   "of what is not an image of this host is \"raw\"");
		goto fail;
	}
	if (d->format != FORMAT_RAW && d->unchecked) {
		config_bad(e, (struct config_place){key, "access"},
			   "\"w!\" is for images in raw format: QEMU gives one "
			   "of another to no second writer");
		goto fail;
	}
	if (d->cdrom && !d->read_only) {
		config_bad(e, (struct config_place){key, "access"},
			   "of a CD-ROM is \"ro\"");
		goto fail;
	}
	return 0;

fail:
	disk_config_clear(d);
	return -e->code;
}

int disk_cap_read(uint64_t *cap, const struct json *v)
{
	int64_t n = json_int(v, -1);

	if (n < 0)
		return -EINVAL;
	*cap = (uint64_t)n;
	return 0;
}

void disk_caps_json(const struct disk_caps *caps, struct json *into)
{
	if (caps->iops)
		json_set_int(into, "iops", (int64_t)caps->iops);
	if (caps->bytes_per_second)
		json_set_int(into, "bytes_per_second",
			     (int64_t)caps->bytes_per_second);
}

void disk_config_clear(struct disk_config *d)
{
	free(d->target);
	free(d->script);
	d->target = NULL;
	d->script = NULL;
}

int disk_config_copy(struct disk_config *to, const struct disk_config *from,
		     struct err *e)
{
	scoped_str target = from->target ? strdup(from->target) : NULL;
	scoped_str script = from->script ? strdup(from->script) : NULL;

	if ((from->target && !target) || (from->script && !script))
		return err_set(e, ENOMEM, "no memory for a disk");
	*to = *from;
	to->target = str_take(&target);
	to->script = str_take(&script);
	return 0;
}

static const char *access_of(const struct disk_config *d)
{
	if (d->unchecked)
		return "w!";
	return d->read_only ? "ro" : "rw";
}

void disk_config_swap_target(struct disk_config *a, struct disk_config *b)
{
	char *target = a->target;

	a->target = b->target;
	b->target = target;
}

struct json *disk_config_json(const struct disk_config *d)
{
	struct json *v = json_new_object();

	json_set_string(v, "vdev", d->vdev);
	json_set_string(v, "target", d->target ? d->target : "");
	json_set_string(v, "format", format_name(d->format));
	json_set_string(v, "access", access_of(d));
	if (d->cdrom)
		json_set_bool(v, "cdrom", true);
	if (d->no_discard)
		json_set_bool(v, "discard", false);
	disk_caps_json(&d->caps, v);
	if (d->direct_io_safe)
		json_set_bool(v, "direct_io_safe", true);
	if (d->untrusted)
		json_set_bool(v, "trusted", false);
	if (d->script)
		json_set_string(v, "script", d->script);
	return v;
}
