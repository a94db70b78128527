/* SPDX-License-Identifier: MIT */
/* Reading a domain's configuration: a table of keys, and what binds them. */
#include "daemon/domain/config.h"

#include <ctype.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "daemon/host/uuid.h"
#include "json/json.h"

static int bad(struct err *e, const char *key, const char *why)
{
	err_set(e, EINVAL, "%s: %s", key, why);
	return err_key(e, "%s", key);
}

/*
 * Letters, digits and a few marks: a name becomes part of paths and of
 * xenstore; digits alone would be taken for a domid.
 */
static int read_name(struct domain_config *c, const struct json *v,
		     const char *key, struct err *e)
{
	const char *name = json_string(v);
	bool digits = true;
	const char *s;

	if (!name || !*name)
		return bad(e, key, "must be a string that is not empty");
	if (strlen(name) > DOMAIN_NAME_MAX)
		return bad(e, key, "is longer than 64 characters");
	for (s = name; *s; s++) {
		if (!isalnum((unsigned char)*s) && !strchr("_.+-", *s))
			return bad(e, key,
				   "may hold letters, digits and _ . + - only");
		digits &= isdigit((unsigned char)*s) != 0;
	}
	if (digits)
		return bad(e, key, "may not be digits alone: that is a domid");
	if (name[0] == '.' || name[0] == '-')
		return bad(e, key, "may not begin with . or -");
	strcpy(c->name, name);
	return 0;
}

static int read_uuid(struct domain_config *c, const struct json *v,
		     const char *key, struct err *e)
{
	const char *text = json_string(v);
	uint8_t bytes[UUID_BYTES];

	if (!text)
		return bad(e, key, "must be a UUID");
	if (uuid_parse(text, bytes, e) < 0) {
		err_wrap(e, "%s", key);
		return err_key(e, "%s", key);
	}
	uuid_print(bytes, c->uuid);
	return 0;
}

static int read_type(struct domain_config *c, const struct json *v,
		     const char *key, struct err *e)
{
	const char *type = json_string(v);

	(void)c;
	if (!type || strcmp(type, "pv") != 0)
		return bad(e, key, "only \"pv\" is supported");
	return 0;
}

static int read_path(char **out, const struct json *v, const char *key,
		     struct err *e)
{
	const char *path = json_string(v);

	if (!path || path[0] != '/')
		return bad(e, key, "must be an absolute path");
	*out = strdup(path);
	return *out ? 0 : err_set(e, ENOMEM, "no memory for a path");
}

static int read_kernel(struct domain_config *c, const struct json *v,
		       const char *key, struct err *e)
{
	return read_path(&c->kernel, v, key, e);
}

static int read_ramdisk(struct domain_config *c, const struct json *v,
			const char *key, struct err *e)
{
	return read_path(&c->ramdisk, v, key, e);
}

static int read_cmdline(struct domain_config *c, const struct json *v,
			const char *key, struct err *e)
{
	const char *text = json_string(v);

	if (!text)
		return bad(e, key, "must be a string");
	if (strlen(text) >= DOMAIN_CMDLINE_MAX)
		return bad(e, key,
			   "is longer than 1023 bytes, all that "
			   "start_info has room for");
	c->cmdline = strdup(text);
	return c->cmdline ? 0 : err_set(e, ENOMEM, "no memory for a text");
}

static int read_number(uint32_t *out, const struct json *v, uint32_t max,
		       const char *key, struct err *e)
{
	int64_t n = json_int(v, -1);

	if (n < 1 || n > max) {
		err_set(e, EINVAL, "%s: must be a whole number from 1 to %u",
			key, max);
		return err_key(e, "%s", key);
	}
	*out = (uint32_t)n;
	return 0;
}

#define READ_NUMBER(member, max)                                        \
	static int read_##member(struct domain_config *c,               \
				 const struct json *v, const char *key, \
				 struct err *e)                         \
	{                                                               \
		return read_number(&c->member, v, max, key, e);         \
	}

