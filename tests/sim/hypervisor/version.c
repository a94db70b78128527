/* SPDX-License-Identifier: MIT */
/* Which Xen this claims to be: the one whose headers it was built with. */
#include "tests/sim/hypervisor/hypervisor.h"

#include <errno.h>
#include <string.h>
#include <xen/features.h>

#define XEN_MAJOR     4
#define XEN_MINOR     17
#define VIRTUAL_START 0xffff800000000000ul /* of Xen's share of every space */

static int64_t give_text(struct client *c, uint64_t to, const char *text,
			 size_t room)
{
	char out[1024] = {0};

	memcpy(out, text, strlen(text));
	return client_write(c, to, out, room);
}

static int64_t give_compile_info(struct client *c, uint64_t to)
{
	const xen_compile_info_t info = {
		.compiler = "xn-sim",
		.compile_by = "xn",
		.compile_domain = "xn",
		.compile_date = "today",
	};

	return client_write(c, to, &info, sizeof(info));
}

static int64_t give_features(struct client *c, uint64_t to)
{
	xen_feature_info_t info;

	if (client_read(c, &info, to, sizeof(info)) < 0)
		return -EFAULT;
	if (info.submap_idx > 0)
		return -EINVAL;
	info.submap = 1u << XENFEAT_memory_op_vnode_supported;
	if (client_domain(c)->domid == 0)
		info.submap |= 1u << XENFEAT_dom0;
	return client_write(c, to, &info, sizeof(info));
}

int64_t version_op(struct client *c, uint32_t command, uint64_t at)
{
	const xen_platform_parameters_t platform = {VIRTUAL_START};

	switch (command) {
	case XENVER_version:
		return XEN_MAJOR << 16 | XEN_MINOR;
	case XENVER_extraversion:
		return give_text(c, at, ".0-sim", sizeof(xen_extraversion_t));
	case XENVER_compile_info:
		return give_compile_info(c, at);
	case XENVER_capabilities:
		return give_text(c, at, "xen-3.0-x86_64 ",
				 sizeof(xen_capabilities_info_t));
	case XENVER_changeset:
		return give_text(c, at, "simulated",
				 sizeof(xen_changeset_info_t));
	case XENVER_platform_parameters:
		return client_write(c, at, &platform, sizeof(platform));
	case XENVER_get_features:
		return give_features(c, at);
	case XENVER_pagesize:
		return 4096;
	case XENVER_guest_handle:
		return client_write(c, at, client_domain(c)->uuid,
				    sizeof(xen_domain_handle_t));
	case XENVER_commandline:
		return give_text(c, at, "", sizeof(xen_commandline_t));
	case XENVER_build_id:
		return -ENODATA;
	}
	return hypercall_unknown(c, "xen_version", __HYPERVISOR_xen_version,
				 command);
}
