/* SPDX-License-Identifier: MIT */
/* What the files about disks have of each other. */
#ifndef XN_DEVICE_VBD_H
#define XN_DEVICE_VBD_H

struct device;
struct err;

/*
 * Sets d's image to what is at path, as its configuration wants it. 0, or
 * -errno with *e set; its key is "target" then.
 */
int vbd_open_image(struct device *d, const char *path, struct err *e);

#endif
