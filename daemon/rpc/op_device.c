/* SPDX-License-Identifier: MIT */
/* block.* and network.*: devices of a running guest, come and gone. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/num.h"
#include "base/text.h"
#include "daemon/domain/check.h"
#include "daemon/host/mac.h"
#include "daemon/rpc/call.h"
#include "daemon/rpc/op.h"
#include "daemon/xnd.h"
#include "json/json.h"

/* An attach or a detach under way. The domain may end in the middle of it. */
struct change {
	struct xnd *x;
	struct call *call;
	struct device *device;
	uint32_t domid;
	bool vbd;
	struct err why; /* it is not attached, and is being undone */
};

/* ---- attaching ---- */

static struct json *attached_json(const struct change *g)
{
	struct json *all = device_json(g->device);
	struct json *v = json_new_object();
	static const char *const shown[] = {"devid", "vdev", "mac", "vifname"};
	size_t i;

	for (i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
		if (json_get(all, shown[i]))
			json_set(v, shown[i],
				 json_copy(json_get(all, shown[i])));
	json_free(all);
	return v;
}

/* Answered only now, so that it can be tried again at once. */
static void on_undone(const struct err *e, void *arg)
{
	struct change *g = arg;

	(void)e;
	call_fail(g->call, &g->why);
	free(g);
}

static void on_attached(const struct err *e, void *arg)
{
	struct change *g = arg;
	struct domain *d = domain_find_domid(g->x, g->domid);
	struct err ended;

	if (e) {
		g->why = *e;
		/* The guest has had nothing of it that it could hold on to. */
		if (device_detach_forced(g->device, on_undone, g, &ended) < 0)
			on_undone(&ended, g);
		return;
	}
	if (d && g->vbd)
		domain_config_add_disk(&d->config, device_disk(g->device));
	else if (d &&
		 domain_config_add_vif(&d->config, device_vif(g->device)) == 0)
		domain_record_again(d);
	call_reply(g->call, attached_json(g));
	free(g);
}

static void attach(struct xnd *x, struct domain *d, struct call *c,
		   struct device *v)
{
	struct change *g = calloc(1, sizeof(*g));
	struct err e;

	if (!g) {
		err_set(&e, ENOMEM, "no memory to attach a device");
		goto fail;
	}
	g->x = x;
	g->call = c;
	g->device = v;
	g->domid = d->domid;
	g->vbd = device_is_vbd(v);
	if (device_attach(v, on_attached, g, &e) == 0)
		return;

fail:
	free(g);
	call_fail(c, &e);
	device_end(v);
}

static struct device *new_disk(struct xnd *x, struct domain *d,
			       const struct json *from, struct err *e)
{
	const struct device_owner owner = domain_owner(d);
	struct disk_config config;
	struct device *v = NULL;

	if (disk_config_read(&config, from, "disk", e) < 0)
		return NULL;
	if (domain_find_vbd(d, config.devid)) {
		err_set(e, EEXIST, "domain %s: has a disk %s already",
			d->config.name, config.vdev);
		err_key(e, "disk.vdev");
	} else if (d->config.n_disks == DOMAIN_DISKS_MAX) {
		err_set(e, ENOSPC, "domain %s: has %d disks, and no more fit",
			d->config.name, DOMAIN_DISKS_MAX);
	} else {
		v = device_new_vbd(&x->device_env, &d->devices, &owner, &config,
				   e);
		if (!v)
			err_key_in(e, "disk");
	}
	disk_config_clear(&config);
	return v;
}

static struct device *new_vif(struct xnd *x, struct domain *d,
			      const struct json *from, struct err *e)
{
	const struct device_owner owner = domain_owner(d);
	struct vif_config config;

	if (vif_config_read(&config, from, x->config.default_bridge, "vif", e) <
	    0)
		return NULL;
	while (!config.has_devid && domain_find_vif(d, config.devid))
		config.devid++;
	if (domain_find_vif(d, config.devid)) {
		err_set(e, EEXIST, "domain %s: has a vif %u already",
			d->config.name, config.devid);
		err_key(e, "vif.devid");
		return NULL;
	}
	if (d->config.n_vifs == DOMAIN_VIFS_MAX) {
		err_set(e, ENOSPC, "domain %s: has %d vifs, and no more fit",
			d->config.name, DOMAIN_VIFS_MAX);
		return NULL;
	}
	config.has_devid = true;
	if (domain_check_vif(x, &config, "vif", e) < 0)
		return NULL;
	return device_new_vif(&x->device_env, &d->devices, &owner, &config, e);
}

static void begin_attach(struct xnd *x, struct call *c,
			 const char *const *allowed,
			 struct device *(*make)(struct xnd *x, struct domain *d,
						const struct json *from,
						struct err *e))
{
	struct domain *d = NULL;
	struct device *v = NULL;
	struct err e;

