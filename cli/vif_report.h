/* SPDX-License-Identifier: MIT */
/* What vifs have done so far, for people. */
#ifndef XN_CLI_VIF_REPORT_H
#define XN_CLI_VIF_REPORT_H

struct json;

/* vif: a row of network.list with its figures. Printed on stdout. */
void vif_report(const struct json *vif);

#endif
