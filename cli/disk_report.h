/* SPDX-License-Identifier: MIT */
/* What disks have done so far, for people. */
#ifndef XN_CLI_DISK_REPORT_H
#define XN_CLI_DISK_REPORT_H

struct json;

/* disk: a row of block.list with its figures. Printed on stdout. */
void disk_report(const struct json *disk);

#endif
