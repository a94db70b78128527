/* SPDX-License-Identifier: MIT */
/* Reading the configuration of one disk or one vif. */
#include "daemon/device/config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "daemon/host/mac.h"
#include "json/json.h"

#define VIF_DEVID_MAX 255
#define VIF_MTU_MIN   68
#define VIF_MTU_MAX   65521

/* Where a value stands: "disks[1]", and the member of it. */
struct place {
	const char *key;
	const char *member;
};

static int bad(struct err *e, struct place at, const char *why)
{
	err_set(e, EINVAL, "%s.%s: %s", at.key, at.member, why);
	return err_key(e, "%s.%s", at.key, at.member);
}

static const char not_a_cap[] = "must be a whole number, 0 for no cap";

static int read_vdev(void *into, const struct json *v, struct place at,
		     struct err *e)
{
	struct disk_config *d = into;
	const char *vdev = json_string(v);

	if (!vdev || vdev_number(vdev, &d->devid) < 0)
		return bad(e, at, "must name a virtual disk, such as xvda");
	strcpy(d->vdev, vdev);
	return 0;
}

static int read_target(void *into, const struct json *v, struct place at,
		       struct err *e)
{
	struct disk_config *d = into;
	const char *path = json_string(v);

	if (path && !*path)
		return 0; /* a drive without a medium */
	if (!path || path[0] != '/')
		return bad(e, at, "must be an absolute path");
	d->target = strdup(path);
	return d->target ? 0 : err_set(e, ENOMEM, "no memory for a path");
}

static int read_format(void *into, const struct json *v, struct place at,
		       struct err *e)
{
	const char *format = json_string(v);

	(void)into;
	if (!format || strcmp(format, "raw") != 0)
		return bad(e, at, "only \"raw\" is supported");
	return 0;
}

static int read_access(void *into, const struct json *v, struct place at,
		       struct err *e)
{
	struct disk_config *d = into;
	const char *access = json_string(v);

	if (!access || (strcmp(access, "rw") != 0 && strcmp(access, "ro") != 0))
		return bad(e, at, "must be \"rw\" or \"ro\"");
	d->read_only = strcmp(access, "ro") == 0;
	return 0;
}

static int read_bool(bool *out, const struct json *v, struct place at,
		     struct err *e)
{
	if (json_type(v) != JSON_BOOL)
		return bad(e, at, "must be true or false");
	*out = json_bool(v, false);
	return 0;
}

static int read_cdrom(void *into, const struct json *v, struct place at,
		      struct err *e)
{
	return read_bool(&((struct disk_config *)into)->cdrom, v, at, e);
}

static int read_discard(void *into, const struct json *v, struct place at,
			struct err *e)
{
	bool discard = true;
	int rc = read_bool(&discard, v, at, e);

	((struct disk_config *)into)->no_discard = !discard;
	return rc;
}

static int read_iops(void *into, const struct json *v, struct place at,
		     struct err *e)
{
	struct disk_config *d = into;

	return disk_cap_read(&d->caps.iops, v) < 0 ? bad(e, at, not_a_cap) : 0;
}

static int read_bytes_per_second(void *into, const struct json *v,
				 struct place at, struct err *e)
{
	struct disk_config *d = into;

	return disk_cap_read(&d->caps.bytes_per_second, v) < 0
		       ? bad(e, at, not_a_cap)
		       : 0;
}

static int read_devid(void *into, const struct json *v, struct place at,
		      struct err *e)
{
	struct vif_config *vif = into;
	int64_t n = json_int(v, -1);

	if (n < 0 || n > VIF_DEVID_MAX)
		return bad(e, at, "must be a whole number from 0 to 255");
	vif->devid = (uint32_t)n;
	vif->has_devid = true;
	return 0;
}

static int read_mac(void *into, const struct json *v, struct place at,
		    struct err *e)
{
	struct vif_config *vif = into;
	const char *text = json_string(v);

	if (!text)
		return bad(e, at, "must be a MAC address");
	if (mac_parse(text, vif->mac, e) < 0) {
		err_wrap(e, "%s.%s", at.key, at.member);
		return err_key(e, "%s.%s", at.key, at.member);
	}
	return 0;
}

/* The kernel's dev_valid_name(): no slash, colon or blank, fits IFNAMSIZ. */
static int read_ifname(char out[IFNAMSIZ], const struct json *v,
		       struct place at, struct err *e)
{
	const char *name = json_string(v);
	const char *s;

