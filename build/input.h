/* SPDX-License-Identifier: MIT */
/*
 * A kernel or a ramdisk: a descriptor that xnd has opened, checked and mapped
 * for the time of one build.
 */
#ifndef XN_BUILD_INPUT_H
#define XN_BUILD_INPUT_H

#include <stddef.h>

struct err;

struct input {
	const void *bytes; /* read-only; NULL when not mapped */
	size_t size;
};

/*
 * Maps the whole of fd (borrowed). name begins the error text. Refused: what
 * is no regular file, an empty one, one of more than max bytes (XSA-25: no
 * size that a file claims reaches the library unchecked). Bytes that vanish
 * later, because the file is truncated during the build, are a SIGBUS: the
 * builder ends, and xnd sees that. 0 or -errno.
 */
int input_map(struct input *in, int fd, const char *name, size_t max,
	      struct err *e);

/* Fine on what was never mapped, as long as it is zeroed. */
void input_unmap(struct input *in);

#endif
