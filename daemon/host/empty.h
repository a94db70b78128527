/* SPDX-License-Identifier: MIT */
/* A folder in which nothing is, for what is to see nothing else. */
#ifndef XN_HOST_EMPTY_H
#define XN_HOST_EMPTY_H

struct err;

/*
 * Makes path such a folder, or sees to it that it is one: root's (or of whoever
 * calls), empty, and to be written to by nobody else. 0 or -errno with *e set.
 */
int empty_make(const char *path, struct err *e);

#endif
