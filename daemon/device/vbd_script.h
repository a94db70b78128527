/* SPDX-License-Identifier: MIT */
/*
 * A disk with script=: the classic hotplug script is run when the back end's
 * nodes are there ("add"), says in them which block device it has made of the
 * target, and is run again before they go ("remove"). For vbd.c alone.
 */
#ifndef XN_DEVICE_VBD_SCRIPT_H
#define XN_DEVICE_VBD_SCRIPT_H

struct device;
struct err;
struct xs_plan;

/* Of a device with a script in its configuration. 0 or -errno with *e set. */
int vbd_script_new(struct device *d, struct err *e);

/* The nodes that scripts read; none without a script, as for the rest. */
void vbd_script_plan(const struct device *d, struct xs_plan *plan);

#endif
