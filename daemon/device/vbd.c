/* SPDX-License-Identifier: MIT */
/* Disks: an image of the host, served by xn-blk over a blkif ring. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/scope.h"
#include "base/text.h"
#include "daemon/device/kind.h"
#include "daemon/host/image.h"
#include "daemon/host/journals.h"
#include "daemon/xs/plan.h"
#include "daemon/xs/xs.h"
#include "json/json.h"

/* Bits of a vbd's "info" (xen/io/blkif.h: VDISK_*). */
#define INFO_READ_ONLY 4u

static void vbd_plan(const struct device *d, struct xs_plan *plan)
{
	const struct disk_config *c = &d->u.vbd.config;
	plan_write(plan, c->vdev, "%s/dev", d->back);
	plan_write(plan, c->target, "%s/params", d->back);
	plan_write(plan, c->read_only ? "r" : "w", "%s/mode", d->back);
	plan_write(plan, "disk", "%s/device-type", d->back);
	plan_write(plan, "0", "%s/removable", d->back);
	plan_write(plan, "1", "%s/bootable", d->back);
	plan_write(plan, "1", "%s/feature-flush-cache", d->back);
	plan_write_u64(plan, d->devid, "%s/virtual-device", d->front);
	plan_write(plan, "disk", "%s/device-type", d->front);
}

static void vbd_plan_connected(const struct device *d, struct xs_plan *plan)
{
	const struct image *im = d->u.vbd.image;
	plan_write_u64(plan, image_sectors(im), "%s/sectors", d->back);
	plan_write_u64(plan, image_sector_size(im), "%s/sector-size", d->back);
	plan_write_u64(plan, image_physical_sector_size(im),
		       "%s/physical-sector-size", d->back);
	plan_write_u64(plan, image_read_only(im) ? INFO_READ_ONLY : 0,
		       "%s/info", d->back);
}

static const char *const vbd_keys[] = {
	"ring-ref",	   "event-channel",	     "protocol",
	"ring-page-order", "multi-queue-num-queues", NULL,
};

static int vbd_make_journal(struct device *d, struct err *e)
{
	const struct journal_owner owner = {d->uuid, d->domid, d->devid};

	fd_drop(&d->u.vbd.journal);
	d->u.vbd.journal = journals_make(d->env->journals, &owner,
					 MSG_BLK_JOURNAL_BYTES(1, 32), e);
	return d->u.vbd.journal < 0 ? -e->code : 0;
}

/* What differs from worker to worker of one connection. */
static int vbd_complete(const struct device *d, union msg *m, int *fds,
			struct err *e)
{
	m->blk_start.generation = d->generation + 1;
	fds[1] = fcntl(d->u.vbd.journal, F_DUPFD_CLOEXEC, 3);
	if (fds[1] < 0)
		return err_errno(e, errno, "cannot pass its journal on");
	return 0;
}

/* We offer one queue and one page: whatever else a guest asks for is wrong. */
static int vbd_start(struct device *d, const struct xs_values *v, union msg *m,
		     int *fds, struct err *e)
{
	const char *protocol = values_get(v, "protocol");
	uint32_t queues = 0;
	char shown[40];

	/* Without the key Linux's back end on x86 assumes x86_32. */
	if (!protocol || strcmp(protocol, XEN_IO_PROTO_ABI_X86_64) != 0)
		return err_set(
			e, EPROTO,
			"protocol: the front end speaks %s; only " XEN_IO_PROTO_ABI_X86_64
			" is supported",
			protocol ? text_escape(protocol, shown, sizeof(shown))
				 : XEN_IO_PROTO_ABI_X86_32);
	if (values_get(v, "ring-page-order"))
		return err_set(e, EPROTO,
			       "ring-page-order: the front end has a ring of "
			       "several pages, which was not offered");
	if (values_u32(v, "multi-queue-num-queues", UINT32_MAX, &queues) !=
		    -ENOENT &&
	    queues != 1)
		return err_set(e, EPROTO,
			       "multi-queue-num-queues: the front end has "
			       "several queues, which was not offered");
	msg_init(m, MSG_BLK_START);
	if (values_need_u32(v, "ring-ref", &m->blk_start.ring_ref, e) < 0 ||
	    values_need_u32(v, "event-channel", &m->blk_start.port, e) < 0)
		return -e->code;
	m->blk_start.domid = d->domid;
	m->blk_start.devid = d->devid;
	m->blk_start.sectors = image_sectors(d->u.vbd.image);
	if (image_read_only(d->u.vbd.image))
		m->blk_start.flags |= MSG_BLK_READ_ONLY;
	/* The image first: a predecessor must be gone before its journal. */
	fds[0] = image_worker_fd(d->u.vbd.image, e);
	if (fds[0] < 0 || vbd_make_journal(d, e) < 0)
		return -e->code;
	d->u.vbd.start = m->blk_start;
	return vbd_complete(d, m, fds, e);
}

static int vbd_resume(struct device *d, union msg *m, int *fds, struct err *e)
{
	fds[0] = image_worker_fd(d->u.vbd.image, e);
	if (fds[0] < 0)
		return -e->code;
	msg_init(m, MSG_BLK_START);
	m->blk_start = d->u.vbd.start;
	return vbd_complete(d, m, fds, e);
}

static void vbd_forget(struct device *d)
{
	const struct journal_owner owner = {d->uuid, d->domid, d->devid};

	if (d->u.vbd.journal < 0)
		return;
	fd_drop(&d->u.vbd.journal);
	journals_remove(d->env->journals, &owner);
}

static struct json *vbd_json(const struct device *d)
{
	return disk_config_json(&d->u.vbd.config);
}

static void vbd_close(struct device *d)
{
	vbd_forget(d);
	image_close(d->u.vbd.image);
	d->u.vbd.image = NULL;
	disk_config_clear(&d->u.vbd.config);
}

const struct device_kind device_kind_vbd = {
	.frontend = "vbd",
	.backend = "xnblk",
	.program = "xn-blk",
	.serving = MSG_BLK_SERVING,
	.plan = vbd_plan,
	.keys = vbd_keys,
	.start = vbd_start,
	.resume = vbd_resume,
	.forget = vbd_forget,
	.plan_connected = vbd_plan_connected,
	.json = vbd_json,
	.close = vbd_close,
};

struct device *device_new_vbd(const struct device_env *env,
			      struct device_list *list,
			      const struct device_owner *owner,
			      const struct disk_config *config, struct err *e)
{
	struct device *d =
		device_alloc(env, &device_kind_vbd, owner, config->devid, e);

	if (!d)
		return NULL;
	strcpy(d->name, config->vdev);
	d->u.vbd.journal = -1;
	d->u.vbd.config = *config;
	d->u.vbd.config.target = strdup(config->target);
	if (!d->u.vbd.config.target) {
		err_set(e, ENOMEM, "no memory for a disk");
		goto fail;
	}
	d->u.vbd.image = image_open(config->target, config->read_only, e);
	if (!d->u.vbd.image) {
		err_wrap(e, "disk %s", config->vdev);
		err_key(e, "target");
		goto fail;
	}
	image_set_user(d->u.vbd.image, owner->name);
	if (device_begin(d, list, e) < 0)
		goto fail;
	return d;

fail:
	device_scrap(d);
	return NULL;
}
