/* SPDX-License-Identifier: MIT */
/* xn cd-insert, cd-eject. */
#include "cli/commands.h"

#include <errno.h>

#include "base/err.h"
#include "base/scope.h"
#include "base/text.h"
#include "cli/args.h"
#include "cli/cfg_disk.h"
#include "cli/devices.h"
#include "cli/say.h"
#include "cli/xnd.h"
#include "json/json.h"

/* As the configuration of some drive would name it: this is how xl reads it. */
static struct json *read_image(const char *image, struct err *e)
{
	scoped_str spec = text_format(
		"vdev=xvda,access=r,devtype=cdrom,target=%s", image);
	const char *specs[] = {spec};

	if (!spec) {
		err_set(e, ENOMEM, "out of memory");
		return NULL;
	}
	return cfg_disk_parse(1, specs, e);
}

int cmd_cd_insert(int argc, char **argv)
{
	static const char *const keys[] = {"target", "format"};
	static const struct option names[] = {ARGS_HELP_ROWS};
	struct args a = {.argc = argc, .argv = argv};
	struct json *params, *disk;
	struct err e;
	size_t i;

	if (args_next(&a, "", names) || !args_expect(&a, 3, 3))
		return a.status;
	disk = read_image(a.rest[2], &e);
	if (!disk)
		return say("domain %s: image %s: %s", a.rest[0], a.rest[2],
			   e.text);
	params = devices_about(a.rest[0], a.rest[1]);
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (json_get(disk, keys[i]))
			json_set(params, keys[i],
				 json_copy(json_get(disk, keys[i])));
	json_free(disk);
	return xnd_do(METHOD_BLOCK_INSERT, params, a.rest[0]);
}

int cmd_cd_eject(int argc, char **argv)
{
	static const struct option names[] = {ARGS_HELP_ROWS};
	struct args a = {.argc = argc, .argv = argv};

	if (args_next(&a, "", names) || !args_expect(&a, 2, 2))
		return a.status;
	return devices_detach(METHOD_BLOCK_EJECT, a.rest[0], a.rest[1]);
}
