/* SPDX-License-Identifier: MIT */
/* The inside of an image, for the files that make it up. */
#ifndef XN_HOST_IMAGE_INSIDE_H
#define XN_HOST_IMAGE_INSIDE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "daemon/host/discard.h"
#include "daemon/host/path.h"
#include "daemon/host/share.h"

struct err;

#define PHYSICAL_MAX_BYTES 4096

struct image {
	LIST_ENTRY(image) link;
	int fd;	     /* owned; a device is claimed through it by O_EXCL */
	bool locked; /* byte 0, through fd */
	struct share share;
	off_t flight; /* the byte of its workers' I/O */
	struct stat st;
	uint64_t sectors;
	uint32_t physical;
	struct discard discard;
	char shown[PATH_SHOWN_BYTES]; /* the path, for error texts */
};

/* Says why it cannot be opened: code is that of open(2). -code. */
int image_refuse_open(const struct image *im, int code, struct err *e);

#endif
