/* SPDX-License-Identifier: MIT */
/* block.resize, block.insert, block.eject: changes of a disk in use. */
#include <errno.h>
#include <stdlib.h>

#include "base/err.h"
#include "daemon/rpc/call.h"
#include "daemon/rpc/op.h"
#include "daemon/xnd.h"
#include "json/json.h"

/* A change under way. The domain may end in the middle of it. */
struct change {
	struct xnd *x;
	struct call *call;
	uint32_t domid;
	uint32_t devid;
};

/* What a restart is to find. */
static void keep(const struct change *g)
{
	struct domain *d = domain_find_domid(g->x, g->domid);
	struct device *v = d ? domain_find_vbd(d, g->devid) : NULL;

	if (v)
		domain_config_set_disk(&d->config, device_disk(v));
}

static void on_changed(const struct err *e, void *arg)
{
	struct change *g = arg;

	keep(g);
	if (e)
		call_fail(g->call, e);
	else
		call_reply_empty(g->call);
	free(g);
}

static struct change *change_new(struct xnd *x, struct call *c,
				 const struct domain *d, const struct device *v,
				 struct err *e)
{
	struct change *g = calloc(1, sizeof(*g));

	if (!g) {
		err_set(e, ENOMEM, "no memory to change a disk");
		return NULL;
	}
	g->x = x;
	g->call = c;
	g->domid = d->domid;
	g->devid = device_devid(v);
	return g;
}

static struct device *find_disk(struct xnd *x, struct call *c,
				const char *const *allowed, struct domain **d,
				struct err *e)
{
	if (op_params(c, allowed, e) < 0)
		return NULL;
	*d = op_domain(x, c, e);
	return *d ? op_disk(*d, c, e) : NULL;
}

static int read_size(const struct call *c, struct disk_size *size,
		     struct err *e)
{
	const struct json *bytes = json_get(call_params(c), "bytes");
	int64_t n = json_int(bytes, -1);

	if (op_flag(c, "shrink", &size->shrink, e) < 0)
		return -e->code;
	size->look = bytes == NULL;
	size->bytes = (uint64_t)n;
	if (bytes && n < 0)
		return err_set(e, EINVAL,
			       "params: bytes: must be a whole number");
	return 0;
}

void op_block_resize(struct xnd *x, struct call *c)
{
	static const char *const allowed[] = {"domain", "device", "bytes",
					      "shrink", NULL};
	struct disk_size size = {0};
	struct change *g = NULL;
	struct domain *d;
	struct device *v;
	struct err e;

	v = find_disk(x, c, allowed, &d, &e);
	if (v && read_size(c, &size, &e) == 0)
		g = change_new(x, c, d, v, &e);
	if (g && device_resize(v, &size, on_changed, g, &e) == 0)
		return;
	free(g);
	call_fail(c, &e);
}

/*
 * The disk as it is, but for the keys that say where its image is: what may be
 * said of them, and how, is the configuration's business.
 */
static int read_medium(const struct call *c, const struct device *v,
		       struct disk_config *config, struct err *e)
{
	static const char *const keys[] = {"target", "format"};
	struct json *disk = disk_config_json(device_disk(v));
	size_t i;
	int rc;

	if (!disk)
		return err_set(e, ENOMEM, "no memory to change a disk");
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const struct json *value = json_get(call_params(c), keys[i]);

		if (value)
			json_set(disk, keys[i], json_copy(value));
	}
	rc = disk_config_read(config, disk, "params", e);
	json_free(disk);
	return rc;
}

static void exchange(struct xnd *x, struct call *c, struct domain *d,
		     struct device *v, const struct disk_config *config)
{
	struct err e;
	struct change *g = change_new(x, c, d, v, &e);

	if (g && device_change_medium(v, config, on_changed, g, &e) == 0)
		return;
	free(g);
	call_fail(c, &e);
}

void op_block_insert(struct xnd *x, struct call *c)
{
	static const char *const allowed[] = {"domain", "device", "target",
					      "format", NULL};
	struct disk_config config;
	struct domain *d;
	struct device *v;
	struct err e;

	v = find_disk(x, c, allowed, &d, &e);
	if (!v || !op_string(c, "target", &e) ||
	    read_medium(c, v, &config, &e) < 0) {
		call_fail(c, &e);
		return;
	}
	if (config.target) {
		exchange(x, c, d, v, &config);
	} else {
		err_set(&e, EINVAL, "params: target: is empty");
		call_fail(c, &e);
	}
	disk_config_clear(&config);
}

void op_block_eject(struct xnd *x, struct call *c)
{
	static const char *const allowed[] = {"domain", "device", NULL};
	struct disk_config config;
	struct domain *d;
	struct device *v;
	struct err e;

	v = find_disk(x, c, allowed, &d, &e);
	if (!v) {
		call_fail(c, &e);
		return;
	}
	config = *device_disk(v);
	config.target = NULL;
	exchange(x, c, d, v, &config);
}