READ_NUMBER(memory_mib, 16u << 20)
READ_NUMBER(maxmem_mib, 16u << 20)
READ_NUMBER(vcpus, DOMAIN_VCPUS_MAX)
READ_NUMBER(maxvcpus, DOMAIN_VCPUS_MAX)

static int read_action(enum domain_action *out, const struct json *v,
		       const char *key, struct err *e)
{
	const char *name = json_string(v);
	unsigned int i;

	for (i = 0; name && i <= ACTION_PRESERVE; i++) {
		if (strcmp(name, action_name((enum domain_action)i)) == 0) {
			*out = (enum domain_action)i;
			return 0;
		}
	}
	return bad(e, key, "must be \"destroy\", \"restart\" or \"preserve\"");
}

#define READ_ACTION(member)                                             \
	static int read_##member(struct domain_config *c,               \
				 const struct json *v, const char *key, \
				 struct err *e)                         \
	{                                                               \
		return read_action(&c->member, v, key, e);              \
	}

READ_ACTION(on_poweroff)
READ_ACTION(on_reboot)
READ_ACTION(on_crash)
READ_ACTION(on_watchdog)

static int read_disks(struct domain_config *c, const struct json *v,
		      const char *key, struct err *e)
{
	size_t i;

	if (json_type(v) != JSON_ARRAY || json_count(v) > DOMAIN_DISKS_MAX)
		return bad(e, key, "must be an array of at most 64 disks");
	for (i = 0; i < json_count(v); i++) {
		struct disk_config *d = &c->disks[i];
		unsigned int j;
		char name[32];

		snprintf(name, sizeof(name), "%s[%zu]", key, i);
		if (disk_config_read(d, json_at(v, i), name, e) < 0)
			return -e->code;
		c->n_disks++;
		for (j = 0; j < i; j++) {
			if (c->disks[j].devid != d->devid)
				continue;
			err_set(e, EINVAL, "%s.vdev: %s is there twice", name,
				d->vdev);
			return err_key(e, "%s.vdev", name);
		}
	}
	return 0;
}

static bool devid_taken(const struct domain_config *c, uint32_t devid,
			unsigned int except)
{
	unsigned int i;

	for (i = 0; i < c->n_vifs; i++)
		if (i != except && c->vifs[i].has_devid &&
		    c->vifs[i].devid == devid)
			return true;
	return false;
}

/* Gives the vifs that name no devid the lowest free ones. */
static int number_vifs(struct domain_config *c, struct err *e)
{
	unsigned int i;

	for (i = 0; i < c->n_vifs; i++) {
		struct vif_config *v = &c->vifs[i];

		if (v->has_devid && devid_taken(c, v->devid, i)) {
			err_set(e, EINVAL, "vifs[%u].devid: %u is there twice",
				i, v->devid);
			return err_key(e, "vifs[%u].devid", i);
		}
		if (v->has_devid)
			continue;
		while (devid_taken(c, v->devid, i))
			v->devid++;
		v->has_devid = true;
	}
	return 0;
}

/* What the host has only once. */
static int check_unlike(const struct vif_config *v, const struct vif_config *w,
			const char *name, struct err *e)
{
	const char *member = NULL;

	if (memcmp(v->mac, w->mac, sizeof(v->mac)) == 0)
		member = "mac";
	else if (v->vifname[0] && strcmp(v->vifname, w->vifname) == 0)
		member = "vifname";
	if (!member)
		return 0;
	err_set(e, EINVAL, "%s.%s: is there twice", name, member);
	return err_key(e, "%s.%s", name, member);
}