	if (op_params(c, allowed, &e) == 0)
		d = op_domain(x, c, &e);
	if (d)
		v = make(x, d, json_get(call_params(c), allowed[1]), &e);
	if (v)
		attach(x, d, c, v);
	else
		call_fail(c, &e);
}

void op_block_attach(struct xnd *x, struct call *c)
{
	static const char *const allowed[] = {"domain", "disk", NULL};

	begin_attach(x, c, allowed, new_disk);
}

void op_network_attach(struct xnd *x, struct call *c)
{
	static const char *const allowed[] = {"domain", "vif", NULL};

	begin_attach(x, c, allowed, new_vif);
}

/* ---- detaching ---- */

static void on_detached(const struct err *e, void *arg)
{
	struct change *g = arg;

	if (e)
		call_fail(g->call, e);
	else
		call_reply_empty(g->call);
	free(g);
}

static void detach(struct call *c, struct device *v, bool force)
{
	struct change *g = calloc(1, sizeof(*g));
	struct err e;
	int rc;

	if (!g) {
		err_set(&e, ENOMEM, "no memory to detach a device");
		call_fail(c, &e);
		return;
	}
	g->call = c;
	rc = force ? device_detach_forced(v, on_detached, g, &e)
		   : device_detach(v, on_detached, g, &e);
	if (rc < 0) {
		free(g);
		call_fail(c, &e);
	}
}

static struct device *find_disk(struct domain *d, const char *text)
{
	uint32_t devid;

	if (vdev_number(text, &devid) < 0 &&
	    num_parse_u32(text, UINT32_MAX, &devid) < 0)
		return NULL;
	return domain_find_vbd(d, devid);
}

static struct device *find_vif(struct domain *d, const char *text)
{
	uint8_t mac[MAC_BYTES];
	struct device *v;
	uint32_t devid;

	if (num_parse_u32(text, UINT32_MAX, &devid) == 0)
		return domain_find_vif(d, devid);
	if (mac_parse(text, mac, NULL) < 0)
		return NULL;
	for (v = LIST_FIRST(&d->devices); v; v = device_next(v))
		if (device_vif(v) &&
		    memcmp(device_vif(v)->mac, mac, sizeof(mac)) == 0)
			return v;
	return NULL;
}

/* Whatever "device" is, as a text. As op_string. */
static const char *device_text(const struct call *c, char number[24],
			       struct err *e)
{
	const struct json *device = json_get(call_params(c), "device");

	if (json_type(device) != JSON_INT)
		return op_string(c, "device", e);
	snprintf(number, 24, "%lld", (long long)json_int(device, 0));
	return number;
}

/* The device that "device" names, by number or otherwise. */
static struct device *named(struct domain *d, const struct call *c,
			    const char *what,
			    struct device *(*find)(struct domain *d,
						   const char *text),
			    struct err *e)
{
	struct device *v = NULL;
	char number[24];
	const char *text = device_text(c, number, e);
	char shown[64];

	if (text)
		v = find(d, text);
	if (text && !v)
		err_set(e, ENOENT, "domain %s: has no %s %s", d->config.name,
			what, text_escape(text, shown, sizeof(shown)));
	return v;
}

struct device *op_disk(struct domain *d, const struct call *c, struct err *e)
{
	return named(d, c, "disk", find_disk, e);
}

struct device *op_vif(struct domain *d, const struct call *c, struct err *e)
{
	return named(d, c, "vif", find_vif, e);
}

static void begin_detach(struct xnd *x, struct call *c, const char *what,
			 const char *const *allowed,
			 struct device *(*find)(struct domain *d,
						const char *text))
{
	struct domain *d = NULL;
	struct device *v = NULL;
	bool force = false;
	struct err e;

	if (op_params(c, allowed, &e) == 0 &&
	    op_flag(c, "force", &force, &e) == 0)
		d = op_domain(x, c, &e);
	if (d)
		v = named(d, c, what, find, &e);
	if (v)
		detach(c, v, force);
	else
		call_fail(c, &e);
}

void op_block_detach(struct xnd *x, struct call *c)
{
	static const char *const allowed[] = {"domain", "device", "force",
					      NULL};

	begin_detach(x, c, "disk", allowed, find_disk);
}

void op_network_detach(struct xnd *x, struct call *c)
{
	static const char *const allowed[] = {"domain", "device", "force",
					      NULL};

	begin_detach(x, c, "vif", allowed, find_vif);
}
