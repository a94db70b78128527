/* SPDX-License-Identifier: MIT */
/*
 * What a disk is like to its guest, wherever its bytes come from: an image of
 * this host, or an NBD server.
 */
#ifndef XN_DEVICE_VBD_SHAPE_H
#define XN_DEVICE_VBD_SHAPE_H

#include <stdbool.h>
#include <stdint.h>

struct device;

struct vbd_shape {
	uint64_t sectors;  /* of 512 bytes */
	uint32_t physical; /* bytes that it likes best to write */
	bool read_only;
	bool flushes;		      /* there is a cache to be flushed */
	uint32_t discard_granularity; /* bytes; 0: takes no discards */
	uint32_t discard_alignment;
};

/*
 * Of a vbd whose source is open. Of another (its NBD server has not been
 * reached, its script has not run, its drive is empty) nothing but read_only
 * is known: it has no sectors.
 */
struct vbd_shape vbd_shape(const struct device *d);

#endif
