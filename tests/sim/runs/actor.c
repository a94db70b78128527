/* SPDX-License-Identifier: MIT */
/* The life of a played guest, through xnd and through its own front ends. */
#include "tests/sim/runs/actor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/scope.h"
#include "base/text.h"
#include "json/json.h"
#include "tests/sim/guest/blk.h"
#include "tests/sim/guest/console.h"
#include "tests/sim/guest/guest.h"
#include "tests/sim/guest/net.h"
#include "tests/sim/guest/store.h"
#include "tests/sim/runs/host_net.h"
#include "tests/sim/runs/world.h"

#define MEMORY_MIB 4
#define VCPUS	   2 /* as many queues a disk may have */
#define DISK_BYTES (1 << 20)
#define CALL_MS	   8000
#define DEVICE_MS  3000

#define XVDA	   51712
#define XVDB	   51728

static const struct blk_want disk_want = {.abi = BLK_X86_64};
/* in all that the first one leaves out */
static const struct blk_want more_disk_want = {.abi = BLK_X86_32,
					       .order = 1,
					       .queues = 2,
					       .persistent = true,
					       .indirect = true};
static const struct net_want vif_want = {.queues = 0};

/* ---- what it is made of ---- */

static char *disk_path(const struct actor *a, const char *vdev)
{
	return text_format("%s/%s.%s", a->w->dir, a->name, vdev);
}

static void disk_make(const struct actor *a, const char *vdev)
{
	scoped_str path = disk_path(a, vdev);
	scoped_fd fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0 || ftruncate(fd, DISK_BYTES) < 0)
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
}

void actor_init(struct actor *a, struct world *w, unsigned int number)
{
	memset(a, 0, sizeof(*a));
	a->w = w;
	a->number = number;
	a->seed = number << 16;
	snprintf(a->name, sizeof(a->name), "guest-%u", number);
	a->host = host_net_open();
	disk_make(a, "xvda");
	disk_make(a, "xvdb");
}

void actor_leave(struct actor *a)
{
	/* Its domain may be no more, and xenstored no longer hear it. */
	if (a->guest)
		store_hang_up(a->guest->store);
	blk_free(a->more_disk);
	net_free(a->more_vif);
	blk_free(a->disk);
	net_free(a->vif);
	console_close(a->console);
	guest_free(a->guest);
	a->more_disk = a->disk = NULL;
	a->more_vif = a->vif = NULL;
	a->console = NULL;
	a->guest = NULL;
}

void actor_free(struct actor *a)
{
	actor_leave(a);
	fd_drop(&a->host);
}

static struct json *disk_json(const struct actor *a, const char *vdev)
{
	struct json *v = json_new_object();
	scoped_str path = disk_path(a, vdev);

	json_set_string(v, "vdev", vdev);
	json_set_string(v, "target", path);
	return v;
}

static struct json *vif_json(const struct actor *a, unsigned int devid)
{
	struct json *v = json_new_object();
	char mac[18];

	snprintf(mac, sizeof(mac), "00:16:3e:%02x:%02x:%02x", devid,
		 a->number >> 8 & 0xff, a->number & 0xff);
	json_set_int(v, "devid", devid);
	json_set_string(v, "mac", mac);
	json_set_string(v, "bridge", HOST_NET_BRIDGE);
	if (a->direct >> devid & 1)
		json_set_bool(v, "direct", true);
	if (a->ip) {
		struct json *ips = json_new_array();

		json_push(ips, json_new_string(a->ip));
		json_set(v, "ip", ips);
	}
	return v;
}

static struct json *config_json(const struct actor *a)
{
	struct json *c = json_new_object();
	struct json *disks = json_new_array();
	struct json *vifs = json_new_array();
	scoped_str kernel = world_path(a->w, "kernel");

