/* SPDX-License-Identifier: MIT */
/* Sentences for failed builds. */
#include "build/explain.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <xenctrl.h>

#include "base/err.h"
#include "build/image.h"
#include "build/kernel.h"
#include "build/message.h"
#include "chan/msg.h"

/* What the library says of an ELF file or a payload, for a person. */
static const struct {
	const char *said;
	const char *text;
} kernel_faults[] = {
	{"Not a Xen-ELF image", "kernel: no Xen ELF notes: not a PV kernel"},
	{"Will only load images built", "kernel: its Xen ELF notes are not "
					"those of a PV kernel"},
	{"not supported by xen", "kernel: this Xen runs no PV kernels of its "
				 "kind"},
	{"does not support unprivileged", "kernel: runs as dom0 only"},
};

static const struct {
	enum kernel_kind kind;
	const char *text;
} kernel_kinds[] = {
	{KERNEL_UNKNOWN, "kernel: not an ELF or bzImage kernel"},
	{KERNEL_ELF, "kernel: no Xen ELF notes: not a PV kernel"},
	{KERNEL_ELF_BROKEN, "kernel: a corrupt or truncated ELF file"},
	{KERNEL_ELF_OTHER, "kernel: an ELF file, but not for 64-bit x86"},
	{KERNEL_BZIMAGE, "kernel: a bzImage without a PV kernel that can be "
			 "unpacked"},
	{KERNEL_GZIP, "kernel: gzip, and no PV kernel that can be unpacked"},
};

static const char *kernel_fault(const struct explain *x)
{
	const char *said = message_error();
	enum kernel_kind kind;
	size_t i;

	for (i = 0; i < sizeof(kernel_faults) / sizeof(kernel_faults[0]); i++)
		if (strstr(said, kernel_faults[i].said))
			return kernel_faults[i].text;
	kind = kernel_kind(x->image->kernel.bytes, x->image->kernel.size);
	for (i = 0; kernel_kinds[i].kind != kind; i++)
		;
	return kernel_kinds[i].text;
}

void explain_kernel(const struct explain *x, struct err *e)
{
	const char *why = message_unpacking();

	if (!*why && !strstr(message_error(), "no loader found"))
		why = message_error();
	err_set(e, ENOEXEC, *why ? "%s (%s)" : "%s", kernel_fault(x), why);
}

/* In pages, less what other builds have claimed; 0 when Xen does not say. */
static uint64_t free_pages(const struct explain *x)
{
	xc_physinfo_t host;

	if (xc_physinfo(x->xc, &host) != 0 ||
	    host.free_pages < host.outstanding_pages)
		return 0;
	return host.free_pages - host.outstanding_pages;
}

void explain_memory(const struct explain *x, struct err *e)
{
	unsigned int shift = 20 - XC_PAGE_SHIFT; /* pages to MiB */
	uint64_t pages = (uint64_t)x->req->memory_mib << shift;
	int code = errno;
	uint64_t available = free_pages(x);
	xc_domaininfo_t info;

	if (xc_domain_getinfolist(x->xc, x->req->domid, 1, &info) != 1 ||
	    info.domain != x->req->domid) {
		err_set(e, ESRCH, "domain %u does not exist", x->req->domid);
	} else if (info.max_pages < pages) {
		err_set(e, EINVAL,
			"memory: %u MiB is more than the domain's limit of "
			"%ju MiB",
			x->req->memory_mib, (uintmax_t)info.max_pages >> shift);
	} else if (available < pages) {
		err_set(e, ENOMEM,
			"not enough memory: %u MiB wanted, %ju MiB free",
			x->req->memory_mib, (uintmax_t)available >> shift);
	} else {
		errno = code;
		explain_other(x, e);
	}
}

void explain_load(const struct explain *x, struct err *e)
{
	const char *why = message_error();

	if (strstr(why, "too large"))
		err_set(e, EFBIG, "memory: %u MiB is too little for %s (%s)",
			x->req->memory_mib,
			x->image->ramdisk.bytes ? "this kernel and this ramdisk"
						: "this kernel",
			why);
	else
		explain_other(x, e);
}

void explain_other(const struct explain *x, struct err *e)
{
	int code = errno > 0 ? errno : EIO;
	const char *why = message_error();

	(void)x;
	err_errno(e, code, "cannot build the domain%s%s", *why ? ": " : "",
		  why);
}
