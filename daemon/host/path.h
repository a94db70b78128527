/* SPDX-License-Identifier: MIT */
/*
 * Opening what a path names in two steps, so that nothing happens to a thing
 * of the wrong kind: no waiting on a FIFO, no rewinding of a tape, no change
 * of what the path means between the look and the open.
 */
#ifndef XN_HOST_PATH_H
#define XN_HOST_PATH_H

#include <stdint.h>
#include <sys/stat.h>

#define PATH_SHOWN_BYTES 200

struct err;

/*
 * Finds what stands at an absolute path (symbolic links are followed) and
 * fills *st. Returns a descriptor for path_reopen and *at calls alone
 * (O_PATH), or -errno with *e set ("/path: …").
 */
int path_find(const char *path, struct stat *st, struct err *e);

/*
 * A new open file description, close-on-exec, of the inode that fd refers to;
 * through /proc. Returns it or -errno.
 */
int path_reopen(int fd, int flags);

/* The path as error texts show it: escaped, and cut with "..." at the end. */
void path_show(const char *path, char shown[PATH_SHOWN_BYTES]);

/* "a directory", "a FIFO" …: what the mode of a struct stat says. */
const char *path_kind(mode_t mode);

#endif
