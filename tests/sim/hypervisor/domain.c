/* SPDX-License-Identifier: MIT */
/*
 * Domains: made, shut down, destroyed. One of which others have grants mapped
 * when it is destroyed stays, dying, with its memory, until they let go.
 */
#include "tests/sim/hypervisor/hypervisor.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NEVER_SHUT_DOWN (~0u) /* Xen's SHUTDOWN_CODE_INVALID */
#define GPADDR_BITS	46
#define MAX_VCPUS	8192 /* of a PV domain */

static struct {
	struct domain *by_id[DOMAINS];
	uint32_t last; /* domid given */
	uint32_t count;
} domains;

struct domain *domain_find(uint32_t domid)
{
	return domid < DOMAINS ? domains.by_id[domid] : NULL;
}

struct domain *domain_next(uint32_t first_domid)
{
	for (; first_domid < DOMAINS; first_domid++)
		if (domains.by_id[first_domid])
			return domains.by_id[first_domid];
	return NULL;
}

uint32_t domain_count(void)
{
	return domains.count;
}

/* The next above the last one given, and around; 0 when all are taken. */
static uint32_t choose_domid(void)
{
	uint32_t domid = domains.last;

	do {
		domid = domid + 1 < DOMAINS ? domid + 1 : 1;
		if (!domains.by_id[domid])
			return domid;
	} while (domid != domains.last);
	return 0;
}

/* What this machine cannot do or Xen refuses of a PV domain. */
static int check_how(const struct xen_domctl_createdomain *how)
{
	if (how->flags & ~(uint32_t)XEN_DOMCTL_CDF_xs_domain)
		return -EINVAL; /* HVM, HAP, IOMMU… */
	if (how->iommu_opts != 0 || how->vmtrace_size != 0 ||
	    how->cpupool_id != 0)
		return -EINVAL;
	if (how->arch.emulation_flags != 0 ||
	    (how->arch.misc_flags & ~XEN_X86_MSR_RELAXED) != 0)
		return -EINVAL;
	if (how->max_vcpus < 1 || how->max_vcpus > MAX_VCPUS)
		return -EINVAL;
	if (how->max_grant_frames > GRANT_FRAMES)
		return -EINVAL;
	if (XEN_DOMCTL_GRANT_version(how->grant_opts) != 1 &&
	    XEN_DOMCTL_GRANT_version(how->grant_opts) != 2)
		return -EINVAL;
	return 0;
}

static struct domain *domain_new(uint32_t domid,
				 const struct xen_domctl_createdomain *how)
{
	struct domain *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->domid = domid;
	d->shutdown_reason = NEVER_SHUT_DOWN;
	d->pauses = 1; /* until the toolstack has built it */
	d->flags = how->flags;
	d->max_vcpus = how->max_vcpus;
	d->max_evtchn_port = how->max_evtchn_port;
	d->ssidref = how->ssidref;
	memcpy(d->uuid, how->handle, sizeof(d->uuid));
	d->arch = how->arch;
	d->address_width = 64;
	d->max_grant_frames = how->max_grant_frames < 0
				      ? GRANT_FRAMES
				      : (uint32_t)how->max_grant_frames;
	d->shared_info = memory_alloc_shared(d);
	d->grant_frames[0] = memory_alloc_shared(d);
	d->n_grant_frames = 1;
	if (d->shared_info && d->grant_frames[0])
		return d;
	memory_free_all(d, false);
	free(d);
	return NULL;
}

/* The first domain is dom0, whatever is asked for. */
int domain_create(uint32_t *domid, const struct xen_domctl_createdomain *how)
{
	int rc = check_how(how);
	struct domain *d;

	if (rc < 0)
		return rc;
	if (domains.count == 0) {
		*domid = 0;
	} else if (*domid == 0 || *domid >= DOMID_FIRST_RESERVED) {
		*domid = choose_domid();
		if (*domid == 0)
			return -ENOMEM;
		domains.last = *domid;
	} else if (*domid >= DOMAINS) {
		return -EINVAL;
	} else if (domains.by_id[*domid]) {
		return -EEXIST;
	}
	d = domain_new(*domid, how);
	if (!d)
		return -ENOMEM;
	domains.by_id[*domid] = d;
	domains.count++;
	return 0;
}

void domain_grants_gone(struct domain *d)
{
	if (!d->dying || d->grants_mapped > 0)
		return;
	memory_free_all(d, client_speaks_for(d->domid));
	domains.by_id[d->domid] = NULL;
	domains.count--;
	free(d);
	port_raise_virq(VIRQ_DOM_EXC);
}

/* Of one that is dying already there is nothing left to do. */
int domain_destroy(struct domain *d)
{
	if (d->domid == 0)
		return -EINVAL;
	if (d->dying)
		return 0;
	d->dying = true;
	port_close_all_of_domain(d);
	port_raise_virq(VIRQ_DOM_EXC);
	domain_grants_gone(d);
	return 0;
}

void domain_shutdown(struct domain *d, uint32_t reason)
{
	if (d->shut_down)
		return;
	d->shut_down = true;
	d->shutdown_reason = reason;
	port_raise_virq(VIRQ_DOM_EXC);
}

void domain_resume(struct domain *d)
{
	d->shut_down = false;
	d->shutdown_reason = NEVER_SHUT_DOWN;
}

static uint32_t info_flags(const struct domain *d)
{
	uint32_t flags = d->shutdown_reason << XEN_DOMINF_shutdownshift;

	if (d->dying)
		flags |= XEN_DOMINF_dying;
	if (d->shut_down)
		flags |= XEN_DOMINF_shutdown;
	if (d->pauses > 0)
		flags |= XEN_DOMINF_paused;
	if (d->flags & XEN_DOMCTL_CDF_xs_domain)
		flags |= XEN_DOMINF_xs_domain;
	if (d->domid == 0)
		flags |= XEN_DOMINF_running;
	else if (d->have_context)
		flags |= XEN_DOMINF_blocked;
	return flags;
}

void domain_info(const struct domain *d, xc_domaininfo_t *info)
{
	memset(info, 0, sizeof(*info));
	info->domain = (domid_t)d->domid;
	info->flags = info_flags(d);
	info->tot_pages = d->tot_pages;
	info->max_pages = d->max_pages;
	info->outstanding_pages = d->claimed;
	info->shared_info_frame = d->shared_info;
	info->nr_online_vcpus = d->domid == 0 || d->have_context ? 1 : 0;
	info->max_vcpu_id = d->max_vcpus - 1;
	info->ssidref = d->ssidref;
	memcpy(info->handle, d->uuid, sizeof(info->handle));
	info->gpaddr_bits = GPADDR_BITS;
	info->arch_config = d->arch;
}