	json_set_string(c, "name", a->name);
	json_set_int(c, "memory", MEMORY_MIB);
	json_set_int(c, "vcpus", VCPUS);
	json_set_string(c, "kernel", kernel);
	json_push(disks, disk_json(a, "xvda"));
	json_set(c, "disks", disks);
	json_push(vifs, vif_json(a, 0));
	json_set(c, "vifs", vifs);
	return c;
}

/* ---- birth ---- */

struct call *actor_begin_create(struct actor *a)
{
	struct json *params = json_new_object();

	json_set(params, "config", config_json(a));
	return xnd_begin(a->w, METHOD_DOMAIN_CREATE, params);
}

int actor_end_create(struct actor *a, struct call *c, struct err *e)
{
	struct json *result = xnd_end(a->w, c, CALL_MS, e);

	if (!result)
		return -e->code;
	a->domid = (uint32_t)json_get_int(result, "domid", 0);
	json_free(result);
	return a->domid ? 0 : err_set(e, EPROTO, "created, without a domid");
}

int actor_create(struct actor *a, struct err *e)
{
	return actor_end_create(a, actor_begin_create(a), e);
}

int actor_boot(struct actor *a, struct err *e)
{
	a->guest = guest_boot(a->w->base, a->domid, e);
	if (!a->guest)
		return -e->code;
	a->console = console_open(a->guest, e);
	if (!a->console)
		return -e->code;
	a->disk = blk_new(a->guest, XVDA, e);
	if (!a->disk || blk_connect(a->disk, &disk_want, e) < 0)
		return -e->code;
	a->vif = net_new(a->guest, 0, e);
	if (!a->vif || net_connect(a->vif, &vif_want, e) < 0)
		return -e->code;
	return 0;
}

/* ---- questions and orders ---- */

static int ask_about_disk(struct actor *a, struct err *e)
{
	struct json *params = xnd_params("domain", a->name, NULL);

	json_set_bool(params, "figures", true);
	if (xnd_ask(a->w, METHOD_BLOCK_LIST, params, CALL_MS, e) < 0)
		return -e->code;
	params = xnd_params("domain", a->name, "device", "xvda", NULL);
	json_set_int(params, "iops", 1000000);
	return xnd_ask(a->w, METHOD_BLOCK_SET, params, CALL_MS, e);
}

int actor_ask(struct actor *a, struct err *e)
{
	static const enum method about_it[] = {
		METHOD_BLOCK_LIST, METHOD_NETWORK_LIST, METHOD_DOMAIN_PAUSE,
		METHOD_DOMAIN_UNPAUSE};
	struct world *w = a->w;
	size_t i;

	if (xnd_ask(w, METHOD_HOST_INFO, json_new_object(), CALL_MS, e) < 0 ||
	    xnd_ask(w, METHOD_DOMAIN_LIST, json_new_object(), CALL_MS, e) < 0)
		return -e->code;
	for (i = 0; i < sizeof(about_it) / sizeof(about_it[0]); i++)
		if (xnd_ask(w, about_it[i], xnd_params("domain", a->name, NULL),
			    CALL_MS, e) < 0)
			return -e->code;
	return ask_about_disk(a, e);
}

/* ---- hotplug ---- */

static int ask_device(struct actor *a, enum method method, const char *key,
		      struct json *device, struct err *e)
{
	struct json *params = xnd_params("domain", a->name, NULL);

	json_set(params, key, device);
	return xnd_ask(a->w, method, params, CALL_MS, e);
}

int actor_attach_disk(struct actor *a, struct err *e)
{
	if (ask_device(a, METHOD_BLOCK_ATTACH, "disk", disk_json(a, "xvdb"),
		       e) < 0)
		return -e->code;
	a->more_disk = blk_new(a->guest, XVDB, e);
	if (!a->more_disk)
		return -e->code;
	if (blk_connect(a->more_disk, &more_disk_want, e) < 0)
		return -e->code;
	return actor_use_disk(a, a->more_disk, e);
}

