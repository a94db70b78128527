/* SPDX-License-Identifier: MIT */
/*
 * A disk as xl writes it, through libxlutil's own parser, into the form of
 * the protocol. What xn cannot serve is refused by name.
 */
#ifndef XN_CLI_CFG_DISK_H
#define XN_CLI_CFG_DISK_H

#include <stddef.h>

struct err;
struct json;

/*
 * All specs together describe one disk: one string of a file, or the words
 * after block-attach. The caller frees {vdev, target, format, access}. NULL
 * with *e set. As in xl, a target that does not begin with '/' is in /dev;
 * that of an empty CD-ROM drive is "".
 */
struct json *cfg_disk_parse(size_t count, const char *const *specs,
			    struct err *e);

#endif
