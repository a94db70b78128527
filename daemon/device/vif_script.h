/* SPDX-License-Identifier: MIT */
/*
 * A vif with script=: the tap is made, with the name that it keeps, and a
 * classic hotplug script puts it where it belongs when the back end's nodes are
 * there ("online"), and takes it away before they go ("offline"). Nothing else
 * is done about its place then. For vif.c alone.
 */
#ifndef XN_DEVICE_VIF_SCRIPT_H
#define XN_DEVICE_VIF_SCRIPT_H

struct device;
struct err;
struct xs_plan;

/* Of a device with a script in its configuration. 0 or -errno with *e set. */
int vif_script_new(struct device *d, struct err *e);

/* The nodes that scripts read of a vif's place. */
void vif_script_plan(const struct device *d, struct xs_plan *plan);

#endif
