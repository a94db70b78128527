/* SPDX-License-Identifier: MIT */
/* Disks: bytes of an image or of an NBD server, served by xn-blk over a ring. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/scope.h"
#include "chan/blk_figures.h"
#include "daemon/device/kind.h"
#include "daemon/device/nbd_source.h"
#include "daemon/device/renew.h"
#include "daemon/device/script_life.h"
#include "daemon/device/vbd.h"
#include "daemon/device/vbd_caps.h"
#include "daemon/device/vbd_front.h"
#include "daemon/device/vbd_nbd.h"
#include "daemon/device/vbd_script.h"
#include "daemon/device/vbd_shape.h"
#include "daemon/host/figures.h"
#include "daemon/host/image.h"
#include "daemon/host/journals.h"
#include "daemon/host/nbd_uri.h"
#include "daemon/xs/plan.h"
#include "daemon/xs/xs.h"
#include "json/json.h"

#define SECTOR_BYTES 512 /* what the guest addresses */

static bool serves_discards(const struct device *d)
{
	return !d->u.vbd.config.no_discard &&
	       vbd_shape(d).discard_granularity != 0;
}

static void plan_discard(const struct device *d, struct xs_plan *plan)
{
	const struct vbd_shape shape = vbd_shape(d);

	if (!serves_discards(d))
		return;
	plan_write(plan, "1", "%s/feature-discard", d->back);
	plan_write_u64(plan, shape.discard_granularity,
		       "%s/discard-granularity", d->back);
	plan_write_u64(plan, shape.discard_alignment, "%s/discard-alignment",
		       d->back);
	plan_write(plan, "0", "%s/discard-secure", d->back);
}

/* What depends on where the bytes come from: known once that is open. */
static void plan_shape(const struct device *d, struct xs_plan *plan)
{
	bool flushes = vbd_shape(d).flushes;

	plan_write_u64(plan, flushes, "%s/feature-flush-cache", d->back);
	plan_write_u64(plan, flushes && d->env->disk_barriers,
		       "%s/feature-barrier", d->back);
	plan_discard(d, plan);
}

/* What a front end may use, and none of which it must. */
static void plan_features(const struct device *d, struct xs_plan *plan)
{
	plan_write(plan, "1", "%s/feature-persistent", d->back);
	plan_write_u64(plan, VBD_INDIRECT_MAX,
		       "%s/feature-max-indirect-segments", d->back);
	plan_write_u64(plan, VBD_RING_ORDER_MAX, "%s/max-ring-page-order",
		       d->back);
	plan_write_u64(plan, d->queues, "%s/multi-queue-max-queues", d->back);
}

static const char *mode_of(const struct disk_config *c)
{
	if (c->unchecked)
		return "w!";
	return c->read_only ? "r" : "w";
}

void vbd_plan_target(const struct device *d, struct xs_plan *plan)
{
	const char *target = d->u.vbd.config.target;

	plan_write(plan, target ? target : "", "%s/params", d->back);
}

static void vbd_plan(const struct device *d, struct xs_plan *plan)
{
	const struct disk_config *c = &d->u.vbd.config;
	const char *type = c->cdrom ? "cdrom" : "disk";

	plan_write(plan, c->vdev, "%s/dev", d->back);
	vbd_plan_target(d, plan);
	plan_write(plan, mode_of(c), "%s/mode", d->back);
	if (c->direct_io_safe)
		plan_write(plan, "1", "%s/direct-io-safe", d->back);
	plan_write_u64(plan, !c->no_discard, "%s/discard-enable", d->back);
	vbd_script_plan(d, plan);
	plan_write(plan, type, "%s/device-type", d->back);
	plan_write_u64(plan, c->cdrom, "%s/removable", d->back);
	plan_write(plan, "1", "%s/bootable", d->back);
	plan_features(d, plan);
	plan_write_u64(plan, !c->untrusted, "%s/trusted", d->front);
	plan_write_u64(plan, d->devid, "%s/virtual-device", d->front);
	plan_write(plan, type, "%s/device-type", d->front);
}

static unsigned int info_bits(const struct device *d)
{
	unsigned int info = 0;

	if (d->u.vbd.config.read_only)
		info |= VDISK_READONLY;
	if (d->u.vbd.config.cdrom)
		info |= VDISK_CDROM | VDISK_REMOVABLE;
	return info;
}

