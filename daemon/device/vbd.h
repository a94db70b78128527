/* SPDX-License-Identifier: MIT */
/* What a disk is served from, for vbd.c and for what changes it later. */
#ifndef XN_DEVICE_VBD_H
#define XN_DEVICE_VBD_H

struct device;
struct disk_config;
struct err;
struct image;
struct msg_blk_start;
struct xs_plan;

/*
 * Opens, for the domain called user, what config says: NULL in *image for a
 * drive without a medium. 0, or -errno with *e set, its key "target".
 */
int vbd_open_image(const struct disk_config *config, const char *user,
		   struct image **image, struct err *e);

/* Sets what of *start follows from the image, and nothing else. */
void vbd_set_terms(const struct device *d, struct msg_blk_start *start);

/* Adds where the image is. */
void vbd_plan_target(const struct device *d, struct xs_plan *plan);

#endif
