/* SPDX-License-Identifier: MIT */
/* A PV domain's first memory image, built with libxenguest. */
#ifndef XN_BUILD_IMAGE_H
#define XN_BUILD_IMAGE_H

#include <stdint.h>

#include "build/input.h"

struct err;
struct msg_build;
struct xc_interface_core;

/* What a build was made from, and what came of it. Zeroed to begin. */
struct image {
	struct input kernel;
	struct input ramdisk;
	uint64_t console_frame; /* MFNs */
	uint64_t store_frame;
};

/*
 * Fills the memory of the domain req->domid, which exists, is paused, and has
 * its vCPUs, its memory limit and its two unbound ports, and sets vCPU 0 to
 * the kernel's entry. The ports and frames are in its start_info, the console
 * and store pages in its grant table. ramdisk_fd is -1 when there is none.
 * Nothing of the guest stays mapped. 0 or -errno with one sentence in *e; the
 * domain is then for the caller to destroy. image_release either way.
 */
int image_build(struct image *image, struct xc_interface_core *xc,
		const struct msg_build *req, int kernel_fd, int ramdisk_fd,
		struct err *e);

/* Unmaps the files: 70 ms for 60 MiB in a PV dom0, so answer first. */
void image_release(struct image *image);

#endif
