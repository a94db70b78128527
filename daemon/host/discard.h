/* SPDX-License-Identifier: MIT */
/* Whether parts of an image can be given back, and in what units. */
#ifndef XN_HOST_DISCARD_H
#define XN_HOST_DISCARD_H

#include <stdint.h>
#include <sys/stat.h>

struct discard {
	uint32_t granularity; /* bytes; 0: not at all */
	uint32_t alignment;   /* bytes from the image's start to the first */
};

/*
 * fd: open for writing, what st describes: a regular file, of whose file
 * system it is found out by trying behind the file's end, or a block device,
 * of which the kernel knows (sysfs). bytes: the image's size.
 */
void discard_find(int fd, const struct stat *st, uint64_t bytes,
		  struct discard *d);

/*
 * The unit, in bytes, in which a qcow2 image gives space back: its clusters,
 * or what they are made of (docs/interop/qcow2.txt of QEMU, "Header"). 0 when
 * its header cannot be read, or makes no sense.
 */
uint32_t discard_qcow2_unit(int fd);

#endif
