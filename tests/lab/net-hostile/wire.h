/* SPDX-License-Identifier: MIT */
/*
 * The store's protocol over /dev/xen/xenbus: one request at a time, with news
 * of what is watched among the answers. For machine.c; the calls that others
 * use are in machine.h.
 */
#ifndef XN_LAB_HOSTILE_WIRE_H
#define XN_LAB_HOSTILE_WIRE_H

#include <stdbool.h>

/* Ends the program when it cannot; flags are added to O_RDWR. */
int device_open(const char *path, int flags);

void wire_open(void);
/* Readable when there is news. */
int wire_fd(void);
/* Whether news came with an answer since this was last asked. */
bool wire_has_changed(void);
/* Takes one piece of news, which must be there. */
void wire_hear_change(void);

#endif
