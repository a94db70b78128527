/* SPDX-License-Identifier: MIT */
/* What a disk is served from, for vbd.c and for what changes it later. */
#ifndef XN_DEVICE_VBD_H
#define XN_DEVICE_VBD_H

struct device;
struct err;
struct image;
struct json;
struct msg_blk_start;
struct xs_plan;

/*
 * Opens what is at path as d's configuration wants it. 0, or -errno with *e
 * set; its key is "target" then.
 */
int vbd_open_image(const struct device *d, const char *path,
		   struct image **image, struct err *e);

/* Sets what of *start follows from the image, and nothing else. */
void vbd_set_terms(const struct device *d, struct msg_blk_start *start);

struct json *vbd_figures_json(const struct device *d);

/* Adds where the image is. */
void vbd_plan_target(const struct device *d, struct xs_plan *plan);

#endif
