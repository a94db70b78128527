/* SPDX-License-Identifier: MIT */
/*
 * What may change of a disk while its guest uses it: its size, and in a
 * CD-ROM drive the medium. How the guest comes to know is in renew.c.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/log.h"
#include "base/text.h"
#include "daemon/device/kind.h"
#include "daemon/device/nbd_source.h"
#include "daemon/device/renew.h"
#include "daemon/device/vbd.h"
#include "daemon/host/image.h"

static int refuse_memory(const struct device *d, struct err *e)
{
	return err_set(e, ENOMEM, "%s: no memory to change it", d->name);
}

/* For the next worker of this connection, and those after it. */
static void adopt(struct device *d)
{
	if (d->generation)
		vbd_set_terms(d, &d->u.vbd.start);
}

/* ---- size ---- */

struct resize {
	uint64_t cut_to; /* bytes; 0: the image has its size already */
};

static int make_resize(struct device *d, void *change, struct err *e)
{
	const struct resize *r = change;
	struct image *im = d->u.vbd.image;
	int rc;

	if (d->u.vbd.nbd)
		return 0; /* the next worker's connection tells */
	rc = r->cut_to ? image_resize(im, r->cut_to, e) : image_refresh(im, e);
	if (rc < 0)
		return rc;
	adopt(d);
	log_info("%s: %llu sectors now", d->log_name,
		 (unsigned long long)image_sectors(im));
	return 0;
}

static const struct renewal_ops resize_ops = {
	.make = make_resize,
	.free = free,
};

/* Of an image that a qemu-nbd has: would the next one be given it? */
static int check_path(const struct device *d, struct err *e)
{
	const char *path = d->u.vbd.config.target;
	char shown[160];

	if (!d->u.vbd.nbd || !d->u.vbd.image ||
	    image_check_path(d->u.vbd.image, path, e) == 0)
		return 0;
	return err_wrap(e, "%s", text_escape(path, shown, sizeof(shown)));
}

/*
 * What would be refused is refused before anything stops; and a file is made
 * longer before, because there may be no room. It is cut only when no worker
 * is left that could write behind its new end, and make it longer again.
 */
static int begin_resize(struct device *d, const struct disk_size *size,
			struct resize *r, struct err *e)
{
	struct image *im = d->u.vbd.image;
	uint64_t bytes;

	if (size->look)
		return check_path(d, e);
	if (d->u.vbd.nbd)
		return err_set(e, ENOTSUP,
			       im ? "only a raw image is given a size; one of "
				    "another format is grown by qemu-img while "
				    "no guest has it"
				  : "only a raw image is given a size; grow "
				    "the export at its server, then say no "
				    "size");
	if (image_check_resize(im, size->bytes, e) < 0)
		return -e->code;
	bytes = image_sectors(im) * image_sector_size(im);
	if (size->bytes >= bytes)
		return image_resize(im, size->bytes, e);
	if (!size->shrink)
		return err_set(e, EINVAL,
			       "is %llu bytes large, and is not made smaller "
			       "unless that is asked for: what lies behind "
			       "the new end is lost",
			       (unsigned long long)bytes);
	r->cut_to = size->bytes;
	return 0;
}

int device_resize(struct device *d, const struct disk_size *size,
		  device_cb *done, void *arg, struct err *e)
{
	struct resize *r;

	if (d->u.vbd.config.cdrom)
		return err_set(e, EINVAL,
			       "%s: a CD-ROM is as large as its medium; "
			       "insert another",
			       d->name);
	if (device_check_renewable(d, e) < 0)
		return -e->code;
	r = calloc(1, sizeof(*r));
	if (!r)
		return refuse_memory(d, e);
	if (begin_resize(d, size, r, e) < 0) {
		free(r);
		return err_wrap(e, "%s", d->name);
	}
	return device_renew(d, &resize_ops, r, done, arg, e);
}

/* ---- medium ---- */

/* The other medium: at first the new one, and the old one once it is made. */
struct exchange {
	struct disk_config config; /* owned inside */
	struct image *image;	   /* owned */
	bool ejects;
};

static void swap(struct device *d, struct exchange *x)
{
	struct image *image = d->u.vbd.image;

	d->u.vbd.image = x->image;
	x->image = image;
	disk_config_swap_target(&d->u.vbd.config, &x->config);
	adopt(d);
}

static void close_other(struct exchange *x)
{
	image_close(x->image);
	x->image = NULL;
}

static int make_exchange(struct device *d, void *change, struct err *e)
{
	struct exchange *x = change;

	(void)e;
	swap(d, x);
	if (x->ejects)
		close_other(x);
	log_info("%s: %s", d->log_name,
		 x->ejects ? "medium ejected" : "medium inserted");
	return 0;
}

static bool undo_exchange(struct device *d, void *change)
{
	struct exchange *x = change;

	if (x->ejects)
		return false;
	swap(d, x);
	close_other(x);
	return true;
}

static void free_exchange(void *change)
{
	struct exchange *x = change;

	close_other(x);
	disk_config_clear(&x->config);
	free(x);
}

static const struct renewal_ops exchange_ops = {
	.make = make_exchange,
	.undo = undo_exchange,
	.plan = vbd_plan_target,
	.free = free_exchange,
};

int device_change_medium(struct device *d, const struct disk_config *config,
			 device_cb *done, void *arg, struct err *e)
{
	struct exchange *x;

	if (!d->u.vbd.config.cdrom)
		return err_set(e, EINVAL, "%s: is not a CD-ROM drive", d->name);
	if (d->u.vbd.nbd || d->u.vbd.script ||
	    (config->target && nbd_source_suits(config)))
		return err_set(e, ENOTSUP,
			       "%s: only raw images of this host can be "
			       "exchanged",
			       d->name);
	if (device_check_renewable(d, e) < 0)
		return -e->code;
	x = calloc(1, sizeof(*x));
	if (!x)
		return refuse_memory(d, e);
	if (disk_config_copy(&x->config, config, e) < 0 ||
	    (config->target &&
	     vbd_open_image(d, config->target, &x->image, e) < 0)) {
		free_exchange(x);
		return -e->code;
	}
	x->ejects = !x->image;
	return device_renew(d, &exchange_ops, x, done, arg, e);
}
