/* SPDX-License-Identifier: MIT */
/* Whether a descriptor can be served as a disk. */
#ifndef XN_BLK_IMAGE_H
#define XN_BLK_IMAGE_H

#include <stdbool.h>

#include "request.h"

struct err;

/*
 * fd must be a regular file or a block device, open for what limits allows
 * and at least limits->sectors long. Says in *direct whether its I/O passes
 * by the page cache. Direct I/O that wants more than a sector's alignment is
 * turned off, for a guest may ask for any sector. Where discards are served,
 * limits->discard_unit becomes what the image takes. Reads one sector. 0 or
 * -errno with *e set.
 */
int image_check(int fd, struct blk_limits *limits, bool *direct, struct err *e);

#endif
