/* SPDX-License-Identifier: MIT */
/* block.set: how fast a disk may be. */
#include <errno.h>

#include "base/err.h"
#include "daemon/domain/domain.h"
#include "daemon/rpc/call.h"
#include "daemon/rpc/op.h"
#include "daemon/xnd.h"
#include "json/json.h"

/* A cap that is not there stays as it is. */
static int read_cap(const struct call *c, const char *name, uint64_t *cap,
		    struct err *e)
{
	const struct json *v = json_get(call_params(c), name);

	if (v && disk_cap_read(cap, v) < 0)
		return err_set(e, EINVAL,
			       "params: %s: must be a whole number, 0 for no "
			       "cap",
			       name);
	return 0;
}

static int read_caps(const struct call *c, struct disk_caps *caps,
		     struct err *e)
{
	if (!json_get(call_params(c), "iops") &&
	    !json_get(call_params(c), "bytes_per_second"))
		return err_set(e, EINVAL,
			       "params: neither iops nor bytes_per_second is "
			       "given");
	if (read_cap(c, "iops", &caps->iops, e) < 0)
		return -e->code;
	return read_cap(c, "bytes_per_second", &caps->bytes_per_second, e);
}

static struct json *set_json(const struct disk_config *disk)
{
	struct json *v = json_new_object();

	json_set_int(v, "devid", disk->devid);
	json_set_string(v, "vdev", disk->vdev);
	disk_caps_json(&disk->caps, v);
	return v;
}

void op_block_set(struct xnd *x, struct call *c)
{
	static const char *const allowed[] = {"domain", "device", "iops",
					      "bytes_per_second", NULL};
	struct device *disk = NULL;
	struct domain *d = NULL;
	struct disk_caps caps;
	struct err e;

	if (op_params(c, allowed, &e) == 0)
		d = op_domain(x, c, &e);
	if (d)
		disk = op_disk(d, c, &e);
	if (!disk)
		goto fail;
	caps = device_disk(disk)->caps;
	if (read_caps(c, &caps, &e) < 0 || device_set_caps(disk, &caps, &e) < 0)
		goto fail;
	domain_config_set_caps(&d->config, device_devid(disk), &caps);
	call_reply(c, set_json(device_disk(disk)));
	return;

fail:
	call_fail(c, &e);
}
