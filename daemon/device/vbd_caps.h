/* SPDX-License-Identifier: MIT */
/* What a disk's worker is told of its caps. */
#ifndef XN_DEVICE_VBD_CAPS_H
#define XN_DEVICE_VBD_CAPS_H

struct device;
struct err;

/*
 * To be called before a worker is started, which then serves no request
 * faster. A worker that has just died is no error. 0 or -errno with *e set.
 */
int vbd_send_caps(const struct device *d, struct err *e);

#endif