static void vbd_plan_connected(const struct device *d, struct xs_plan *plan)
{
	const struct vbd_shape shape = vbd_shape(d);

	plan_shape(d, plan);
	plan_write_u64(plan, shape.sectors, "%s/sectors", d->back);
	plan_write_u64(plan, SECTOR_BYTES, "%s/sector-size", d->back);
	plan_write_u64(plan, shape.physical, "%s/physical-sector-size",
		       d->back);
	plan_write_u64(plan, info_bits(d), "%s/info", d->back);
}

static bool vbd_more_keys(const struct device *d, const struct xs_values *v,
			  struct xs_values *more)
{
	return vbd_front_more(v, d->front, d->queues, more);
}

static int vbd_make_journal(struct device *d, const struct msg_blk_start *start,
			    struct err *e)
{
	const struct journal_owner owner = {d->uuid, d->domid, d->devid};
	size_t bytes = MSG_BLK_JOURNAL_BYTES(
		start->n_queues, start->ring_pages * MSG_BLK_PAGE_REQUESTS);

	fd_drop(&d->u.vbd.journal);
	d->u.vbd.journal = journals_make(d->env->journals, &owner, bytes, e);
	return d->u.vbd.journal < 0 ? -e->code : 0;
}

void vbd_set_terms(const struct device *d, struct msg_blk_start *start)
{
	const struct vbd_shape shape = vbd_shape(d);

	start->sectors = shape.sectors;
	start->flags &= ~(MSG_BLK_READ_ONLY | MSG_BLK_DISCARD | MSG_BLK_NBD |
			  MSG_BLK_NO_MEDIUM);
	if (shape.read_only)
		start->flags |= MSG_BLK_READ_ONLY;
	if (serves_discards(d))
		start->flags |= MSG_BLK_DISCARD;
	if (d->u.vbd.nbd)
		start->flags |= MSG_BLK_NBD;
	else if (!d->u.vbd.image)
		start->flags |= MSG_BLK_NO_MEDIUM;
}

static bool vbd_is_capped(const struct device *d)
{
	return d->u.vbd.config.caps.iops ||
	       d->u.vbd.config.caps.bytes_per_second;
}

/* In the order of the message's descriptors. */
enum { FD_JOURNAL, FD_FIGURES, FD_IMAGE };

/* If there is one; an NBD server's connection is with the worker already. */
static int vbd_pass_image(struct device *d, int *fds, struct err *e)
{
	if (d->u.vbd.nbd || !d->u.vbd.image)
		return 0;
	fds[FD_IMAGE] = image_worker_fd(d->u.vbd.image, e);
	return fds[FD_IMAGE] < 0 ? -e->code : 0;
}

/* What differs from worker to worker of one connection. */
static int vbd_complete(const struct device *d, union msg *m, int *fds,
			struct err *e)
{
	m->blk_start.generation = d->generation + 1;
	fds[FD_JOURNAL] = fcntl(d->u.vbd.journal, F_DUPFD_CLOEXEC, 3);
	fds[FD_FIGURES] = fcntl(d->u.vbd.figures, F_DUPFD_CLOEXEC, 3);
	if (fds[FD_JOURNAL] < 0 || fds[FD_FIGURES] < 0)
		return err_errno(e, errno, "cannot pass its journal on");
	return vbd_is_capped(d) ? vbd_send_caps(d, e) : 0;
}

static int vbd_start(struct device *d, const struct xs_values *v, union msg *m,
		     int *fds, struct err *e)
{
	struct msg_blk_start *start = &m->blk_start;

	msg_init(m, MSG_BLK_START);
	if (vbd_front_read(v, d->queues, start, e) < 0)
		return -e->code;
	start->domid = d->domid;
	start->devid = d->devid;
	vbd_set_terms(d, start);
	if (vbd_shape(d).flushes && d->env->disk_barriers)
		start->flags |= MSG_BLK_BARRIER;
	/* The image first: a predecessor must be gone before its journal. */
	if (vbd_pass_image(d, fds, e) < 0 || vbd_make_journal(d, start, e) < 0)
		return -e->code;
	d->u.vbd.start = *start;
	return vbd_complete(d, m, fds, e);
}

static int vbd_resume(struct device *d, union msg *m, int *fds, struct err *e)
{
	if (vbd_pass_image(d, fds, e) < 0)
		return -e->code;
	/* A server says what is new of its export only when it is asked. */
	if (d->u.vbd.nbd && device_is_renewed(d))
		vbd_set_terms(d, &d->u.vbd.start);
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
	struct json *v = disk_config_json(&d->u.vbd.config);

	json_set_int(v, "sectors", (int64_t)vbd_shape(d).sectors);
	return v;
}

