/* SPDX-License-Identifier: MIT */
/* One shape of two sources. */
#include "daemon/device/vbd_shape.h"

#include "daemon/device/kind.h"
#include "daemon/device/vbd_nbd.h"
#include "daemon/host/image.h"

#define SECTOR_BYTES 512 /* of what is not open, too */

static struct vbd_shape of_image(const struct image *im)
{
	return (struct vbd_shape){
		.sectors = image_sectors(im),
		.physical = image_physical_sector_size(im),
		.read_only = image_read_only(im),
		.flushes = true,
		.discard_granularity = image_discard_granularity(im),
		.discard_alignment = image_discard_alignment(im),
	};
}

/* A server tells what it takes, but not of what size the image's parts are. */
static uint32_t discard_unit(const struct device *d,
			     const struct msg_blk_opened *opened)
{
	uint32_t unit = 0;

	if (!(opened->flags & MSG_NBD_DISCARD))
		return 0;
	if (d->u.vbd.image && d->u.vbd.config.format == FORMAT_QCOW2)
		unit = image_qcow2_unit(d->u.vbd.image);
	return unit > opened->block_bytes ? unit : opened->block_bytes;
}

static struct vbd_shape of_export(const struct device *d,
				  const struct msg_blk_opened *opened)
{
	return (struct vbd_shape){
		.sectors = opened->sectors,
		.physical = opened->block_bytes,
		.read_only = d->u.vbd.config.read_only,
		.flushes = opened->flags & MSG_NBD_FLUSH,
		.discard_granularity = discard_unit(d, opened),
	};
}

struct vbd_shape vbd_shape(const struct device *d)
{
	if (d->u.vbd.nbd)
		return of_export(d, vbd_nbd_opened(d->u.vbd.nbd));
	if (d->u.vbd.image)
		return of_image(d->u.vbd.image);
	return (struct vbd_shape){
		.physical = SECTOR_BYTES,
		.read_only = d->u.vbd.config.read_only,
		.flushes = true,
	};
}
