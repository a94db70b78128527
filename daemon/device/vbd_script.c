/* SPDX-License-Identifier: MIT */
/* Disks that a classic hotplug script makes: which one it has made. */
#include "daemon/device/vbd_script.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/scope.h"
#include "base/text.h"
#include "daemon/device/kind.h"
#include "daemon/device/script_life.h"
#include "daemon/device/vbd.h"
#include "daemon/host/image.h"
#include "daemon/xs/plan.h"
#include "daemon/xs/xs.h"

void vbd_script_plan(const struct device *d, struct xs_plan *plan)
{
	if (!d->u.vbd.script)
		return;
	plan_write(plan, d->u.vbd.config.script, "%s/script", d->back);
	plan_write(plan, "phy", "%s/type", d->back);
}

/*
 * The path of the device of that number, which is in hexadecimal as "%t:%T"
 * of stat(1) has it. NULL when there is none; the caller frees it.
 */
static char *path_of_number(const char *number)
{
	scoped_str link = NULL;
	unsigned int major, minor;
	char target[512];
	const char *name;
	char *path, *p;
	ssize_t n;

	if (sscanf(number, "%x:%x", &major, &minor) != 2)
		return NULL;
	link = text_format("/sys/dev/block/%u:%u", major, minor);
	n = link ? readlink(link, target, sizeof(target) - 1) : -1;
	if (n < 0)
		return NULL;
	target[n] = '\0';
	name = strrchr(target, '/');
	path = text_format("/dev/%s", name ? name + 1 : target);
	/* As sysfs writes the slash of "cciss/c0d0". */
	for (p = path; p && *p; p++)
		if (*p == '!')
			*p = '/';
	return path;
}

/* The path of the block device; the caller frees it. NULL with *e set. */
static char *find_device(const struct xs_values *v, struct err *e)
{
	const char *path = values_get(v, "physical-device-path");
	const char *number = values_get(v, "physical-device");
	char shown[32];
	char *found;

	if (!path && !number) {
		err_set(e, ENODEV,
			"its script names no block device: neither "
			"physical-device-path nor physical-device is written");
		return NULL;
	}
	found = path ? strdup(path) : path_of_number(number);
	if (!found)
		err_set(e, ENODEV,
			"its script's physical-device is no block device: %s",
			text_escape(number ? number : "", shown,
				    sizeof(shown)));
	return found;
}

static int blame(const struct device *d, struct err *e)
{
	return err_wrap(e, "disk %s", d->u.vbd.config.vdev);
}

static int take(struct device *d, const struct xs_values *v, struct err *e)
{
	scoped_str path = find_device(v, e);

	if (!path)
		return blame(d, e);
	if (vbd_open_image(d, path, &d->u.vbd.image, e) < 0)
		return err_key(e, "%s", "");
	return 0;
}

/* The script is to take away what we have open. */
static void let_go(struct device *d)
{
	image_close(d->u.vbd.image);
	d->u.vbd.image = NULL;
}

static const char *const keys[] = {"physical-device-path", "physical-device",
				   NULL};

static const struct script_use use = {
	.begin = "add",
	.undo = "remove",
	.keys = keys,
	.blame = blame,
	.take = take,
	.let_go = let_go,
};

int vbd_script_new(struct device *d, struct err *e)
{
	d->u.vbd.script = script_life_new(d, &use, d->u.vbd.config.script, e);
	return d->u.vbd.script ? 0 : blame(d, e);
}
