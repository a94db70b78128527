/* SPDX-License-Identifier: MIT */
/* The table of formats. */
#include "daemon/device/format.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

static const struct {
	const char *name;
	const char *qemu;
} formats[] = {
	[FORMAT_RAW] = {"raw", "raw"},	     [FORMAT_QCOW] = {"qcow", "qcow"},
	[FORMAT_QCOW2] = {"qcow2", "qcow2"}, [FORMAT_QED] = {"qed", "qed"},
	[FORMAT_VHD] = {"vhd", "vpc"},	     [FORMAT_VHDX] = {"vhdx", "vhdx"},
	[FORMAT_VMDK] = {"vmdk", "vmdk"},    [FORMAT_VDI] = {"vdi", "vdi"},
};

int format_parse(const char *name, enum disk_format *format)
{
	size_t i;

	for (i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		if (strcmp(name, formats[i].name) != 0)
			continue;
		*format = (enum disk_format)i;
		return 0;
	}
	return -EINVAL;
}

const char *format_name(enum disk_format format)
{
	return formats[format].name;
}

const char *format_qemu_name(enum disk_format format)
{
	return formats[format].qemu;
}