static void vbd_open(struct device *d)
{
	if (d->u.vbd.nbd)
		vbd_nbd_open(d->u.vbd.nbd);
	else
		device_opened(d);
}

static bool vbd_message(struct device *d, const union msg *m)
{
	return d->u.vbd.nbd && vbd_nbd_message(d->u.vbd.nbd, m);
}

static void vbd_worker_gone(struct device *d)
{
	if (d->u.vbd.nbd)
		vbd_nbd_worker_gone(d->u.vbd.nbd);
}

static bool vbd_lingers(const struct device *d)
{
	if (d->u.vbd.nbd)
		return vbd_nbd_lingers(d->u.vbd.nbd);
	return d->u.vbd.image && image_in_flight(d->u.vbd.image);
}

static void vbd_written(struct device *d)
{
	script_life_begin(d->u.vbd.script);
}

static bool vbd_undone(struct device *d)
{
	return script_life_undone(d->u.vbd.script);
}

static void vbd_close(struct device *d)
{
	vbd_forget(d);
	fd_drop(&d->u.vbd.figures);
	vbd_nbd_free(d->u.vbd.nbd);
	d->u.vbd.nbd = NULL;
	script_life_free(d->u.vbd.script);
	d->u.vbd.script = NULL;
	image_close(d->u.vbd.image);
	d->u.vbd.image = NULL;
	disk_config_clear(&d->u.vbd.config);
}

/* It loads libnbd unless it need not: that takes most of its start. */
static const char *vbd_word(const struct device *d)
{
	return d->u.vbd.nbd ? NULL : "image=file";
}

const struct device_kind device_kind_vbd = {
	.frontend = "vbd",
	.backend = "xnblk",
	.program = "xn-blk",
	.serving = MSG_BLK_SERVING,
	.word = vbd_word,
	.plan = vbd_plan,
	.keys = vbd_front_keys,
	.more_keys = vbd_more_keys,
	.start = vbd_start,
	.resume = vbd_resume,
	.forget = vbd_forget,
	.open = vbd_open,
	.message = vbd_message,
	.worker_gone = vbd_worker_gone,
	.plan_connected = vbd_plan_connected,
	.json = vbd_json,
	.figures = vbd_figures_json,
	.lingers = vbd_lingers,
	.written = vbd_written,
	.undone = vbd_undone,
	.close = vbd_close,
};

int vbd_open_image(const struct device *d, const char *path,
		   struct image **image, struct err *e)
{
	const struct disk_config *c = &d->u.vbd.config;
	const struct image_use use = {c->read_only, c->unchecked, d->uuid,
				      d->devid};

	*image = image_open_for(path, &use, e);
	if (!*image) {
		err_wrap(e, "disk %s", c->vdev);
		return err_key(e, "target");
	}
	image_set_user(*image, d->user);
	return 0;
}

/* Holds the image, if it is one of this host, and knows how to serve it. */
static int vbd_open_source(struct device *d, struct err *e)
{
	const struct disk_config *c = &d->u.vbd.config;

	if (!c->target)
		return 0;
	if (c->script)
		return vbd_script_new(d, e);
	if (!nbd_uri_is(c->target) &&
	    vbd_open_image(d, c->target, &d->u.vbd.image, e) < 0)
		return -e->code;
	if (!nbd_source_suits(c))
		return 0;
	d->queues = 1;
	d->u.vbd.nbd = vbd_nbd_new(d, e);
	return d->u.vbd.nbd ? 0 : -e->code;
}

struct device *device_new_vbd(const struct device_env *env,
			      struct device_list *list,
			      const struct device_owner *owner,
			      const struct disk_config *config, struct err *e)
{
	struct device *d =
		device_alloc(env, &device_kind_vbd, owner, config->devid, e);

	if (!d)
		return NULL;
	/* More than it has vCPUs would be of no use to it. */
	d->queues = owner->vcpus < env->disk_queues ? owner->vcpus
						    : env->disk_queues;
	strcpy(d->name, config->vdev);
	d->u.vbd.journal = -1;
	d->u.vbd.figures = -1;
	if (disk_config_copy(&d->u.vbd.config, config, e) < 0 ||
	    vbd_open_source(d, e) < 0)
		goto fail;
	d->u.vbd.figures =
		figures_make(d->queues, sizeof(struct blk_figures), e);
	if (d->u.vbd.figures < 0 || device_begin(d, list, e) < 0)
		goto fail;
	return d;

fail:
	device_scrap(d);
	return NULL;
}
