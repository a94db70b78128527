/* SPDX-License-Identifier: MIT */
/* A PV domain's first memory image, built with libxenguest. */
#ifndef XN_BUILD_IMAGE_H
#define XN_BUILD_IMAGE_H

#include <stdint.h>

struct err;
struct msg_build;
struct xc_interface_core;

struct image_frames {
	uint64_t console; /* MFNs */
	uint64_t store;
};

/*
 * Fills the memory of the domain req->domid, which exists, is paused, and has
 * its vCPUs, its memory limit and its two unbound ports, and sets vCPU 0 to
 * the kernel's entry. The ports and frames are in its start_info, the console
 * and store pages in its grant table. ramdisk_fd is -1 when there is none.
 * Nothing of the guest stays mapped. 0 or -errno with one sentence in *e; the
 * domain is then for the caller to destroy.
 */
int image_build(struct xc_interface_core *xc, const struct msg_build *req,
		int kernel_fd, int ramdisk_fd, struct image_frames *frames,
		struct err *e);

#endif