int actor_attach_vif(struct actor *a, struct err *e)
{
	if (ask_device(a, METHOD_NETWORK_ATTACH, "vif", vif_json(a, 1), e) < 0)
		return -e->code;
	a->more_vif = net_new(a->guest, 1, e);
	if (!a->more_vif || net_connect(a->more_vif, &vif_want, e) < 0)
		return -e->code;
	return actor_use_vif(a, a->more_vif, e);
}

/*
 * xnd asks the guest to let go, by its state, and the guest does. Without a
 * front end there is nobody to ask, and xnd must notice that.
 */
static int end_detach(struct actor *a, struct call *call, struct bus *bus,
		      int (*let_go)(struct actor *a, struct err *e),
		      struct err *e)
{
	struct err ignored;
	struct json *result;

	if (bus &&
	    bus_wait(bus,
		     BUS_IN(XenbusStateClosing) | BUS_IN(XenbusStateClosed) |
			     BUS_IN(XenbusStateUnknown),
		     DEVICE_MS, &ignored) == 0)
		let_go(a, &ignored);
	result = xnd_end(a->w, call, CALL_MS, e);
	if (!result)
		return -e->code;
	json_free(result);
	return 0;
}

static int let_go_of_disk(struct actor *a, struct err *e)
{
	return blk_disconnect(a->more_disk, e);
}

static int let_go_of_vif(struct actor *a, struct err *e)
{
	return net_disconnect(a->more_vif, e);
}

int actor_detach_disk(struct actor *a, struct err *e)
{
	struct call *call = xnd_begin(
		a->w, METHOD_BLOCK_DETACH,
		xnd_params("domain", a->name, "device", "xvdb", NULL));
	int rc = end_detach(a, call, a->more_disk ? &a->more_disk->bus : NULL,
			    let_go_of_disk, e);

	blk_free(a->more_disk);
	a->more_disk = NULL;
	return rc;
}

int actor_force_disk(struct actor *a, struct err *e)
{
	struct json *params =
		xnd_params("domain", a->name, "device", "xvdb", NULL);
	int rc;

	json_set_bool(params, "force", true);
	rc = xnd_ask(a->w, METHOD_BLOCK_DETACH, params, CALL_MS, e);
	blk_free(a->more_disk);
	a->more_disk = NULL;
	return rc;
}

int actor_detach_vif(struct actor *a, struct err *e)
{
	struct call *call =
		xnd_begin(a->w, METHOD_NETWORK_DETACH,
			  xnd_params("domain", a->name, "device", "1", NULL));
	int rc = end_detach(a, call, a->more_vif ? &a->more_vif->bus : NULL,
			    let_go_of_vif, e);

	net_free(a->more_vif);
	a->more_vif = NULL;
	return rc;
}

/* ---- death ---- */

struct call *actor_begin_destroy(struct actor *a)
{
	return xnd_begin(a->w, METHOD_DOMAIN_DESTROY,
			 xnd_params("domain", a->name, NULL));
}

int actor_end_destroy(struct actor *a, struct call *c, struct err *e)
{
	struct json *result = xnd_end(a->w, c, CALL_MS, e);

	actor_leave(a);
	a->domid = 0;
	if (!result)
		return -e->code;
	json_free(result);
	return 0;
}

int actor_destroy(struct actor *a, struct err *e)
{
	return actor_end_destroy(a, actor_begin_destroy(a), e);
}

int actor_power_off(struct actor *a, struct err *e)
{
	struct call *call = xnd_begin(a->w, METHOD_DOMAIN_WAIT,
				      xnd_params("domain", a->name, NULL));
	struct json *result;

	guest_shutdown(a->guest, SHUTDOWN_poweroff);
	result = xnd_end(a->w, call, CALL_MS, e);
	actor_leave(a);
	a->domid = 0;
	if (!result)
		return -e->code;
	json_free(result);
	return 0;
}
