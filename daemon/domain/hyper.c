/* SPDX-License-Identifier: MIT */
/* Domains in the hypervisor: created, limited, listed. */
#include "daemon/domain/hyper.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "daemon/xnd.h"

/*
 * libxl's constants of the same use, in KiB: what Xen charges a PV guest
 * beyond its memory, and how much further its memory map reaches.
 */
#define MAXMEM_EXTRA_KIB 1024
#define MEMMAP_SLACK_KIB (8 * 1024)

/* libxl's default: enough for any guest of ours, and a bound for each. */
#define EVTCHN_PORT_MAX 1023

/* Ours to ask for a domid that Xen chooses; 0 did it before Xen 4.22. */
#ifdef DOMID_ANY
#define DOMID_CHOOSE DOMID_ANY
#else
#define DOMID_CHOOSE 0
#endif

static int create_ports(struct domain *d, struct err *e)
{
	int port = xc_evtchn_alloc_unbound(d->xnd->xc, d->domid, 0);

	if (port < 0)
		return err_errno(e, errno, "cannot allocate the store port");
	d->store_port = (uint32_t)port;
	port = xc_evtchn_alloc_unbound(d->xnd->xc, d->domid, 0);
	if (port < 0)
		return err_errno(e, errno, "cannot allocate the console port");
	d->console_port = (uint32_t)port;
	return 0;
}

int hyper_create(struct domain *d, struct err *e)
{
	uint64_t maxmem_kib = d->config.maxmem_mib * 1024ull;
	struct xen_domctl_createdomain config = {
		.max_vcpus = d->config.maxvcpus,
		.max_evtchn_port = EVTCHN_PORT_MAX,
		.max_grant_frames = -1, /* the hypervisor's default */
		.max_maptrack_frames = -1,
		.grant_opts = XEN_DOMCTL_GRANT_version(1),
	};
	xc_interface *xc = d->xnd->xc;
	uint32_t domid = DOMID_CHOOSE;

	memcpy(config.handle, d->uuid, sizeof(config.handle));
	if (xc_domain_create(xc, &domid, &config) < 0)
		return err_errno(e, errno, "Xen refuses to create a domain");
	d->domid = domid;
	snprintf(d->log_name, sizeof(d->log_name), "d%u/%s", domid,
		 d->config.name);
	if (xc_domain_max_vcpus(xc, domid, d->config.maxvcpus) < 0)
		return err_errno(e, errno, "vcpus: Xen refuses %u vCPUs",
				 d->config.maxvcpus);
	if (xc_domain_setmaxmem(xc, domid, maxmem_kib + MAXMEM_EXTRA_KIB) < 0 ||
	    xc_domain_set_memmap_limit(xc, domid,
				       maxmem_kib + MEMMAP_SLACK_KIB) < 0)
		return err_errno(e, errno,
				 "memory: Xen refuses a limit of "
				 "%u MiB",
				 d->config.maxmem_mib);
	return create_ports(d, e);
}

int hyper_list(xc_interface *xc, xc_domaininfo_t **list, unsigned int *count)
{
	unsigned int room = 64;
	xc_domaininfo_t *got = NULL;

	for (;;) {
		xc_domaininfo_t *more = reallocarray(got, room, sizeof(*got));
		int n;

		if (!more) {
			free(got);
			return -ENOMEM;
		}
		got = more;
		n = xc_domain_getinfolist(xc, 0, room, got);
		if (n < 0) {
			int code = errno;

			free(got);
			return -code;
		}
		if ((unsigned int)n < room) {
			*list = got;
			*count = (unsigned int)n;
			return 0;
		}
		room *= 2;
	}
}
