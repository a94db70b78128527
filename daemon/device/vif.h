/* SPDX-License-Identifier: MIT */
/* What the parts of a vif have of one another. */
#ifndef XN_DEVICE_VIF_H
#define XN_DEVICE_VIF_H

struct device;
struct json;

struct json *vif_figures_json(const struct device *d);

#endif
