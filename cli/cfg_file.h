/* SPDX-License-Identifier: MIT */
/* A configuration file, read whole. */
#ifndef XN_CLI_CFG_FILE_H
#define XN_CLI_CFG_FILE_H

#include <stddef.h>

struct err;

/* What is longer is no xl.cfg. */
#define CFG_FILE_MAX (1024 * 1024)

/*
 * Reads the file, which may be a pipe. *text is the caller's to free and is
 * *size bytes and a NUL. 0, or a negative errno with *e set.
 */
int cfg_file_read(const char *path, char **text, size_t *size, struct err *e);

#endif