static int read_vifs_with(struct domain_config *c, const struct json *v,
			  const char *bridge, struct err *e)
{
	size_t i;

	if (json_type(v) != JSON_ARRAY || json_count(v) > DOMAIN_VIFS_MAX)
		return bad(e, "vifs", "must be an array of at most 32 vifs");
	for (i = 0; i < json_count(v); i++) {
		unsigned int j;
		char name[32];

		snprintf(name, sizeof(name), "vifs[%zu]", i);
		if (vif_config_read(&c->vifs[i], json_at(v, i), bridge, name,
				    e) < 0)
			return -e->code;
		c->n_vifs++;
		for (j = 0; j < i; j++)
			if (check_unlike(&c->vifs[i], &c->vifs[j], name, e) < 0)
				return -e->code;
	}
	return number_vifs(c, e);
}

static const struct key {
	const char *name;
	int (*read)(struct domain_config *c, const struct json *v,
		    const char *key, struct err *e);
} keys[] = {
	{"name", read_name},
	{"uuid", read_uuid},
	{"type", read_type},
	{"memory", read_memory_mib},
	{"maxmem", read_maxmem_mib},
	{"vcpus", read_vcpus},
	{"maxvcpus", read_maxvcpus},
	{"kernel", read_kernel},
	{"ramdisk", read_ramdisk},
	{"cmdline", read_cmdline},
	{"disks", read_disks},
	{"vifs", NULL}, /* needs the bridge: read_vifs_with */
	{"on_poweroff", read_on_poweroff},
	{"on_reboot", read_on_reboot},
	{"on_crash", read_on_crash},
	{"on_watchdog", read_on_watchdog},
};

static const struct key *key_find(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strcmp(keys[i].name, name) == 0)
			return &keys[i];
	return NULL;
}

static int check_whole(struct domain_config *c, struct err *e)
{
	uint8_t bytes[UUID_BYTES];

	if (!c->name[0])
		return bad(e, "name", "is missing");
	if (!c->kernel)
		return bad(e, "kernel", "is missing");
	if (!c->memory_mib)
		return bad(e, "memory", "is missing");
	if (!c->maxmem_mib)
		c->maxmem_mib = c->memory_mib;
	if (c->maxmem_mib < c->memory_mib)
		return bad(e, "maxmem", "is less than memory");
	if (!c->vcpus)
		c->vcpus = 1;
	if (!c->maxvcpus)
		c->maxvcpus = c->vcpus;
	if (c->maxvcpus < c->vcpus)
		return bad(e, "maxvcpus", "is less than vcpus");
	if (!c->cmdline && !(c->cmdline = strdup("")))
		return err_set(e, ENOMEM, "no memory for a text");
	if (!c->uuid[0]) {
		if (uuid_random(bytes, e) < 0)
			return -e->code;
		uuid_print(bytes, c->uuid);
	}
	return 0;
}

int domain_config_read(struct domain_config *c, const struct json *v,
		       const char *default_bridge, struct err *e)
{
	char shown[80];
	size_t i;

	memset(c, 0, sizeof(*c));
	c->on_reboot = ACTION_RESTART;
	if (json_type(v) != JSON_OBJECT)
		return bad(e, "config", "must be an object");
	for (i = 0; i < json_count(v); i++) {
		const struct json *value = json_member(v, i);
		const struct key *key = key_find(json_key(v, i));
		int rc;

		if (!key) {
			text_escape(json_key(v, i), shown, sizeof(shown));
			err_set(e, EINVAL, "%s: no such key", shown);
			err_key(e, "%s", shown);
			goto fail;
		}
		rc = key->read ? key->read(c, value, key->name, e)
			       : read_vifs_with(c, value, default_bridge, e);
		if (rc < 0)
			goto fail;
	}
	if (check_whole(c, e) < 0)
		goto fail;
	return 0;

fail:
	domain_config_clear(c);
	return -e->code;
}

void domain_config_clear(struct domain_config *c)
{
	unsigned int i;

	for (i = 0; i < c->n_disks; i++)
		disk_config_clear(&c->disks[i]);
	free(c->kernel);
	free(c->ramdisk);
	free(c->cmdline);
	memset(c, 0, sizeof(*c));
}
