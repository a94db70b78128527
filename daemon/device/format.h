/* SPDX-License-Identifier: MIT */
/*
 * Formats of disk images. xn-blk knows raw; the others are qemu-nbd's affair.
 * None is ever guessed: a guest that writes a header of another format into
 * its raw disk would be shown any file of the host.
 */
#ifndef XN_DEVICE_FORMAT_H
#define XN_DEVICE_FORMAT_H

enum disk_format {
	FORMAT_RAW,
	FORMAT_QCOW,
	FORMAT_QCOW2,
	FORMAT_QED,
	FORMAT_VHD,
	FORMAT_VHDX,
	FORMAT_VMDK,
	FORMAT_VDI,
};

/* All of them, as an error lists them. */
#define FORMAT_NAMES "raw, qcow2, qcow, qed, vhd, vhdx, vmdk, vdi"

/* 0 or -EINVAL. */
int format_parse(const char *name, enum disk_format *format);

const char *format_name(enum disk_format format);

/* As QEMU calls it. */
const char *format_qemu_name(enum disk_format format);

#endif