	if (!name || !*name || strlen(name) >= IFNAMSIZ ||
	    strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return bad(e, at,
			   "must be an interface's name of at most 15 "
			   "characters");
	for (s = name; *s; s++)
		if (*s <= ' ' || *s > '~' || strchr("/:%", *s))
			return bad(e, at,
				   "holds a character that no "
				   "interface's name may have");
	strcpy(out, name);
	return 0;
}

static int read_bridge(void *into, const struct json *v, struct place at,
		       struct err *e)
{
	return read_ifname(((struct vif_config *)into)->bridge, v, at, e);
}

static int read_vifname(void *into, const struct json *v, struct place at,
			struct err *e)
{
	return read_ifname(((struct vif_config *)into)->vifname, v, at, e);
}

static int read_mtu(void *into, const struct json *v, struct place at,
		    struct err *e)
{
	int64_t n = json_int(v, -1);

	if (n < VIF_MTU_MIN || n > VIF_MTU_MAX)
		return bad(e, at, "must be a whole number from 68 to 65521");
	((struct vif_config *)into)->mtu = (uint32_t)n;
	return 0;
}

struct member {
	const char *name;
	int (*read)(void *into, const struct json *v, struct place at,
		    struct err *e);
};

static const struct member disk_members[] = {
	{"vdev", read_vdev},
	{"target", read_target},
	{"format", read_format},
	{"access", read_access},
	{"cdrom", read_cdrom},
	{"discard", read_discard},
	{"iops", read_iops},
	{"bytes_per_second", read_bytes_per_second},
	{NULL, NULL},
};

static const struct member vif_members[] = {
	{"devid", read_devid},	   {"mac", read_mac}, {"bridge", read_bridge},
	{"vifname", read_vifname}, {"mtu", read_mtu}, {NULL, NULL},
};

static int read_members(const struct member *members, void *into,
			const struct json *from, const char *key, struct err *e)
{
	char shown[48];
	size_t i;

	if (json_type(from) != JSON_OBJECT) {
		err_set(e, EINVAL, "%s: must be an object", key);
		return err_key(e, "%s", key);
	}
	for (i = 0; i < json_count(from); i++) {
		struct place at = {key, json_key(from, i)};
		const struct member *m = members;
		int rc;

		while (m->name && strcmp(m->name, at.member) != 0)
			m++;
		if (!m->name) {
			at.member =
				text_escape(at.member, shown, sizeof(shown));
			return bad(e, at, "no such key");
		}
		rc = m->read(into, json_member(from, i), at, e);
		if (rc < 0)
			return rc;
	}
	return 0;
}

int disk_config_read(struct disk_config *d, const struct json *from,
		     const char *key, struct err *e)
{
	memset(d, 0, sizeof(*d));
	if (read_members(disk_members, d, from, key, e) < 0)
		goto fail;
	if (!d->vdev[0]) {
		bad(e, (struct place){key, "vdev"}, "is missing");
		goto fail;
	}
	if (!d->target && !d->cdrom) {
		bad(e, (struct place){key, "target"}, "is missing");
		goto fail;
	}
	if (d->cdrom && !d->read_only) {
		bad(e, (struct place){key, "access"}, "of a CD-ROM is \"ro\"");
		goto fail;
	}
	return 0;

fail:
	disk_config_clear(d);
	return -e->code;
}

int vif_config_read(struct vif_config *v, const struct json *from,
		    const char *default_bridge, const char *key, struct err *e)
{
	static const uint8_t none[6];

	memset(v, 0, sizeof(*v));
	if (read_members(vif_members, v, from, key, e) < 0)
		return -e->code;
	if (!v->bridge[0])
		memccpy(v->bridge, default_bridge, 0, sizeof(v->bridge) - 1);
	if (memcmp(v->mac, none, sizeof(none)) == 0)
		return mac_random(v->mac, e);
	return 0;
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
	d->target = NULL;
}

int disk_config_copy(struct disk_config *to, const struct disk_config *from,
		     struct err *e)
{
	char *target = from->target ? strdup(from->target) : NULL;

	if (from->target && !target)
		return err_set(e, ENOMEM, "no memory for a disk");
	*to = *from;
	to->target = target;
	return 0;
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
	json_set_string(v, "format", "raw");
	json_set_string(v, "access", d->read_only ? "ro" : "rw");
	if (d->cdrom)
		json_set_bool(v, "cdrom", true);
	if (d->no_discard)
		json_set_bool(v, "discard", false);
	disk_caps_json(&d->caps, v);
	return v;
}

struct json *vif_config_json(const struct vif_config *vif)
{
	struct json *v = json_new_object();
	char mac[MAC_TEXT_BYTES];

	json_set_int(v, "devid", vif->devid);
	mac_print(vif->mac, mac);
	json_set_string(v, "mac", mac);
	json_set_string(v, "bridge", vif->bridge);
	if (vif->vifname[0])
		json_set_string(v, "vifname", vif->vifname);
	if (vif->mtu)
		json_set_int(v, "mtu", vif->mtu);
	return v;
}
